// prove/experiment.hpp - is the plan faster? Measured on scratch servers, never on the target.
//
// Shape    three servers with the same data (prove/scratch_servers.hpp), two with the current
//          settings and one with the planned ones; pgbench as the load; compared in short slices
//          (prove/compare/comparison.hpp).
// Errors   invalid_argument: too little time, or binaries of another version than the plan's;
//          deadline_exceeded. A server that does not boot, a missing pgbench and a load that fails
//          are no Errors: their workloads are "not run", with the reason.
// Cost     the seconds asked for, and about 20 s for making the data and warming up.
// Threads  one; it starts and ends its own processes.
// Limits   pgbench's data and not the target's; see docs/reference/prove.md for what that means.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/server.hpp"
#include "model/plan.hpp"
#include "model/verdict.hpp"

namespace hone::prove {

struct ProveOptions {
    std::filesystem::path bin_directory;     // whose programs
    std::optional<postgres::Server> server;  // whose files say what is current; none: see plan
    std::filesystem::path cache_folder;      // of skeletons; "" for one of the owner's own
    std::filesystem::path scratch_folder;    // "" for /tmp, or /var/tmp where /tmp is in memory
    Bytes memory_limit;                      // of this machine
    double cores = 1;                        // of this machine
    double seconds = 120;                    // of measuring at most, for all loads together
    // A load ends when its interval is within this (0.02: 2 %) on both sides; 0: it uses its time.
    double wanted_half_width = 0;
    std::vector<std::string> loads;  // names; empty: all
    int scale = 10;
    std::uint64_t seed = 0;
};

Result<Evidence> prove(const Plan& plan, const ProveOptions& options, Progress& progress,
                       Deadline deadline);

// How many clients keep so many cores busy: two for each core, at least 2, at most 32.
int clients_for(double cores);

}  // namespace hone::prove
