#include <fmt/format.h>

#include <algorithm>

#include "prove/bench/figures.hpp"
#include "prove/bench/load_chart.hpp"
#include "prove/bench/report.hpp"
#include "prove/compare/judgement.hpp"
#include "prove/html.hpp"

namespace hone::prove {

namespace {

using Row = std::pair<std::string, std::string>;

std::string_view pill_of(TargetVerdict verdict) {
    switch (verdict) {
        case TargetVerdict::kMet:
            return "verdict-faster";
        case TargetVerdict::kNotMet:
            return "verdict-slower";
        case TargetVerdict::kNotReachableHere:
            return "verdict-unknown";
        case TargetVerdict::kNotRun:
            return "verdict-not-run";
    }
    return "verdict-not-run";
}

std::string lead_of(const LoadFigures& load) {
    if (!load.open_loop)
        return fmt::format(
            "{} operations per second by {:.0f} clients, each waiting for its "
            "answer.",
            rate_for_people(load.achieved), load.clients);
    return fmt::format(
        "{} of {} operations per second that were offered; {} of them done within "
        "{}.",
        rate_for_people(load.achieved), rate_for_people(load.offered),
        load.latency.p99_seconds ? "99 %" : "all",
        duration_for_people(load.latency.p99_seconds.value_or(load.latency.max_seconds)));
}

std::string target_list(const BenchResult& result) {
    std::string list;
    for (const TargetFigures& target : result.targets)
        list += fmt::format("<li><span class=\"pill {}\">{}</span><div><b>{}</b>: {}</div></li>\n",
                            pill_of(target.verdict), to_string(target.verdict),
                            escaped(target.target), escaped(target.reason));
    return list.empty() ? list : "<ul class=\"verdicts wide\">\n" + list + "</ul>\n";
}

std::string opening(const BenchResult& result) {
    return fmt::format(
        "<header>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<p class=\"soft\">PostgreSQL {}, "
        "configuration <code>{}</code>, measured {} over {:.0f} s.</p>\n{}</header>\n",
        escaped(result.key.for_people()), lead_of(result.load),
        escaped(result.machine.server_build), escaped(result.configuration),
        escaped(result.measured_at), result.load.seconds, target_list(result));
}

std::string number_cell(std::string_view text) {
    return fmt::format("<td class=\"number\">{}</td>", text);
}

std::string latency_cells(const LatencyFigures& latency) {
    std::string cells;
    for (const auto* percentile :
         {&latency.p50_seconds, &latency.p95_seconds, &latency.p99_seconds, &latency.p999_seconds})
        cells += number_cell(percentile_for_people(*percentile));
    return cells + number_cell(duration_for_people(latency.max_seconds));
}

std::string operation_row(const OperationFigures& operation, double seconds) {
    const double rate = static_cast<double>(operation.completed) / seconds;
    return fmt::format("<tr><td>{}</td>{}{}{}{}{}</tr>\n", escaped(operation.name),
                       number_cell(rate_for_people(rate)), latency_cells(operation.latency),
                       number_cell(std::to_string(operation.late)),
                       number_cell(std::to_string(operation.dropped)),
                       number_cell(std::to_string(operation.failed + operation.timed_out)));
}

std::string operations_section(const LoadFigures& load) {
    std::string head = "<th>Operation</th>";
    for (const char* name :
         {"Per second", "p50", "p95", "p99", "p99.9", "Max", "Late", "Dropped", "Failed"})
        head += fmt::format("<th class=\"number\">{}</th>", name);
    std::string rows;
    for (const OperationFigures& operation : load.operations)
        if (operation.arrived > 0) rows += operation_row(operation, load.seconds);
    return section(
        "Operations",
        "<div class=\"scroll\"><table><thead><tr>" + head + "</tr></thead><tbody>\n" + rows +
            "</tbody></table></div>\n<p class=\"note\">Latency counts from the moment at which an "
            "operation was meant to begin. Too few: a percentile with fewer than 10 samples beyond "
            "it is not told. Late: begun more than a millisecond after its moment.</p>\n");
}

std::string latency_section(const LoadFigures& load) {
    const auto operations = pictured_operations(load);
    if (operations.empty()) return {};
    std::string legend = "<p class=\"legend\">";
    for (std::size_t at = 0; at < operations.size(); ++at)
        legend += fmt::format("<span><span class=\"swatch shade-{}\"></span>{}</span>", at,
                              escaped(operations[at]->name));
    return section("Latency by percentile", legend + "</p>\n" + latency_chart(load));
}

std::string throughput_section(const LoadFigures& load) {
    if (load.achieved_by_second.empty()) return {};
    return section("Throughput",
                   "<p class=\"note\">Operations completed in each second" +
                       std::string(load.open_loop ? "; dashed: what was offered" : "") + ".</p>\n" +
                       throughput_chart(load));
}

std::string rows_section(std::string_view title, const std::vector<Row>& rows,
                         std::string_view after = {}) {
    std::string table = "<div class=\"scroll\"><table><tbody>\n";
    for (const auto& [name, value] : rows)
        table += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", escaped(name), escaped(value));
    return section(title, table + "</tbody></table></div>\n" + std::string(after));
}

std::string costs_section(const BenchResult& result) {
    const CostFigures& costs = result.costs;
    std::vector<Row> rows{
        {"Server CPU", duration_for_people(costs.cpu_seconds) + " per operation"},
        {"WAL",
         format_for_people(Bytes{static_cast<std::int64_t>(costs.wal_bytes)}) + " per operation"}};
    if (costs.buffers)
        rows.emplace_back("Buffers",
                          fmt::format("{:.1f} per operation, {:.1f} % of them in the cache",
                                      *costs.buffers, costs.cache_hit_ratio.value_or(0) * 100));
    rows.emplace_back("Cores busy",
                      fmt::format("{:.2f} by the server, {:.2f} by the load generator",
                                  costs.server_cores, result.load.generator_cores));
    rows.emplace_back("Data",
                      fmt::format("{} before, {} after", format_for_people(costs.data_size_before),
                                  format_for_people(costs.data_size_after)));
    if (result.reference)
        rows.emplace_back("Against the reference",
                          fmt::format("{} than PostgreSQL's defaults (95 % interval: {})",
                                      ratio_for_people(result.reference->effect.ratio),
                                      interval_for_people(result.reference->effect.interval)));
    return rows_section("What it cost", rows);
}

std::string settings_text(const BenchMachine& machine) {
    std::string text;
    for (const auto& [name, value] : machine.settings)
        text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", name, value);
    return text.empty() ? "none" : text;
}

std::string machine_section(const BenchResult& result) {
    const BenchMachine& machine = result.machine;
    std::vector<Row> rows{
        {"Cores", fmt::format("{:g}", machine.cores)},
        {"Memory limit", format_for_people(machine.memory_limit)},
        {"Storage",
         machine.storage + (machine.fdatasync_seconds
                                ? ", fdatasync " + duration_for_people(*machine.fdatasync_seconds)
                                : "")},
        {"Kernel", machine.kernel},
        {"Settings that differ from the defaults", settings_text(machine)},
        {"Workload",
         fmt::format("{} ({})", result.key.for_people(), result.key.content_hash.substr(0, 12))},
        {"Generator", fmt::format("hone {}, {} connections, lateness p99 {}", machine.hone_version,
                                  result.load.connections,
                                  percentile_for_people(result.load.schedule_error.p99_seconds))},
        {"Seed", std::to_string(result.seed)}};
    return rows_section(
        "The machine and the run", rows,
        result.command.empty()
            ? ""
            : fmt::format("<p>To repeat it: <code>{}</code></p>\n", escaped(result.command)));
}

}  // namespace

std::string result_page(const BenchResult& result) {
    return page(
        fmt::format("hone: {}", result.key.for_people()),
        opening(result) + operations_section(result.load) + latency_section(result.load) +
            throughput_section(result.load) + costs_section(result) +
            (result.caveats.empty() ? "" : section("To bear in mind", list_of(result.caveats))) +
            machine_section(result) +
            fmt::format("<footer>Made by hone. Result {}.</footer>\n", escaped(result.id)));
}

}  // namespace hone::prove
