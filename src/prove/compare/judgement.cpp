#include "prove/compare/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hone::prove {

namespace {

constexpr double kNormalQuantileOfPower = 0.8416;  // of 80 %

bool contains(const Interval& interval, double ratio) {
    return interval.low <= ratio && ratio <= interval.high;
}

bool lies_within(const Interval& inner, const Interval& outer) {
    return outer.low <= inner.low && inner.high <= outer.high;
}

bool overlap(const Interval& a, const Interval& b) {
    return a.low <= b.high && b.low <= a.high;
}

// How far from "equal" the control's interval reaches, in log ratio.
double control_reach(const Estimate& control) {
    return std::abs(control.log_ratio) + control.half_width;
}

// The true log ratio at which four of five estimates would pass every hurdle of judge().
double smallest_log_effect(const Estimate& effect, const Estimate& control) {
    const double band = std::log1p(kBandWidth);
    const double hurdle =
        std::max({effect.strict_half_width, control_reach(control), band - effect.half_width});
    return hurdle + kNormalQuantileOfPower * effect.standard_error;
}

std::string smallest_effect_for_people(double smallest_effect) {
    return fmt::format("this run could have found a change of {:.0f} % or more",
                       std::ceil(smallest_effect * 100));
}

Judgement cannot_tell(std::string because, double smallest_effect) {
    return {
        Verdict::kCannotTell,
        fmt::format("Cannot tell: {}; {}.", because, smallest_effect_for_people(smallest_effect)),
        smallest_effect};
}

Judgement found(const Estimate& effect, const Estimate& control, double smallest_effect) {
    const bool faster = effect.log_ratio > 0;
    std::string amount = ratio_for_people(effect.ratio());
    return {faster ? Verdict::kFaster : Verdict::kSlower,
            fmt::format("{} (95 % interval: {}); two equal servers in the same minutes: {}.",
                        amount, interval_for_people(effect.interval()),
                        interval_for_people(control.interval())),
            smallest_effect};
}

}  // namespace

Interval equivalence_band() {
    return {1 / (1 + kBandWidth), 1 + kBandWidth};
}

std::string ratio_for_people(double ratio) {
    const double percent = (ratio - 1) * 100;
    if (ratio >= 2) return fmt::format("{:.1f} times as fast", ratio);
    if (std::abs(percent) < 0.05) return "the same";
    const std::string amount = std::abs(percent) < 9.95
                                   ? fmt::format("{:.1f} %", std::abs(percent))
                                   : fmt::format("{:.0f} %", std::abs(percent));
    return amount + (percent > 0 ? " faster" : " slower");
}

std::string interval_for_people(const Interval& interval) {
    return ratio_for_people(interval.low) + " to " + ratio_for_people(interval.high);
}

Judgement judge(const Estimate& effect, const Estimate& control) {
    const double smallest_effect = std::expm1(smallest_log_effect(effect, control));
    const std::string interval = interval_for_people(effect.interval());
    if (!overlap(control.interval(), equivalence_band()))
        return cannot_tell(fmt::format("two equal servers differed as well ({})",
                                       interval_for_people(control.interval())),
                           smallest_effect);
    if (lies_within(effect.interval(), equivalence_band()))
        return {Verdict::kNoDifference,
                fmt::format("No difference that matters: the whole 95 % interval ({}) lies "
                            "within {:.0f} %.",
                            interval, kBandWidth * 100),
                smallest_effect};
    if (contains(effect.interval(), 1))
        return cannot_tell(fmt::format("the 95 % interval ({}) includes no change", interval),
                           smallest_effect);
    if (contains(effect.strict_interval(), 1))
        return cannot_tell(
            fmt::format("the 95 % interval ({}) leaves out no change, but not by enough for the "
                        "number of workloads that were judged",
                        interval),
            smallest_effect);
    if (contains(control.interval(), effect.ratio()))
        return cannot_tell(
            fmt::format("{}, but two equal servers in the same minutes showed {}",
                        ratio_for_people(effect.ratio()), interval_for_people(control.interval())),
            smallest_effect);
    return found(effect, control, smallest_effect);
}

Verdict judge_control(const Estimate& control) {
    if (lies_within(control.interval(), equivalence_band())) return Verdict::kNoDifference;
    if (contains(control.interval(), 1)) return Verdict::kCannotTell;
    return control.log_ratio > 0 ? Verdict::kFaster : Verdict::kSlower;
}

}  // namespace hone::prove
