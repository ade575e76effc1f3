#include "prove/bench/regression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "prove/bench/fields.hpp"
#include "prove/compare/judgement.hpp"
#include "prove/compare/statistics.hpp"

namespace hone::prove {

namespace {

constexpr double kNormalQuantileOfPower = 0.8416;  // of 80 %

struct Difference {
    double log_ratio = 0;
    double half_width = 0;
    double standard_error = 0;
    // How far two equal servers lay apart in the two runs: a server that was made anew is never
    // quite like the last one, which the rounds of one run cannot show.
    double between_equals = 0;
};

Difference difference_of(const ReferenceFigures& now, const ReferenceFigures& then) {
    const Estimate a = estimate(now.log_ratios, 1, 0);
    const Estimate b = estimate(then.log_ratios, 1, 0);
    return {
        .log_ratio = a.log_ratio - b.log_ratio,
        .half_width = std::hypot(a.half_width, b.half_width),
        .standard_error = std::hypot(a.standard_error, b.standard_error),
        .between_equals = std::hypot(std::log(now.control.ratio), std::log(then.control.ratio))};
}

// As a share that is lost: 0.07 of a log ratio of -0.0726.
double slow_down(double log_ratio) {
    return -std::expm1(-log_ratio);
}

double hurdle_of(const Difference& difference) {
    return std::max(
        {difference.half_width, difference.between_equals, -std::log1p(-kSmallestRegression)});
}

RegressionVerdict verdict_of(const Difference& difference, double could_have_seen) {
    if (difference.log_ratio < -hurdle_of(difference)) return RegressionVerdict::kRegression;
    return could_have_seen > kTooBlind ? RegressionVerdict::kCannotTell
                                       : RegressionVerdict::kNoneFound;
}

std::string sentence_of(const Regression& regression) {
    const std::string change =
        fmt::format("{} than the baseline, each against its reference (95 % interval: {})",
                    ratio_for_people(regression.ratio), interval_for_people(regression.interval));
    const double seen = std::ceil(regression.could_have_seen * 100);
    switch (regression.verdict) {
        case RegressionVerdict::kRegression:
            return fmt::format("Regression: {}.", change);
        case RegressionVerdict::kNoneFound:
            return fmt::format(
                "No regression found (these two runs could have seen one of {:.0f} % or more): {}.",
                seen, change);
        case RegressionVerdict::kCannotTell:
            break;
    }
    return fmt::format("Cannot tell: {}, and a regression below {:.0f} % could not have been seen.",
                       change, seen);
}

Status comparable(const BenchResult& baseline, const BenchResult& now) {
    const std::string tried = "holding the run against the baseline";
    if (!(baseline.key == now.key)) {
        const bool same_words = baseline.key.for_people() == now.key.for_people();
        return Error{ErrorCode::kFailedPrecondition, tried,
                     same_words ? "the workload itself was changed since"
                                : fmt::format("the baseline is of {}, and this run is of {}",
                                              baseline.key.for_people(), now.key.for_people()),
                     "save a new baseline with --save-baseline"};
    }
    for (const BenchResult* result : {&baseline, &now})
        if (!result->reference || std::ssize(result->reference->log_ratios) < kFewestPairs)
            return Error{ErrorCode::kFailedPrecondition, tried,
                         "there is no reference server in it that was measured beside",
                         "make the baseline with --save-baseline"};
    return {};
}

std::vector<std::string> caveats_of(const BenchResult& baseline, const BenchResult& now) {
    std::vector<std::string> caveats;
    const auto differs = [&](std::string_view what, const std::string& then,
                             const std::string& today) {
        if (then != today)
            caveats.push_back(
                fmt::format("{} was {} then, and is {} now: what changes the "
                            "reference as well does not show.",
                            what, then, today));
    };
    differs("PostgreSQL", baseline.machine.server_build, now.machine.server_build);
    differs("The number of cores", fmt::format("{:g}", baseline.machine.cores),
            fmt::format("{:g}", now.machine.cores));
    differs("The memory limit", format_for_people(baseline.machine.memory_limit),
            format_for_people(now.machine.memory_limit));
    return caveats;
}

}  // namespace

std::string_view to_string(RegressionVerdict verdict) {
    switch (verdict) {
        case RegressionVerdict::kRegression:
            return "regression";
        case RegressionVerdict::kNoneFound:
            return "no regression found";
        case RegressionVerdict::kCannotTell:
            return "cannot tell";
    }
    return "cannot tell";
}

Result<Regression> judge_regression(const BenchResult& baseline, const BenchResult& now) {
    HONE_TRY(comparable(baseline, now));
    const Difference difference = difference_of(*now.reference, *baseline.reference);
    Regression regression;
    regression.ratio = std::exp(difference.log_ratio);
    regression.interval = {std::exp(difference.log_ratio - difference.half_width),
                           std::exp(difference.log_ratio + difference.half_width)};
    regression.could_have_seen =
        slow_down(hurdle_of(difference) + kNormalQuantileOfPower * difference.standard_error);
    regression.verdict = verdict_of(difference, regression.could_have_seen);
    regression.sentence = sentence_of(regression);
    regression.caveats = caveats_of(baseline, now);
    return regression;
}

json::object to_json(const Regression& regression) {
    FieldWriter writer;
    writer("verdict", std::string(to_string(regression.verdict)));
    writer("ratio", regression.ratio);
    writer("interval_low", regression.interval.low);
    writer("interval_high", regression.interval.high);
    writer("could_have_seen", regression.could_have_seen);
    writer("sentence", regression.sentence);
    writer("caveats", regression.caveats);
    return writer.take();
}

}  // namespace hone::prove
