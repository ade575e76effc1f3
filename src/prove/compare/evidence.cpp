#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/assert.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::prove {

namespace {

constexpr std::size_t kBaseline = 0;
constexpr std::size_t kControl = 1;

using Values = std::vector<double>;  // round by round
using ValuesOf = std::function<Values(const SubjectSeries&)>;

Comparison comparison_of(std::string metric, const Estimate& estimate) {
    return {.metric = std::move(metric),
            .ratio = estimate.ratio(),
            .interval = estimate.interval(),
            .smallest_effect = 0,
            .pairs = estimate.pairs,
            .verdict = Verdict::kCannotTell};
}

std::string judged_metric(const CompareOptions& options) {
    switch (options.judged) {
        case Judged::kRate:
            return options.operation + "s per second";
        case Judged::kMeanLatency:
            return "speed by mean latency";
        case Judged::kP99Latency:
            return "speed by p99 latency";
    }
    return {};
}

// The larger the better.
double judged_value(const Slice& slice, Judged judged) {
    if (judged == Judged::kMeanLatency) return 1 / slice.mean_seconds;
    if (judged == Judged::kP99Latency) return 1 / slice.p99_seconds;
    return slice.rate;
}

Values judged_values(const SubjectSeries& series, Judged judged) {
    Values values;
    for (const Slice& slice : series.slices) values.push_back(judged_value(slice, judged));
    return values;
}

Values latencies(const SubjectSeries& series, double Slice::* which) {
    Values values;
    for (const Slice& slice : series.slices) values.push_back(slice.*which);
    return values;
}

// What each slice cost per operation; empty where usage was not told.
Values costs(const SubjectSeries& series, const std::function<double(const Usage&)>& of) {
    if (series.usages.size() != series.slices.size() + 1) return {};
    Values values;
    for (std::size_t i = 0; i < series.slices.size(); ++i)
        values.push_back((of(series.usages[i + 1]) - of(series.usages[i])) /
                         series.slices[i].operations);
    return values;
}

bool all_above_zero(const Values& values) {
    return !values.empty() && std::ranges::all_of(values, [](double value) { return value > 0; });
}

// Left out where a slice cost nothing that could be read: there is no ratio to zero.
void add_companion(CandidateEvidence& evidence, const Measured& measured, std::size_t candidate,
                   std::string metric, const ValuesOf& values_of) {
    const Values baseline = values_of(measured.subjects[kBaseline]);
    const Values control = values_of(measured.subjects[kControl]);
    const Values planned = values_of(measured.subjects[candidate]);
    if (!all_above_zero(baseline) || !all_above_zero(control) || !all_above_zero(planned)) return;
    const Estimate ratio =
        estimate(log_ratios(planned, geometric_means(baseline, control)), 1, measured.options.seed);
    evidence.companions.push_back(comparison_of(std::move(metric), ratio));
}

void add_cost(CandidateEvidence& evidence, const Measured& measured, std::size_t candidate,
              std::string_view what, std::function<double(const Usage&)> of) {
    add_companion(evidence, measured, candidate,
                  fmt::format("{} per {}", what, measured.options.operation),
                  [of = std::move(of)](const SubjectSeries& series) { return costs(series, of); });
}

void add_companions(CandidateEvidence& evidence, const Measured& measured, std::size_t candidate) {
    add_cost(evidence, measured, candidate, "server CPU seconds", &Usage::cpu_seconds);
    if (measured.options.writes)
        add_cost(evidence, measured, candidate, "WAL bytes", &Usage::wal_bytes);
    add_cost(evidence, measured, candidate, "buffers", &Usage::buffers);
    add_companion(evidence, measured, candidate, "mean latency", [](const SubjectSeries& series) {
        return latencies(series, &Slice::mean_seconds);
    });
    add_companion(evidence, measured, candidate, "p99 latency", [](const SubjectSeries& series) {
        return latencies(series, &Slice::p99_seconds);
    });
}

Estimate estimate_pair(const Measured& measured, std::size_t subject, std::size_t against) {
    const CompareOptions& options = measured.options;
    return estimate(log_ratios(judged_values(measured.subjects[subject], options.judged),
                               judged_values(measured.subjects[against], options.judged)),
                    options.comparisons, options.seed);
}

}  // namespace

Estimate effect_of(const Measured& measured, std::size_t candidate) {
    HONE_ASSERT(candidate > kControl && candidate < measured.subjects.size());
    const CompareOptions& options = measured.options;
    const Values baseline = judged_values(measured.subjects[kBaseline], options.judged);
    const Values control = judged_values(measured.subjects[kControl], options.judged);
    const Values planned = judged_values(measured.subjects[candidate], options.judged);
    return estimate(log_ratios(planned, geometric_means(baseline, control)), options.comparisons,
                    options.seed);
}

CandidateEvidence judge_candidate(const Measured& measured, std::size_t candidate) {
    const CompareOptions& options = measured.options;
    const Estimate effect = effect_of(measured, candidate);
    const Estimate noise = estimate_pair(measured, kControl, kBaseline);
    const Judgement judgement = judge(effect, noise);
    CandidateEvidence evidence;
    evidence.candidate = measured.subjects[candidate].name;
    evidence.effect = comparison_of(judged_metric(options), effect);
    evidence.effect.verdict = judgement.verdict;
    evidence.effect.smallest_effect = judgement.smallest_effect;
    evidence.control = comparison_of(judged_metric(options), noise);
    evidence.control.verdict = judge_control(noise);
    evidence.sentence = judgement.sentence;
    add_companions(evidence, measured, candidate);
    return evidence;
}

Comparison compare_subjects(const Measured& measured, std::size_t subject, std::size_t against) {
    HONE_ASSERT(std::max(subject, against) < measured.subjects.size());
    return comparison_of(judged_metric(measured.options),
                         estimate_pair(measured, subject, against));
}

}  // namespace hone::prove
