#include <fmt/format.h>

#include "prove/bench/figures.hpp"
#include "prove/bench/report.hpp"
#include "prove/bench/text_table.hpp"
#include "prove/compare/judgement.hpp"
#include "prove/html.hpp"

namespace hone::prove {

namespace {

std::string change(double from, double to) {
    return from > 0 ? fmt::format("{:+.1f} %", (to / from - 1) * 100) : "-";
}

std::string change(const std::optional<double>& from, const std::optional<double>& to) {
    return from && to ? change(*from, *to) : "-";
}

void add_latency(TextTable& table, const std::string& what, const LatencyFigures& a,
                 const LatencyFigures& b) {
    table.add({what + " p50", percentile_for_people(a.p50_seconds),
               percentile_for_people(b.p50_seconds), change(a.p50_seconds, b.p50_seconds)});
    table.add({what + " p99", percentile_for_people(a.p99_seconds),
               percentile_for_people(b.p99_seconds), change(a.p99_seconds, b.p99_seconds)});
}

void add_operations(TextTable& table, const BenchResult& a, const BenchResult& b) {
    for (const OperationFigures& of_a : a.load.operations)
        for (const OperationFigures& of_b : b.load.operations)
            if (of_a.name == of_b.name && of_a.arrived > 0 && of_b.arrived > 0)
                add_latency(table, of_a.name, of_a.latency, of_b.latency);
}

void add_costs(TextTable& table, const CostFigures& a, const CostFigures& b) {
    table.add({"server CPU per operation", duration_for_people(a.cpu_seconds),
               duration_for_people(b.cpu_seconds), change(a.cpu_seconds, b.cpu_seconds)});
    table.add({"WAL per operation",
               format_for_people(Bytes{static_cast<std::int64_t>(a.wal_bytes)}),
               format_for_people(Bytes{static_cast<std::int64_t>(b.wal_bytes)}),
               change(a.wal_bytes, b.wal_bytes)});
}

// What the two have in common decides what may be concluded.
std::string conclusion(const BenchResult& a, const BenchResult& b) {
    if (!(a.key == b.key))
        return "These are two different benches: the figures stand beside each other, and nothing "
               "follows from their difference.";
    if (!a.reference || !b.reference)
        return "Runs of different times: what lies between them may be the machine, so there is no "
               "interval. For a verdict, compare the configurations in one run (hone bench compare "
               "A B --pack ...), or measure both with --save-baseline.";
    const auto regression = judge_regression(a, b);
    if (!regression.ok()) return regression.error().message();
    return fmt::format(
        "Each was measured beside a reference, so the two can be told apart: the "
        "second is {} than the first (95 % interval: {}).",
        ratio_for_people(regression->ratio), interval_for_people(regression->interval));
}

}  // namespace

std::string side_by_side_text(const BenchResult& a, const BenchResult& b) {
    TextTable table("<>>>", {"", a.id, b.id, "CHANGE"});
    table.add({"bench", a.key.for_people(), b.key.for_people(), ""});
    table.add({"configuration", a.configuration, b.configuration, ""});
    table.add({"measured", a.measured_at, b.measured_at, ""});
    table.add({"offered per second", rate_for_people(a.load.offered),
               rate_for_people(b.load.offered), change(a.load.offered, b.load.offered)});
    table.add({"achieved per second", rate_for_people(a.load.achieved),
               rate_for_people(b.load.achieved), change(a.load.achieved, b.load.achieved)});
    add_latency(table, "all", a.load.latency, b.load.latency);
    add_operations(table, a, b);
    add_costs(table, a.costs, b.costs);
    return table.text() + "\n" + conclusion(a, b) + "\n";
}

json::object side_by_side_document(const BenchResult& a, const BenchResult& b) {
    return {{"schema_version", 1},
            {"kind", "bench_side_by_side"},
            {"conclusion", conclusion(a, b)},
            {"results", json::array{to_json(a), to_json(b)}}};
}

}  // namespace hone::prove
