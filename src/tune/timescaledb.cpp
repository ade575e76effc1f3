#include <fmt/format.h>

#include <algorithm>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr int kOwnWorkers = 3;  // launcher and schedulers, as the extension's makers count them
constexpr int kDefaultBackgroundWorkers = 16;
constexpr int kLocksPerTransaction = 256;

}  // namespace

// Chunks are tables: each takes locks, and each database's jobs take workers.
void plan_timescaledb(const Situation& situation, Draft& draft) {
    if (!is_preloaded(draft, "timescaledb")) return;
    const int jobs = static_cast<int>(
        draft.number("timescaledb.max_background_workers", kDefaultBackgroundWorkers));
    const int parallel = static_cast<int>(draft.number("max_parallel_workers", 8));
    const int wanted = kOwnWorkers + jobs + parallel;
    if (wanted > draft.number("max_worker_processes", 8))
        draft.propose({"timescaledb.max_worker_processes",
                       "max_worker_processes",
                       fmt::format("{}", wanted),
                       fmt::format("TimescaleDB's {} job workers, {} of its own and {} parallel "
                                   "workers share one pool.",
                                   jobs, kOwnWorkers, parallel),
                       {{"timescaledb.max_background_workers", fmt::format("{}", jobs)},
                        {"max_parallel_workers", fmt::format("{}", parallel)}}});
    if (situation.base_profile == Profile::kLowMemory) return;
    if (draft.current_number("max_locks_per_transaction", 64) >= kLocksPerTransaction) return;
    draft.propose({"timescaledb.max_locks_per_transaction",
                   "max_locks_per_transaction",
                   fmt::format("{}", kLocksPerTransaction),
                   "A query over a hypertable locks each of its chunks and their indexes.",
                   {}});
}

}  // namespace hone::tune
