// prove/compare/judgement.hpp - from two estimates to a verdict, and a sentence that says why.
//
// Shape    pure. A verdict of faster or slower needs all three: the interval excludes 1; it still
//          does when it is widened for the number of workloads judged; and the ratio lies outside
//          what two equal servers showed in the same minutes (the control's interval).
#pragma once

#include <string>

#include "model/verdict.hpp"
#include "prove/compare/statistics.hpp"

namespace hone::prove {

// "No difference" means that the whole interval lies within 1 / 1.05 and 1.05: a smaller change is
// not worth a restart.
inline constexpr double kBandWidth = 0.05;
Interval equivalence_band();

struct Judgement {
    Verdict verdict = Verdict::kCannotTell;
    std::string sentence;        // "19 % faster (95 % interval: 12 % to 27 % faster); ..."
    double smallest_effect = 0;  // that would have been found in 4 of 5 such runs
};

Judgement judge(const Estimate& effect, const Estimate& control);
// The control by itself: equal settings on both sides, so that "faster" or "slower" here means a
// bias of the experiment.
Verdict judge_control(const Estimate& control);

// "19 % faster", "4 % slower", "the same": a ratio of rates for people.
std::string ratio_for_people(double ratio);
// "3 % slower to 12 % faster".
std::string interval_for_people(const Interval& interval);

}  // namespace hone::prove
