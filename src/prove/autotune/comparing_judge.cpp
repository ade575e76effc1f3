#include "prove/autotune/comparing_judge.hpp"

#include <algorithm>

namespace hone::prove {

namespace {

constexpr std::size_t kCandidate = 2;
constexpr double kSubjects = 3;
// A screening is looked at several times: its strict interval is as wide as for so many.
constexpr int kLooks = 4;
constexpr double kWarmUpSeconds = 1;

}  // namespace

Standing standing_of(const Measured& measured) {
    const Estimate effect = effect_of(measured, kCandidate);
    if (effect.strict_interval().low > 1) return Standing::kBetter;
    if (effect.strict_interval().high < 1) return Standing::kNotBetter;
    if (effect.interval().high < 1 + kSmallestGain) return Standing::kNotBetter;
    return Standing::kUndecided;
}

CompareOptions ComparingJudge::compare_options(double seconds, std::uint64_t seed) const {
    CompareOptions options;
    options.seconds_at_most = std::max(seconds, kFewestPairs * kSubjects * options_.slice_seconds);
    options.slice_seconds = options_.slice_seconds;
    options.warm_up_seconds = kWarmUpSeconds;
    options.fewest_rounds = kFewestPairs;
    options.operation = options_.operation;
    options.writes = options_.writes;
    options.seed = seed;
    return options;
}

Result<Measured> ComparingJudge::measure_and_time(Contest& contest, const CompareOptions& options,
                                                  Progress& progress, Deadline deadline) {
    const double begun = options_.now_seconds();
    auto measured = measure(contest.subjects(), options, progress, deadline);
    if (measured.ok() && measured->seconds > 0)
        wall_per_second_ = (options_.now_seconds() - begun) / measured->seconds;
    return measured;
}

Result<Screening> ComparingJudge::screen(const SettingValues& incumbent,
                                         const SettingValues& candidate, std::uint64_t seed,
                                         Progress& progress, Deadline deadline) {
    HONE_TRY_ASSIGN(const Opened opened, arena_.open(incumbent, candidate, deadline));
    if (!opened.contest) return Screening{Standing::kRefused, {}, opened.refused_because};
    CompareOptions options = compare_options(options_.screening_seconds, seed);
    options.comparisons = kLooks;
    options.give_up = [](const Measured& measured) {
        return standing_of(measured) != Standing::kUndecided;
    };
    HONE_TRY_ASSIGN(const Measured measured,
                    measure_and_time(*opened.contest, options, progress, deadline));
    return Screening{standing_of(measured), judge_candidate(measured, kCandidate).effect, {}};
}

Result<Check> ComparingJudge::check(const SettingValues& plan, const SettingValues& found,
                                    double seconds, std::uint64_t seed, Progress& progress,
                                    Deadline deadline) {
    const double begun = options_.now_seconds();
    HONE_TRY_ASSIGN(const Opened opened, arena_.open(plan, found, deadline));
    if (!opened.contest)
        return Error{ErrorCode::kFailedPrecondition, "checking what was found",
                     opened.refused_because,
                     "it booted before: look at what else this machine does"};
    const double left = seconds - (options_.now_seconds() - begun);
    const CompareOptions options = compare_options(left / wall_per_second_, seed);
    HONE_TRY_ASSIGN(const Measured measured,
                    measure_and_time(*opened.contest, options, progress, deadline));
    CandidateEvidence evidence = judge_candidate(measured, kCandidate);
    return Check{.effect = std::move(evidence.effect),
                 .control = std::move(evidence.control),
                 .companions = std::move(evidence.companions),
                 .sentence = std::move(evidence.sentence),
                 .seconds = measured.seconds};
}

}  // namespace hone::prove
