// apps/hone/completion.hpp - completion scripts for shells, made from the command line itself, so
// that they know every command and option of this build.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace hone::app {

// `shell`: bash, zsh or fish; invalid_argument for any other.
Result<std::string> completion_script(CLI::App& app, std::string_view shell);

}  // namespace hone::app
