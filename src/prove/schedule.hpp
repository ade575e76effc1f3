// prove/schedule.hpp - who is measured when: short slices of three servers, in rounds.
//
// Shape    two servers run the current settings (kCurrent, kControl) and one the planned ones
//          (kPlanned). A round measures each of them once, in an order that is drawn anew for every
//          round. Pure. Why drawn and not A B C, C B A: a disturbance with a rhythm of its own (a
//          cron job, a neighbour) can keep step with any fixed pattern, and then hits one server in
//          round after round; against a drawn order it cannot, and the rounds are independent of
//          each other whatever the machine does, which is what the interval stands on.
//          honesty_test.cpp measures it: with mirrored orders a hog of 7.3 s made 13 false verdicts
//          in 300 trials, with drawn ones 1.
// Errors   invalid_argument: too little time for kFewestPairs rounds of every load.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "prove/pgbench_loads.hpp"

namespace hone::prove {

enum class Arm { kCurrent, kControl, kPlanned };
inline constexpr std::size_t kArms = 3;
using Round = std::array<Arm, kArms>;

// Longer slices hold more of what comes seldom (checkpoints), more rounds narrow the interval: a
// slice grows past one second only where this many rounds are left.
inline constexpr int kComfortableRounds = 14;
// A day: more than anybody means.
inline constexpr double kLongestSeconds = 86400;

struct LoadSchedule {
    const Load* load = nullptr;
    int slice_seconds = 1;
    std::vector<Round> rounds;
    double seconds() const;
};

// `seconds` of measuring for all loads together, split evenly.
Result<std::vector<LoadSchedule>> make_schedule(std::span<const Load* const> loads, double seconds,
                                                std::uint64_t seed);
// The least that make_schedule accepts.
double fewest_seconds(std::size_t loads);

}  // namespace hone::prove
