#include "prove/bench/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hone::prove {

namespace {

constexpr std::array kPictured{0.01, 0.1,   0.25,   0.5,   0.75,   0.9,    0.95,   0.975,
                               0.99, 0.995, 0.9975, 0.999, 0.9995, 0.9999, 0.99999};
// Below this share of what was offered, the server did not keep up.
constexpr double kKeptUp = 0.95;
// A generator thread that is busy for more than this share cannot be relied on to be in time.
constexpr double kBusyThread = 0.9;
// The generator's own lateness that is no longer small beside a latency worth a target.
constexpr double kLateGenerator = 0.010;
constexpr double kBusyMachine = 0.85;
constexpr double kLittleTolerance = 0.10;

double completed_share(const LoadFigures& load) {
    return load.offered > 0 ? load.achieved / load.offered : 1;
}

OperationFigures operation_figures(const OperationReport& report, const OperationInfo& info,
                                   double seconds) {
    OperationFigures figures;
    figures.name = report.name;
    figures.writes = info.writes;
    figures.arrived = report.arrived;
    figures.completed = report.completed;
    figures.failed = report.failed;
    figures.timed_out = report.timed_out;
    figures.dropped = report.dropped;
    figures.late = report.late;
    figures.units_per_second = seconds > 0 ? report.units / seconds : 0;
    figures.failures = report.failures;
    figures.first_failure = report.first_failure;
    figures.latency = latency_figures(report.latency);
    return figures;
}

std::string percentile_name(double quantile) {
    return fmt::format("p{:g}", quantile * 100);
}

TargetFigures judge_target(const BenchTarget& target, const LoadReport& report,
                           const std::string& saturation) {
    const std::string percentile = percentile_name(target.quantile);
    TargetFigures figures{.target = fmt::format("{} of {} at most {}", percentile, target.operation,
                                                duration_for_people(target.seconds_at_most)),
                          .verdict = TargetVerdict::kNotRun,
                          .reason = {}};
    const auto operation =
        std::ranges::find(report.operations, target.operation, &OperationReport::name);
    if (!report.open_loop) {
        figures.reason = "a closed loop has no latency at a rate";
        return figures;
    }
    if (operation == report.operations.end() || operation->arrived == 0) {
        figures.reason = "it did not come in this preset";
        return figures;
    }
    const auto latency = operation->latency.quantile_seconds(target.quantile);
    if (!latency) {
        figures.reason = fmt::format("{} samples are too few: {:.0f} are needed, so run it longer",
                                     operation->latency.count(),
                                     std::ceil(kFewestSamplesBeyond / (1 - target.quantile)));
        return figures;
    }
    figures.reason = fmt::format("{} was {}", percentile, duration_for_people(*latency));
    if (*latency <= target.seconds_at_most) {
        figures.verdict = TargetVerdict::kMet;
    } else if (saturation.empty()) {
        figures.verdict = TargetVerdict::kNotMet;
    } else {
        figures.verdict = TargetVerdict::kNotReachableHere;
        figures.reason += "; " + saturation;
    }
    return figures;
}

}  // namespace

LatencyFigures latency_figures(const LatencyHistogram& histogram) {
    LatencyFigures figures;
    figures.samples = histogram.count();
    if (histogram.count() == 0) return figures;
    figures.p50_seconds = histogram.quantile_seconds(0.5);
    figures.p95_seconds = histogram.quantile_seconds(0.95);
    figures.p99_seconds = histogram.quantile_seconds(0.99);
    figures.p999_seconds = histogram.quantile_seconds(0.999);
    figures.mean_seconds = histogram.mean_seconds();
    figures.max_seconds = histogram.max_seconds();
    for (const double quantile : kPictured)
        if (const auto seconds = histogram.quantile_seconds(quantile))
            figures.points.push_back({quantile, *seconds});
    return figures;
}

