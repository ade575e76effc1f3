#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "base/text.hpp"
#include "prove/chart.hpp"
#include "prove/compare/judgement.hpp"
#include "prove/html.hpp"
#include "prove/pgbench_loads.hpp"
#include "prove/report.hpp"

namespace hone::prove {

namespace {

bool was_run(const WorkloadEvidence& workload) {
    return workload.effect.verdict != Verdict::kNotRun;
}

std::string verdict_list(const Evidence& evidence) {
    std::string list = "<ul class=\"verdicts\">\n";
    for (const WorkloadEvidence& workload : evidence.workloads) {
        const std::string sentence =
            was_run(workload) ? workload.sentence : workload.not_run_because;
        list +=
            fmt::format("<li><span class=\"pill {}\">{}</span><div><b>{}</b>: {}</div></li>\n",
                        verdict_class(workload.effect.verdict), to_string(workload.effect.verdict),
                        escaped(workload.workload), escaped(sentence));
    }
    return list + "</ul>\n";
}

std::string opening(const Plan& plan, const Evidence& evidence) {
    const std::string build =
        evidence.server_build.empty() ? "" : " on PostgreSQL " + escaped(evidence.server_build);
    return fmt::format(
        "<header>\n<h1>Is the plan faster?</h1>\n<p class=\"lead\">{}</p>\n"
        "<p class=\"soft\">Plan <code>{}</code>{}, measured {} over {:.0f} s.</p>\n{}</header>\n",
        escaped(summary_sentence(evidence)), escaped(plan.id()), build,
        escaped(evidence.measured_at), evidence.seconds, verdict_list(evidence));
}

std::string ratio_cell(const Comparison& comparison) {
    return fmt::format("<td class=\"number\">{:.3f}</td><td class=\"number\">{:.3f} – {:.3f}</td>",
                       comparison.ratio, comparison.interval.low, comparison.interval.high);
}

std::string ratio_table(const Evidence& evidence) {
    std::string rows;
    for (const WorkloadEvidence& workload : evidence.workloads) {
        if (!was_run(workload)) continue;
        rows += fmt::format(
            "<tr><td>{}</td>{}{}<td class=\"number\">{:.0f} %</td><td class=\"number\">{}</td>"
            "</tr>\n",
            escaped(workload.workload), ratio_cell(workload.effect), ratio_cell(workload.control),
            std::ceil(workload.effect.smallest_effect * 100), workload.effect.pairs);
    }
    if (rows.empty()) return {};
    return "<div class=\"scroll\"><table><thead><tr><th>Workload</th>"
           "<th class=\"number\">Plan / current</th><th class=\"number\">95 % interval</th>"
           "<th class=\"number\">Control</th><th class=\"number\">95 % interval</th>"
           "<th class=\"number\">Smallest effect</th><th class=\"number\">Pairs</th></tr></thead>"
           "<tbody>\n" +
           rows + "</tbody></table></div>\n";
}

std::string ratios_section(const Evidence& evidence) {
    if (std::ranges::none_of(evidence.workloads, was_run)) return {};
    return section(
        "Speed with the plan, relative to the current settings",
        "<p class=\"legend\"><span><span class=\"swatch\"></span>plan against current, with its "
        "95 % interval</span><span><span class=\"swatch filled-control\"></span>control: current "
        "against current</span><span><span class=\"swatch band\"></span>±5 %: no difference that "
        "matters</span></p>\n" +
            ratio_chart(evidence) + ratio_table(evidence) +
            "<p class=\"note\">The control compares two servers with equal settings in the same "
            "minutes: what it shows is noise. An effect counts only outside of it. Smallest "
            "effect: the change that four of five such runs would find.</p>\n");
}

std::string companion_list(const WorkloadEvidence& workload) {
    std::string items;
    for (const Comparison& companion : workload.companions)
        items += fmt::format(
            "<li>{}: {:+.1f} % with the plan (95 % interval: {:+.1f} % to "
            "{:+.1f} %)</li>\n",
            escaped(companion.metric), (companion.ratio - 1) * 100,
            (companion.interval.low - 1) * 100, (companion.interval.high - 1) * 100);
    return items.empty() ? items : "<ul class=\"note\">\n" + items + "</ul>\n";
}

std::string rates_section(const Evidence& evidence) {
    std::string content =
        "<p class=\"legend\"><span><span class=\"swatch current\"></span>current settings</span>"
        "<span><span class=\"swatch control\"></span>current settings, second server</span><span>"
        "<span class=\"swatch planned\"></span>planned settings</span></p>\n";
    for (const WorkloadEvidence& workload : evidence.workloads) {
        if (!was_run(workload)) continue;
        const Load* load = load_named(workload.workload);
        content += fmt::format(
            "<h3>{}</h3>\n<p class=\"note\">{}; {} clients, slices of {:g} s; transactions per "
            "second.</p>\n{}{}",
            escaped(workload.workload), load != nullptr ? load->meaning : "", workload.clients,
            workload.slice_seconds, rates_chart(workload), companion_list(workload));
    }
    if (std::ranges::none_of(evidence.workloads, was_run)) return {};
    return section("Slice by slice", content, "long");
}

std::string settings_section(const Plan& plan) {
    if (plan.changes.empty()) return section("Settings", "<p>The plan changes nothing.</p>\n");
    std::string rows;
    for (const Change& change : plan.changes) {
        rows += fmt::format(
            "<tr><td><code>{}</code><br><span class=\"source\">{}</span></td><td "
            "class=\"change\">{} → <b>{}</b></td><td>{}<br><span "
            "class=\"source\">{}</span></td></tr>\n",
            escaped(change.setting), change.needs_restart() ? "restart" : "reload",
            change.from.empty() ? "default" : escaped(change.from), escaped(change.to),
            escaped(change.reason), escaped(change.source));
    }
    return section("What the plan changes",
                   "<div class=\"scroll\"><table class=\"settings\"><thead><tr><th>Setting</th>"
                   "<th>Current → planned</th><th>Why</th></tr></thead><tbody>\n" +
                       rows + "</tbody></table></div>\n",
                   "long");
}

std::string budget_section(const Plan& plan) {
    const MemoryBudget& budget = plan.budget;
    if (budget.terms.empty()) return {};
    std::string rows;
    int shade = 0;
    for (const BudgetTerm& term : budget.terms)
        rows += fmt::format(
            "<tr><td><span class=\"swatch square shade-{}\"></span>{}</td><td "
            "class=\"number\">{}</td><td class=\"soft\">{}</td></tr>\n",
            shade++ % 8, escaped(term.name), format_for_people(term.size),
            escaped(term.explanation));
    return section(
        "Memory: the worst case",
        fmt::format("<p>At worst {} of {} ({}): {}.</p>\n{}<div class=\"scroll\"><table><tbody>\n"
                    "{}</tbody></table></div>\n",
                    format_for_people(budget.worst_case()), format_for_people(budget.limit),
                    escaped(budget.limit_source),
                    budget.closes() ? "it fits" : "<b>it does not fit</b>", budget_chart(budget),
                    rows));
}

std::string caveats_section(const Plan& plan, const Evidence& evidence) {
    std::vector<std::string> items = evidence.caveats;
    for (const Notice& notice : plan.notices)
        if (notice.severity != Severity::kNote)
            items.push_back(notice.message + (notice.advice.empty() ? "" : ": " + notice.advice));
    if (items.empty()) return {};
    return section("To bear in mind", list_of(items));
}

std::string machine_section(const Plan& plan, const Evidence& evidence,
                            const std::string& command) {
    const auto with_source = [](const std::string& value, const std::string& source) {
        return source.empty() ? value : value + " (" + source + ")";
    };
    const std::vector<std::pair<std::string, std::string>> facts{
        {"Memory limit",
         with_source(format_for_people(plan.machine.memory_limit), plan.machine.memory_source)},
        {"Cores", with_source(fmt::format("{:g}", plan.machine.cores), plan.machine.cores_source)},
        {"Storage",
         with_source(std::string(to_string(plan.machine.storage)), plan.machine.storage_source)},
        {"Profile", plan.profile + (plan.profile_reason.empty() ? "" : ": ") + plan.profile_reason},
        {"Workload of the plan",
         plan.workload + (plan.workload_reason.empty() ? "" : ": ") + plan.workload_reason},
        {"Data", fmt::format("pgbench scale {}", evidence.scale)},
        {"Seed", std::to_string(evidence.seed)}};
    std::string rows;
    for (const auto& [name, value] : facts)
        rows += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", name, escaped(value));
    return section("The machine and the run", "<table><tbody>\n" + rows +
                                                  "</tbody></table>\n<p>To repeat it: <code>" +
                                                  escaped(command) + "</code></p>\n");
}

}  // namespace

std::string summary_sentence(const Evidence& evidence) {
    const auto& workloads = evidence.workloads;
    std::vector<std::string> parts;
    static constexpr std::pair<Verdict, std::string_view> kPhrases[] = {
        {Verdict::kFaster, "faster with the plan"},
        {Verdict::kSlower, "slower with the plan"},
        {Verdict::kNoDifference, "without a difference that matters"},
        {Verdict::kCannotTell, "too noisy to tell"},
        {Verdict::kNotRun, "not run"}};
    for (const auto& [verdict, phrase] : kPhrases) {
        const auto count = std::ranges::count(
            workloads, verdict, [](const auto& workload) { return workload.effect.verdict; });
        if (count > 0) parts.push_back(fmt::format("{} {}", count, phrase));
    }
    return fmt::format("Of {} workload{}: {}.", workloads.size(), workloads.size() == 1 ? "" : "s",
                       join(parts, ", "));
}

std::string report_html(const Plan& plan, const Evidence& evidence, const std::string& command) {
    return page(fmt::format("hone: is plan {} faster?", plan.id()),
                opening(plan, evidence) + ratios_section(evidence) + rates_section(evidence) +
                    settings_section(plan) + budget_section(plan) +
                    caveats_section(plan, evidence) + machine_section(plan, evidence, command) +
                    "<footer>Made by hone: settings, evidence and an undo. The plan is applied "
                    "only when a person says so.</footer>\n");
}

}  // namespace hone::prove
