#include "prove/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "prove/compare/judgement.hpp"
#include "prove/compare/statistics.hpp"

namespace hone::prove {

namespace {

constexpr int kWarmUpSeconds = 2;
constexpr std::array<Arm, kArms> kEveryArm{Arm::kCurrent, Arm::kControl, Arm::kPlanned};
// pgbench takes seeds of 32 bits at least; each round has its own, and all servers the same.
constexpr std::uint64_t kSeedMask = 0x7fffffff;

SliceOptions slice_options(const Instances& instances, Arm arm, const LoadSchedule& schedule,
                           const LoadRun& run, std::size_t round) {
    SliceOptions options;
    options.conninfo = instances.conninfo(arm);
    options.owner = instances.owner();
    options.script_file = instances.script_file(*schedule.load);
    options.clients = run.clients;
    options.threads = run.threads;
    options.seconds = schedule.slice_seconds;
    options.scale = run.scale;
    options.seed = (run.seed + round) & kSeedMask;
    return options;
}

Status warm_up(Instances& instances, const LoadSchedule& schedule, const LoadRun& run,
               Deadline deadline) {
    for (const Arm arm : kEveryArm) {
        SliceOptions options = slice_options(instances, arm, schedule, run, schedule.rounds.size());
        options.seconds = kWarmUpSeconds;
        HONE_TRY(run_slice(run.pgbench, *schedule.load, options, deadline));
    }
    return instances.checkpoint(deadline);
}

Status measure_slice(Instances& instances, Arm arm, const LoadSchedule& schedule,
                     const LoadRun& run, std::size_t round, ArmSeries& series, Deadline deadline) {
    HONE_TRY_ASSIGN(const Usage usage, instances.usage(arm, deadline));
    HONE_TRY_ASSIGN(const SliceResult slice,
                    run_slice(run.pgbench, *schedule.load,
                              slice_options(instances, arm, schedule, run, round), deadline));
    series.usages.push_back(usage);
    series.rates.push_back(slice.rate);
    series.transactions.push_back(slice.transactions);
    return {};
}

using Consumption = std::function<double(const Usage&)>;

std::vector<double> costs_per_transaction(const ArmSeries& series, const Consumption& of) {
    std::vector<double> costs;
    for (std::size_t i = 0; i < series.transactions.size(); ++i)
        costs.push_back((of(series.usages[i + 1]) - of(series.usages[i])) / series.transactions[i]);
    return costs;
}

Comparison comparison_of(std::string_view metric, const Estimate& estimate) {
    return {.metric = std::string(metric),
            .ratio = estimate.ratio(),
            .interval = estimate.interval(),
            .smallest_effect = 0,
            .pairs = estimate.pairs,
            .verdict = Verdict::kCannotTell};
}

// Nothing where a slice cost nothing that could be read: there is no ratio to zero.
void add_companion(WorkloadEvidence& evidence, std::string_view metric,
                   const Measurement& measurement, const Consumption& of, std::uint64_t seed) {
    std::array<std::vector<double>, kArms> costs;
    for (std::size_t arm = 0; arm < kArms; ++arm) {
        costs[arm] = costs_per_transaction(measurement.arms[arm], of);
        if (std::ranges::any_of(costs[arm], [](double cost) { return !(cost > 0); })) return;
    }
    const auto& [current, control, planned] = costs;
    const Estimate ratio =
        estimate(log_ratios(planned, geometric_means(current, control)), 1, seed);
    evidence.companions.push_back(comparison_of(metric, ratio));
}

void report(Progress& progress, const LoadSchedule& schedule, const LoadRun& run,
            std::size_t round) {
    const double done =
        run.seconds_before + static_cast<double>(round * kArms) * schedule.slice_seconds;
    progress.update(done / run.seconds_in_all,
                    fmt::format("round {} of {}", round, schedule.rounds.size()));
}

}  // namespace

Result<Measurement> measure(Instances& instances, const LoadSchedule& schedule, const LoadRun& run,
                            Progress& progress, Deadline deadline) {
    progress.step(fmt::format("measuring {}", schedule.load->name));
    HONE_TRY(warm_up(instances, schedule, run, deadline));
    Measurement measurement;
    for (std::size_t round = 0; round < schedule.rounds.size(); ++round) {
        for (const Arm arm : schedule.rounds[round])
            HONE_TRY(measure_slice(instances, arm, schedule, run, round,
                                   measurement.arms[static_cast<std::size_t>(arm)], deadline));
        report(progress, schedule, run, round + 1);
    }
    for (const Arm arm : kEveryArm) {
        HONE_TRY_ASSIGN(const Usage usage, instances.usage(arm, deadline));
        measurement.arms[static_cast<std::size_t>(arm)].usages.push_back(usage);
    }
    return measurement;
}

WorkloadEvidence evidence_from(const Measurement& measurement, const LoadSchedule& schedule,
                               const LoadRun& run, int loads_judged) {
    const auto& [current, control, planned] = measurement.arms;
    const Estimate effect =
        estimate(log_ratios(planned.rates, geometric_means(current.rates, control.rates)),
                 loads_judged, run.seed);
    const Estimate noise =
        estimate(log_ratios(control.rates, current.rates), loads_judged, run.seed);
    const Judgement judgement = judge(effect, noise);
    constexpr std::string_view kMetric = "transactions per second";
    WorkloadEvidence evidence;
    evidence.workload = schedule.load->name;
    evidence.effect = comparison_of(kMetric, effect);
    evidence.effect.verdict = judgement.verdict;
    evidence.effect.smallest_effect = judgement.smallest_effect;
    evidence.control = comparison_of(kMetric, noise);
    evidence.control.verdict = judge_control(noise);
    evidence.sentence = judgement.sentence;
    evidence.slice_seconds = schedule.slice_seconds;
    evidence.clients = run.clients;
    evidence.current_rates = current.rates;
    evidence.control_rates = control.rates;
    evidence.planned_rates = planned.rates;
    add_companion(
        evidence, "server CPU seconds per transaction", measurement,
        [](const Usage& usage) { return usage.cpu_seconds; }, run.seed);
    if (schedule.load->writes)
        add_companion(
            evidence, "WAL bytes per transaction", measurement,
            [](const Usage& usage) { return usage.wal_bytes; }, run.seed);
    return evidence;
}

}  // namespace hone::prove