LoadFigures load_figures(const LoadReport& report, const Workload& workload,
                         const RunSetting& setting) {
    LoadFigures figures;
    figures.open_loop = report.open_loop;
    figures.seconds = report.seconds;
    figures.warm_up_seconds = report.warm_up_seconds;
    figures.steady = report.steady;
    figures.offered = report.offered;
    figures.achieved = report.achieved;
    figures.connections = setting.connections;
    for (std::size_t at = 0; at < report.operations.size(); ++at)
        figures.operations.push_back(
            operation_figures(report.operations[at], workload.operations()[at], report.seconds));
    figures.latency = latency_figures(report.latency);
    figures.schedule_error = latency_figures(report.schedule_error);
    figures.longest_queue = report.longest_queue;
    const double whole = report.seconds + report.warm_up_seconds;
    figures.generator_cores = whole > 0 ? report.generator_cpu_seconds / whole : 0;
    figures.achieved_by_second = report.achieved_by_second;
    figures.clients = report.clients;
    figures.clients_by_little = report.clients_by_little;
    return figures;
}

CostFigures cost_figures(const Usage& before, const Usage& after, double operations,
                         double seconds) {
    CostFigures costs;
    if (operations <= 0 || seconds <= 0) return costs;
    const double cpu_seconds = after.cpu_seconds - before.cpu_seconds;
    costs.cpu_seconds = cpu_seconds / operations;
    costs.server_cores = cpu_seconds / seconds;
    costs.wal_bytes = (after.wal_bytes - before.wal_bytes) / operations;
    const double buffers = after.buffers() - before.buffers();
    if (buffers <= 0) return costs;
    costs.buffers = buffers / operations;
    costs.cache_hit_ratio = (after.buffers_hit - before.buffers_hit) / buffers;
    return costs;
}

std::string saturation_of(const LoadFigures& load, const CostFigures& costs,
                          const RunSetting& setting) {
    if (load.generator_cores > kBusyThread * setting.threads)
        return "the load generator itself was busy all the time";
    if (load.schedule_error.p99_seconds.value_or(0) > kLateGenerator)
        return fmt::format("the load generator itself was late (p99 {})",
                           duration_for_people(*load.schedule_error.p99_seconds));
    const double busy = load.generator_cores + costs.server_cores;
    if (busy > kBusyMachine * setting.cores)
        return fmt::format("{:.1f} of the machine's {:g} cores were busy", busy, setting.cores);
    if (load.open_loop && completed_share(load) < kKeptUp)
        return fmt::format("the server kept up with {:.0f} % of what was offered",
                           completed_share(load) * 100);
    return {};
}

std::vector<TargetFigures> judge_targets(std::span<const BenchTarget> targets,
                                         const LoadReport& report, const std::string& saturation) {
    std::vector<TargetFigures> figures;
    for (const BenchTarget& target : targets)
        figures.push_back(judge_target(target, report, saturation));
    return figures;
}

std::vector<std::string> load_caveats(const LoadFigures& load) {
    std::vector<std::string> caveats;
    if (!load.steady)
        caveats.emplace_back(
            "No steady state was reached: the figures are of a server that was still changing. Run "
            "it longer.");
    if (!load.open_loop)
        caveats.emplace_back(
            "A closed loop: each client waits for its answer, so that a stall hides the arrivals "
            "that it would have met. Compare its rates, not its latencies.");
    if (!load.open_loop && load.clients > 0 &&
        std::abs(load.clients_by_little / load.clients - 1) > kLittleTolerance)
        caveats.push_back(
            fmt::format("Throughput times latency gives {:.1f} clients, and {:.0f} were there "
                        "(Little's law): the figures do not agree with each other.",
                        load.clients_by_little, load.clients));
    return caveats;
}

std::string duration_for_people(double seconds) {
    const auto digits = [](double value) {
        return value < 9.995   ? fmt::format("{:.2f}", value)
               : value < 99.95 ? fmt::format("{:.1f}", value)
                               : fmt::format("{:.0f}", value);
    };
    if (seconds < 0.0009995) return fmt::format("{:.0f} us", seconds * 1e6);
    if (seconds < 0.9995) return digits(seconds * 1e3) + " ms";
    return digits(seconds) + " s";
}

std::string percentile_for_people(const std::optional<double>& seconds) {
    return seconds ? duration_for_people(*seconds) : "too few";
}

}  // namespace hone::prove
