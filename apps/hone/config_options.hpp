// apps/hone/config_options.hpp - ties the configuration to the options of the command line: every
// long option is a key, without a list to keep in step.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "config.hpp"

namespace CLI {
class App;
}

namespace hone::app {

// Those that a file may not decide for a person are left out: --yes, --allow-restart.
std::vector<KnownOption> configurable_options(CLI::App& app);

// Makes the configured values the options' defaults, checked as on the command line.
Status apply_configuration(CLI::App& app, const Configuration& configuration);

struct EffectiveOption {
    std::string key;
    std::string value;   // "" where neither flag nor configuration says anything
    std::string origin;  // "flag", "default", or that of the configuration
};
// As they hold in this run; what may be a password is left out.
std::vector<EffectiveOption> effective_options(CLI::App& app, const Configuration& configuration);

}  // namespace hone::app
