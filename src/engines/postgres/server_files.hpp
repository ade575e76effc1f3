// engines/postgres/server_files.hpp - from a folder that a person names to the data folder and the
// configuration file of the server on it.
//
// Errors   not_found: neither a data folder nor a configuration folder; permission_denied.
// Threads  free functions.
// Source   Debian: pg_createcluster(1) puts the configuration into /etc/postgresql/VERSION/CLUSTER.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engines/postgres/config_file.hpp"

namespace hone::postgres {

struct ServerFiles {
    std::filesystem::path data_directory;    // canonical
    std::filesystem::path config_file;       // "" where out of reach
    std::string cluster;                     // "15/main" of a Debian cluster
    std::vector<std::string> start_command;  // of postmaster.opts; empty where it never ran
};

// `folder`: the data folder, or the folder that holds postgresql.conf.
Result<ServerFiles> find_server_files(const std::filesystem::path& folder);

// The value of a setting before the server says so itself: command line, then files; none where
// neither has it.
std::optional<std::string> configured_value(const ServerFiles& files, const ConfigTree& tree,
                                            std::string_view setting);

}  // namespace hone::postgres
