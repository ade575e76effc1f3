// apps/hone/terminal_progress.hpp - progress on stderr: one redrawn line on a terminal, a plain
// line per step elsewhere.
#pragma once

#include <memory>

#include "base/progress.hpp"

namespace hone::app {

std::unique_ptr<Progress> make_terminal_progress();

}  // namespace hone::app
