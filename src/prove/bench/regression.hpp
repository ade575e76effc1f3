// prove/bench/regression.hpp - is it slower than it was? Against a baseline of another hour.
//
// Shape    pure. Machines differ from hour to hour, so neither run's own rates are compared, but
//          each run's ratio to a reference server (PostgreSQL's defaults, same data) that was
//          measured in the same rounds. The change is the difference of the two mean log ratios; its
//          interval comes from the two intervals.
// Errors   failed_precondition: the two are of different benches, or one has no reference.
// Source   Zou, Donner, "Construction of confidence limits about effect measures" (Statistics in
//          Medicine 27, 2008): the interval of a difference from the intervals of its parts.
#pragma once

#include <string>

#include "prove/bench/result.hpp"

namespace hone::prove {

// A smaller slow-down is not worth an alarm.
inline constexpr double kSmallestRegression = 0.05;
// Two runs that could not even have seen this much say nothing.
inline constexpr double kTooBlind = 0.25;

enum class RegressionVerdict { kRegression, kNoneFound, kCannotTell };
std::string_view to_string(RegressionVerdict verdict);

struct Regression {
    RegressionVerdict verdict = RegressionVerdict::kCannotTell;
    double ratio = 1;            // now over then, each against its reference; below 1: slower
    Interval interval;           // 95 %
    double could_have_seen = 0;  // the smallest slow-down (0.07: 7 %) found in 4 of 5 such pairs
    std::string sentence;
    std::vector<std::string> caveats;
};

Result<Regression> judge_regression(const BenchResult& baseline, const BenchResult& now);

json::object to_json(const Regression& regression);

}  // namespace hone::prove
