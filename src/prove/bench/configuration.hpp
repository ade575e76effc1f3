// prove/bench/configuration.hpp - what a server of a bench is set to, as a person names it.
//
// Shape    "default": PostgreSQL's own defaults; "current": what the target's files say, without
//          what ties them to it; a plan's file: its changes on top of the other two (current where
//          there is a target, else default); a postgresql.conf: its lines, detached likewise.
// Errors   not_found, permission_denied: the file; data_loss, invalid_argument: a plan that was cut
//          off, a configuration file with a line that is no setting, a plan for another version;
//          failed_precondition: "current" without a target.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "engines/postgres/config_file.hpp"

namespace hone::prove {

struct Configuration {
    std::string name;  // "default", "current", "plan 0123456789ab", "tuned.conf"
    std::vector<postgres::ConfigEntry> settings;
};

struct ConfigurationBase {
    int server_version = 0;  // major
    // detached_settings() of the target; none: there is no target.
    std::optional<std::vector<postgres::ConfigEntry>> current;
};

Result<Configuration> read_configuration(const std::string& word, const ConfigurationBase& base);

// Scales shared_buffers of all that live at once by one factor where they would not fit. The caveat
// that says so; none where all fit.
std::optional<std::string> fit_into_memory(std::span<Configuration* const> configurations,
                                           Bytes memory_limit);

}  // namespace hone::prove
