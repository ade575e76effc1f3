// engines/postgres/state.hpp - what a running server says of itself; what a stopped one's files
// say.
//
// Errors   permission_denied: the role may not see what is needed; the message lists the exact
//          GRANTs. Statistics that cannot be read are absent, with a notice, and never a failure.
// Cost     about ten catalogue queries, each with a 5 s statement deadline.
// Threads  one connection, one thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/connection.hpp"
#include "engines/postgres/server.hpp"
#include "model/plan.hpp"
#include "model/setting.hpp"
#include "model/statistics.hpp"

namespace hone::postgres {

// ALTER DATABASE / ALTER ROLE ... SET; "" database: all databases, "" role: all roles.
struct RoleSetting {
    std::string database;
    std::string role;
    std::string setting;
    std::string value;
};

struct ServerState {
    Catalogue catalogue;
    SettingStates settings;
    std::vector<RoleSetting> role_settings;
    ServerStatistics statistics;
    std::vector<std::string> available_libraries;  // file names without ".so" in $libdir that may
                                                   // be preloaded, where in reach
    std::vector<Notice> notices;  // "pg_stat_wal is not readable: GRANT pg_monitor TO x"
};

Result<ServerState> read_state(Connection& connection, const Server& server, Deadline deadline);

// The same for a stopped server: catalogue from its binary, settings from its files on top of the
// defaults.
Result<ServerState> read_state_from_files(const Server& server,
                                          const std::filesystem::path& cache_folder,
                                          Deadline deadline);

// What this build of PostgreSQL has: boots a skeleton of it (engines/postgres/skeleton.hpp) and
// reads pg_settings; cached by the binary's path, size and modification time.
Result<Catalogue> catalogue_of_binary(const std::filesystem::path& bin_directory,
                                      const std::filesystem::path& cache_folder, Deadline deadline);

// SHA-256 over what a plan stands on: version, system identifier, the bytes of every configuration
// file, role settings and the command line. Statistics are not in it.
Result<std::string> state_hash(const Server& server, const ServerState& state);

// The library folder's loadable names: what shared_preload_libraries may name.
std::vector<std::string> available_libraries(const std::filesystem::path& bin_directory);

}  // namespace hone::postgres
