// prove/measurement.hpp - one load, measured round by round, and what follows from it.
//
// Errors   as prove/pgbench.hpp and prove/compare/usage.hpp; no number comes from a load that failed.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "model/verdict.hpp"
#include "prove/instances.hpp"
#include "prove/schedule.hpp"

namespace hone::prove {

// Of one server, slice by slice.
struct ArmSeries {
    std::vector<double> rates;         // transactions per second
    std::vector<double> transactions;  // in the slice
    // At the beginning of each slice, and after the last one: so that what a server does for a
    // slice while it waits for the next (checkpoints, vacuum) is counted, too.
    std::vector<Usage> usages;
};

struct Measurement {
    std::array<ArmSeries, kArms> arms;  // by Arm
};

struct LoadRun {
    Pgbench pgbench;
    int clients = 1;
    int threads = 1;
    int scale = 1;
    std::uint64_t seed = 0;
    // Where this load is in the whole experiment, for the progress: seconds before it, of seconds.
    double seconds_before = 0;
    double seconds_in_all = 1;
};

// A checkpoint, a discarded slice of each server, then the rounds.
Result<Measurement> measure(Instances& instances, const LoadSchedule& schedule, const LoadRun& run,
                            Progress& progress, Deadline deadline);

// `loads_judged`: how many loads share the run's error rate. Pure.
WorkloadEvidence evidence_from(const Measurement& measurement, const LoadSchedule& schedule,
                               const LoadRun& run, int loads_judged);

}  // namespace hone::prove
