#include <fmt/format.h>

#include <algorithm>

#include "prove/bench/figures.hpp"
#include "prove/bench/report.hpp"
#include "prove/bench/text_table.hpp"
#include "prove/compare/judgement.hpp"
#include "prove/html.hpp"

namespace hone::prove {

namespace {

std::string painted(const char* escape, std::string text, bool color) {
    return color ? fmt::format("\033[{}m{}\033[0m", escape, text) : text;
}

std::string verdict_text(TargetVerdict verdict, bool color) {
    const char* escape = "33";
    if (verdict == TargetVerdict::kMet) escape = "1;32";
    if (verdict == TargetVerdict::kNotMet) escape = "1;31";
    return painted(escape, fmt::format("{:<18}", to_string(verdict)), color);
}

std::vector<std::string> latency_cells(const LatencyFigures& latency) {
    if (latency.samples == 0) return {"-", "-", "-", "-", "-"};
    return {percentile_for_people(latency.p50_seconds), percentile_for_people(latency.p95_seconds),
            percentile_for_people(latency.p99_seconds), percentile_for_people(latency.p999_seconds),
            duration_for_people(latency.max_seconds)};
}

// Late, dropped, and failed or timed out.
std::vector<std::string> loss_cells(const OperationFigures& operation) {
    return {std::to_string(operation.late), std::to_string(operation.dropped),
            std::to_string(operation.failed + operation.timed_out)};
}

std::vector<std::string> joined(std::vector<std::string> row,
                                const std::vector<std::vector<std::string>>& parts) {
    for (const auto& part : parts) row.insert(row.end(), part.begin(), part.end());
    return row;
}

OperationFigures total_of(const LoadFigures& load) {
    OperationFigures total;
    for (const OperationFigures& operation : load.operations) {
        total.completed += operation.completed;
        total.late += operation.late;
        total.dropped += operation.dropped;
        total.failed += operation.failed + operation.timed_out;
    }
    return total;
}

std::string operations_table(const LoadFigures& load) {
    TextTable table("<>>>>>>>>>", {"OPERATION", "PER SECOND", "P50", "P95", "P99", "P99.9", "MAX",
                                   "LATE", "DROPPED", "FAILED"});
    for (const OperationFigures& operation : load.operations) {
        if (operation.arrived == 0) continue;
        const double rate = static_cast<double>(operation.completed) / load.seconds;
        table.add(joined({operation.name, rate_for_people(rate)},
                         {latency_cells(operation.latency), loss_cells(operation)}));
    }
    table.add(joined({"all", rate_for_people(load.achieved)},
                     {latency_cells(load.latency), loss_cells(total_of(load))}));
    return table.text();
}

std::string failure_lines(const LoadFigures& load) {
    std::string text;
    for (const OperationFigures& operation : load.operations) {
        if (operation.first_failure.empty()) continue;
        std::string states;
        for (const auto& [state, count] : operation.failures)
            states += fmt::format("{}{} x {}", states.empty() ? "" : ", ", count, state);
        text +=
            fmt::format("  {} failed: {} ({})\n", operation.name, operation.first_failure, states);
    }
    return text.empty() ? text : "\n" + text;
}

std::string load_lines(const LoadFigures& load) {
    std::string text =
        load.open_loop
            ? fmt::format("  Open loop: {} per second offered, {} achieved ({:.1f} %)",
                          rate_for_people(load.offered), rate_for_people(load.achieved),
                          load.offered > 0 ? load.achieved / load.offered * 100 : 100)
            : fmt::format("  Closed loop: {} per second by {:.0f} clients ({:.1f} by Little's law)",
                          rate_for_people(load.achieved), load.clients, load.clients_by_little);
    text += fmt::format("; {:.0f} s measured over {} connections", load.seconds, load.connections);
    text +=
        load.warm_up_seconds > 0
            ? fmt::format(", after {:.1f} s of warm-up that is left out.\n", load.warm_up_seconds)
            : ".\n";
    return text;
}

std::string targets_table(const BenchResult& result, bool color) {
    if (result.targets.empty()) return {};
    std::size_t width = 0;
    for (const TargetFigures& target : result.targets)
        width = std::max(width, target.target.size());
    std::string text = "\n";
    for (const TargetFigures& target : result.targets)
        text += fmt::format("  {} {:<{}}  {}\n", verdict_text(target.verdict, color), target.target,
                            width, target.reason);
    return text;
}

std::string cost_lines(const BenchResult& result) {
    const CostFigures& costs = result.costs;
    std::string text = fmt::format(
        "\n  Server     {} CPU and {} of WAL per operation", duration_for_people(costs.cpu_seconds),
        format_for_people(Bytes{static_cast<std::int64_t>(costs.wal_bytes)}));
    if (costs.buffers)
        text += fmt::format(", {:.1f} buffers, {:.1f} % of them in the cache", *costs.buffers,
                            costs.cache_hit_ratio.value_or(0) * 100);
    text += fmt::format("; {:.2f} cores busy\n", costs.server_cores);
    text += fmt::format(
        "  Generator  {:.2f} cores busy; its own lateness: p99 {}, at most {}; "
        "longest queue {}\n",
        result.load.generator_cores, percentile_for_people(result.load.schedule_error.p99_seconds),
        duration_for_people(result.load.schedule_error.max_seconds), result.load.longest_queue);
    text +=
        fmt::format("  Data       {} before, {} after\n", format_for_people(costs.data_size_before),
                    format_for_people(costs.data_size_after));
    return text;
}

std::string reference_lines(const BenchResult& result) {
    if (!result.reference) return {};
    const ReferenceFigures& reference = *result.reference;
    return fmt::format(
        "\n  Reference  {} than PostgreSQL's defaults on the same data ({} rounds; "
        "95 % interval: {}; two references: {})\n",
        ratio_for_people(reference.effect.ratio), reference.effect.pairs,
        interval_for_people(reference.effect.interval),
        interval_for_people(reference.control.interval));
}

std::string caveat_lines(const std::vector<std::string>& caveats) {
    if (caveats.empty()) return {};
    std::string text = "\n  To bear in mind:\n";
    for (const std::string& caveat : caveats) text += "    - " + caveat + "\n";
    return text;
}

std::string companion_lines(const CandidateEvidence& evidence) {
    std::string text;
    for (const Comparison& companion : evidence.companions)
        text += fmt::format("    {}: {:+.1f} % ({:+.1f} % to {:+.1f} %)\n", companion.metric,
                            (companion.ratio - 1) * 100, (companion.interval.low - 1) * 100,
                            (companion.interval.high - 1) * 100);
    return text.empty() ? text : "\n  Beside it, with 95 % intervals and no verdict:\n" + text;
}

}  // namespace

std::string targets_summary(const BenchResult& result) {
    std::string text;
    for (const TargetVerdict verdict : {TargetVerdict::kMet, TargetVerdict::kNotMet,
                                        TargetVerdict::kNotReachableHere, TargetVerdict::kNotRun}) {
        const auto count = std::ranges::count(result.targets, verdict, &TargetFigures::verdict);
        if (count > 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(verdict));
    }
    return text.empty() ? "-" : text;
}

std::string result_text(const BenchResult& result, bool color) {
    return painted("1", result.key.for_people(), color) +
           fmt::format(" on PostgreSQL {}, configuration {}\n", result.machine.server_build,
                       result.configuration) +
           load_lines(result.load) + "\n" + operations_table(result.load) +
           failure_lines(result.load) + targets_table(result, color) + cost_lines(result) +
           reference_lines(result) + caveat_lines(result.caveats);
}

std::string contest_text(const ContestReport& report, bool color) {
    const Verdict verdict = report.evidence.effect.verdict;
    const char* escape = verdict == Verdict::kFaster   ? "1;32"
                         : verdict == Verdict::kSlower ? "1;31"
                                                       : "33";
    return fmt::format("{}: {} against {} (PostgreSQL {})\n\n", report.key.for_people(),
                       report.candidate, report.baseline, report.machine.server_build) +
           fmt::format("  {}: {}\n", painted(escape, std::string(to_string(verdict)), color),
                       report.evidence.sentence) +
           fmt::format(
               "  Ratio {:.3f}, 95 % interval {:.3f} to {:.3f}; control {:.3f} to {:.3f}; "
               "smallest change that could be found: {:.0f} %.\n",
               report.evidence.effect.ratio, report.evidence.effect.interval.low,
               report.evidence.effect.interval.high, report.evidence.control.interval.low,
               report.evidence.control.interval.high,
               std::ceil(report.evidence.effect.smallest_effect * 100)) +
           fmt::format(
               "  {} rounds of 3 slices of {:g} s over {} connections, at full speed "
               "(closed loop). Seed {}.\n",
               report.evidence.effect.pairs, report.slice_seconds, report.connections,
               report.seed) +
           companion_lines(report.evidence) + caveat_lines(report.caveats);
}

std::string list_text(const std::vector<StoredResult>& results) {
    TextTable table("<<<<>><",
                    {"ID", "WHEN", "BENCH", "CONFIGURATION", "PER SECOND", "P99", "TARGETS"});
    for (const StoredResult& stored : results) {
        if (!stored.result) {
            table.add({stored.id, "-", "unreadable: " + stored.problem, "-", "-", "-", "-"});
            continue;
        }
        const BenchResult& result = *stored.result;
        table.add({stored.id, result.measured_at, result.key.for_people(), result.configuration,
                   rate_for_people(result.load.achieved),
                   percentile_for_people(result.load.latency.p99_seconds),
                   targets_summary(result)});
    }
    return table.text();
}

}  // namespace hone::prove
