// bench/load/pgbench_peer.hpp - pgbench on a scratch server, and its CPU time as the kernel counts
// it.
#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cost.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::bench {

struct PgbenchPeer {
    std::filesystem::path program;
    const postgres::ScratchServer* server = nullptr;

    Status fill(int scale, Deadline deadline) const;
    // Prepared statements, one thread, the script until the time is over.
    Result<Cost> run(const std::filesystem::path& script, int scale, int connections, int seconds,
                     Deadline deadline) const;
};

}  // namespace hone::bench
