// prove/bench/run.hpp - one workload on one scratch server: what it does, how long it takes, what it
// costs.
//
// Shape    the data is made, the server is restarted with the configuration, and the load generator
//          runs the preset's open loop (or its closed loop). With a reference, the same data is
//          first measured on three more servers (prove/bench/contest.hpp): two with PostgreSQL's
//          defaults and one with the configuration.
// Errors   as the source, the servers and the generator; cancelled on Ctrl-C. Nothing is left behind
//          whatever happens.
// Cost     the seconds asked for, and the making of the data.
// Threads  one, beside the generator's own.
// Source   docs/reference/bench.md
#pragma once

#include <optional>

#include "prove/bench/contest.hpp"
#include "prove/bench/result.hpp"
#include "prove/bench/servers.hpp"

namespace hone::prove {

struct BenchRunOptions {
    Configuration configuration;
    double seconds = 60;  // of load, warm-up included
    double timeout_seconds = 30;
    std::optional<int> connections;
    int threads = 1;
    std::uint64_t seed = 0;
    // Seconds of slices to measure it against the reference with.
    std::optional<double> reference_seconds;
};

Result<BenchResult> run_bench(BenchSource& source, const BenchPlace& place,
                              const BenchRunOptions& options, Progress& progress,
                              Deadline deadline);

}  // namespace hone::prove
