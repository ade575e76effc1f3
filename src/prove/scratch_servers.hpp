// prove/scratch_servers.hpp - several running servers with the same data and settings of their own.
//
// Shape    the data is made once (or given), in the first server; the folders of the others are copies of its,
//          made while it was stopped. All of them run when make_servers returns.
// Errors   failed_precondition: a server does not boot, with the reason and the side's name; what
//          filling and the operating system say otherwise.
// Cost     one filling, and the data's size on disk for each server.
// Threads  one, and the servers end with it (engines/postgres/scratch.hpp).
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/connection.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::prove {

struct ServerSide {
    std::string what;  // for errors: "the planned settings"
    std::vector<postgres::ConfigEntry> settings;
};

struct ScratchServersOptions {
    std::filesystem::path bin_directory;
    Identity owner;
    std::filesystem::path parent_folder;
    std::filesystem::path cache_folder;
    // A stopped cluster's folder, where the data is not made but given; "" for an empty cluster.
    std::filesystem::path template_data;
};

// Makes the data in a running server. It is stopped cleanly and copied afterwards.
using Filling = std::function<Status(postgres::ScratchServer& server, Deadline deadline)>;

// In the order of `sides`. Requires at least one.
Result<std::vector<postgres::ScratchServer>> make_servers(const ScratchServersOptions& options,
                                                          std::span<const ServerSide> sides,
                                                          const Filling& fill, Progress& progress,
                                                          Deadline deadline);

// A table or a checkpoint of it may take this long.
inline constexpr Seconds kStatementPatience{600};
Status run_statements(const postgres::ScratchServer& server,
                      const std::vector<std::string>& statements, Deadline deadline);
// Reads the tables and indexes of schema `public` into shared_buffers, so that a large cache is not
// measured while it is cold. False where the build has no pg_prewarm.
bool prewarm(const postgres::ScratchServer& server, Deadline deadline);
// How many clients max_connections leaves room for, beside hone's own connection and autovacuum.
Result<int> client_room(const postgres::ScratchServer& server, Deadline deadline);
Result<Bytes> data_size(const postgres::ScratchServer& server, Deadline deadline);

}  // namespace hone::prove
