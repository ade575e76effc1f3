// prove/load_time.hpp - how the time of an experiment is shared among its loads.
//
// Shape    pure. Three servers are measured in rounds (prove/compare/rounds.hpp), load after load.
//          Time that one load leaves, because its intervals became narrow, is the next ones'.
#pragma once

#include <cstddef>

#include "base/result.hpp"
#include "prove/pgbench_loads.hpp"

namespace hone::prove {

inline constexpr std::size_t kServers = 3;
// Longer slices hold more of what comes seldom (checkpoints), more rounds narrow the interval: a
// slice grows past one second only where this many rounds are left, and nobody looks whether the
// intervals are narrow before as many.
inline constexpr int kComfortableRounds = 14;

// invalid_argument: too little time for kFewestPairs rounds of every load, or more than a day.
Status check_time(std::size_t loads, double seconds);
// Of a load that has so many seconds.
int slice_seconds_for(const Load& load, double seconds);

}  // namespace hone::prove
