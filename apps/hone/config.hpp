// apps/hone/config.hpp - what hone.toml and the environment say about options that the command line
// leaves open.
//
// Shape    strongest first: flag, HONE_* of the environment, --config FILE, conf.d/*.toml of the
//          folder (a later name wins), hone.toml of the folder, the option's own default. A key is
//          an option's long name with underscores; a command's options are in a table of its name.
// Errors   invalid_argument: not TOML, an unknown key, a value of the wrong kind, each with file,
//          line and column; not_found: the file of --config; permission_denied.
// Limits   1 MiB a file.
// Source   docs/reference/config.md
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace hone::app {

struct KnownOption {
    std::string key;  // "timeout", "plan.workload", "bench.run.seconds"
    bool is_flag = false;
    bool takes_many = false;
};

struct ConfiguredValue {
    std::vector<std::string> values;  // of a flag, "true" or "false"
    std::string origin;               // "/etc/hone/hone.toml line 3 column 1", "HONE_TIMEOUT"
};
using Configuration = std::map<std::string, ConfiguredValue>;  // by key

struct ConfigSources {
    std::filesystem::path folder;               // of hone.toml and conf.d; may be absent
    std::optional<std::filesystem::path> file;  // --config
    std::vector<std::pair<std::string, std::string>> environment;  // HONE_* variables
};
// What this process was given: --config of the arguments, or HONE_CONFIG; HONE_CONFIG_DIR, or
// /etc/hone.
ConfigSources config_sources(int argc, char** argv);

Result<Configuration> read_configuration(const ConfigSources& sources,
                                         const std::vector<KnownOption>& options);
// HONE_* variables that are no option's, hone's own other variables left aside.
std::vector<std::string> unknown_variables(const ConfigSources& sources,
                                           const std::vector<KnownOption>& options);

}  // namespace hone::app
