#include "prove/compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "prove/compare/rounds.hpp"

namespace hone::prove {

namespace {

// A slice that runs over by less than this share counts as asked for: waiting for the last
// transaction and reading counters is not to cost rounds.
constexpr double kForgivenOverrun = 0.5;

Status check(std::size_t subjects, const CompareOptions& options) {
    const std::string tried = fmt::format("planning {:g} s of measuring", options.seconds_at_most);
    if (subjects < 2)
        return Error{ErrorCode::kInvalidArgument, tried,
                     "a comparison needs a baseline and a control",
                     "give the first two subjects equal settings"};
    if (!(options.slice_seconds > 0))
        return Error{ErrorCode::kInvalidArgument, tried, "slices need a length above zero"};
    if (!(options.seconds_at_most <= kLongestComparisonSeconds))
        return Error{ErrorCode::kInvalidArgument, tried, "that is longer than a day",
                     "allow 86400 s or less"};
    const double fewest = kFewestPairs * static_cast<double>(subjects) * options.slice_seconds;
    if (options.seconds_at_most >= fewest) return {};
    return Error{ErrorCode::kInvalidArgument, tried,
                 fmt::format("too short for {} rounds of {} slices of {:g} s", kFewestPairs,
                             subjects, options.slice_seconds),
                 fmt::format("allow {:g} s or more", fewest)};
}

Status still_wanted(Deadline deadline) {
    if (take_interrupt()) return Error{ErrorCode::kCancelled, "measuring", "interrupted"};
    if (deadline.expired())
        return Error{ErrorCode::kDeadlineExceeded, "measuring", "it did not finish in time",
                     "give it longer with --timeout"};
    return {};
}

Status check_slice(const Slice& slice, const Subject& subject, const CompareOptions& options) {
    const std::string tried = fmt::format("loading '{}'", subject.name());
    const bool finished = slice.operations > 0 && slice.rate > 0 && std::isfinite(slice.rate);
    if (!finished)
        return Error{ErrorCode::kFailedPrecondition, tried, "nothing was finished in a slice",
                     "make the slices longer or the load lighter"};
    const bool told =
        options.judged == Judged::kRate ||
        (options.judged == Judged::kMeanLatency ? slice.mean_seconds : slice.p99_seconds) > 0;
    if (told) return {};
    return Error{ErrorCode::kFailedPrecondition, tried,
                 "a slice had too few operations for the latency that is judged",
                 "make the slices longer, or judge the rate"};
}

Result<Slice> run_checked_slice(Subject& subject, double seconds, std::uint64_t seed,
                                const CompareOptions& options, Deadline deadline) {
    HONE_TRY(still_wanted(deadline));
    auto slice = subject.run_slice(seconds, seed, deadline)
                     .with_context(fmt::format("loading '{}'", subject.name()));
    if (slice.ok()) HONE_TRY(check_slice(*slice, subject, options));
    return slice;
}

// A discarded slice each, and then what it left to do.
Status warm_up(std::span<Subject* const> subjects, const CompareOptions& options,
               Deadline deadline) {
    if (options.warm_up_seconds > 0)
        for (Subject* subject : subjects)
            HONE_TRY(run_checked_slice(*subject, options.warm_up_seconds, options.seed - 1, options,
                                       deadline));
    for (Subject* subject : subjects) HONE_TRY(subject->settle(deadline));
    return {};
}

Status read_usage_into(SubjectSeries& series, Subject& subject, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto usage, subject.usage(deadline));
    if (usage) series.usages.push_back(*usage);
    return {};
}

double counted_seconds(const Slice& slice, const CompareOptions& options) {
    const double took = slice.operations / slice.rate;
    return took > options.slice_seconds * (1 + kForgivenOverrun) ? took : options.slice_seconds;
}

// Returns the seconds that it took, as the budget counts them.
Result<double> measure_round(std::span<Subject* const> subjects,
                             const std::vector<std::size_t>& order, Measured& measured,
                             Deadline deadline) {
    const CompareOptions& options = measured.options;
    const auto seed = options.seed + static_cast<std::uint64_t>(measured.rounds);
    double seconds = 0;
    for (const std::size_t at : order) {
        SubjectSeries& series = measured.subjects[at];
        HONE_TRY(read_usage_into(series, *subjects[at], deadline));
        HONE_TRY_ASSIGN(const Slice slice, run_checked_slice(*subjects[at], options.slice_seconds,
                                                             seed, options, deadline));
        series.slices.push_back(slice);
        seconds += counted_seconds(slice, options);
    }
    return seconds;
}

// Of the widest interval that somebody waits for. In log ratio.
double widest_half_width(const Measured& measured) {
    double widest = 0;
    for (std::size_t candidate = 2; candidate < measured.subjects.size(); ++candidate)
        widest = std::max(widest, effect_of(measured, candidate).strict_half_width);
    return widest;
}

struct Look {
    bool enough = false;
    std::string width;  // for the progress; "" where nobody asked for one
};

Look look_at(Measured& measured) {
    const CompareOptions& options = measured.options;
    Look look;
    if (!is_a_look(measured.rounds, std::max(options.fewest_rounds, kFewestPairs))) return look;
    if (options.wanted_half_width > 0 && measured.subjects.size() > 2) {
        const double width = widest_half_width(measured);
        look.width = fmt::format(", ± {:.1f} %", std::expm1(width) * 100);
        measured.narrow = width <= std::log1p(options.wanted_half_width);
    }
    look.enough = measured.narrow || (options.give_up && options.give_up(measured));
    return look;
}

Status measure_rounds(std::span<Subject* const> subjects, Measured& measured, Progress& progress,
                      Deadline deadline) {
    const double at_most = measured.options.seconds_at_most;
    Random random(measured.options.seed);
    std::string width;
    double last_round = 0;
    while (measured.rounds < kFewestPairs || measured.seconds + last_round <= at_most) {
        HONE_TRY_ASSIGN(last_round, measure_round(subjects, drawn_order(subjects.size(), random),
                                                  measured, deadline));
        measured.seconds += last_round;
        ++measured.rounds;
        const Look look = look_at(measured);
        if (!look.width.empty()) width = look.width;
        progress.update(std::min(1.0, measured.seconds / at_most),
                        fmt::format("round {}{}", measured.rounds, width));
        if (look.enough) break;
    }
    return {};
}

}  // namespace

Result<Measured> measure(std::span<Subject* const> subjects, const CompareOptions& options,
                         Progress& progress, Deadline deadline) {
    HONE_TRY(check(subjects.size(), options));
    Measured measured;
    measured.options = options;
    for (const Subject* subject : subjects) measured.subjects.push_back({subject->name(), {}, {}});
    HONE_TRY(warm_up(subjects, options, deadline));
    HONE_TRY(measure_rounds(subjects, measured, progress, deadline));
    for (std::size_t at = 0; at < subjects.size(); ++at)
        HONE_TRY(read_usage_into(measured.subjects[at], *subjects[at], deadline));
    return measured;
}

}  // namespace hone::prove
