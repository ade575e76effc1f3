// prove/bench/servers.hpp - the scratch servers of a bench: one data, a configuration each.
//
// Errors   as make_servers and the source's fill().
// Cost     the source's data once for each server, on disk.
// Threads  one; the servers end with it.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/scratch.hpp"
#include "prove/bench/configuration.hpp"
#include "prove/bench/result.hpp"
#include "prove/bench/source.hpp"

namespace hone::prove {

struct BenchPlace {
    std::filesystem::path bin_directory;
    Identity owner;                       // of the servers
    std::filesystem::path parent_folder;  // of theirs
    std::filesystem::path cache_folder;   // of skeletons
    Bytes memory_limit;                   // of this machine
    double cores = 1;                     // of this machine
    // As far as the caller knows it; what the server says is filled in.
    BenchMachine machine;
};

// In the order of `configurations`; all run, with their caches warm where the build has pg_prewarm.
Result<std::vector<postgres::ScratchServer>> make_bench_servers(
    BenchSource& source, const BenchPlace& place, std::span<const Configuration> configurations,
    Progress& progress, Deadline deadline);

// What its configuration changed.
Result<std::map<std::string, std::string>> changed_settings(const postgres::ScratchServer& server,
                                                            Deadline deadline);

// `wanted`, or four for each core, 8 to 32; never more than all servers have room for.
Result<int> connections_for(std::optional<int> wanted, double cores,
                            std::span<const postgres::ScratchServer> servers, Deadline deadline);

}  // namespace hone::prove
