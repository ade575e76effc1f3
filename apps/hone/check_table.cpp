#include "check_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "plan_table.hpp"

namespace hone::app {

namespace {

using postgres::CheckReport;
using postgres::Finding;

struct Step {
    std::string_view rules;  // what the names of its rules begin with, before the dot
    std::string_view title;
    std::string_view when_ok;
    std::string_view when_unknown = {};
};

constexpr std::array<Step, 6> kSteps{
    {{"files", "configuration files", "nothing in them stands against the plan"},
     {"values", "values", "this build takes every one"},
     {"libraries", "libraries", "every one to be loaded is there",
      "the library folder of these programs was not found"},
     {"cross", "values together", "none contradicts another"},
     {"memory", "memory", "the worst case fits"},
     {"machine", "machine", "disk, files and huge pages suffice",
      "the plan was not made for a server on this machine"}}};

constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kPlain = "\033[0m";

std::string painted(std::string_view text, std::string_view ink, bool color) {
    return color ? fmt::format("{}{}{}", ink, text, kPlain) : std::string(text);
}

std::string_view ink_of(Severity severity) {
    if (severity == Severity::kCritical) return kRed;
    return severity == Severity::kWarning ? kYellow : kPlain;
}

std::string_view word_of(Severity severity) {
    if (severity == Severity::kCritical) return "refused";
    return severity == Severity::kWarning ? "warning" : "note";
}

std::string line(std::string_view title, std::string_view word, std::string_view ink,
                 std::string_view detail, bool color) {
    // Padded before it is painted: escape sequences have no width.
    return fmt::format("  {:<21}{}  {}\n", title, painted(fmt::format("{:<7}", word), ink, color),
                       detail);
}

std::string count_of(std::size_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string step_line(const Step& step, const CheckReport& report, bool color) {
    std::size_t found = 0;
    Severity worst = Severity::kNote;
    for (const auto& finding : report.findings) {
        if (!finding.rule.starts_with(std::string(step.rules) + ".")) continue;
        ++found;
        worst = std::max(worst, finding.severity);
    }
    const auto& skipped = report.not_judged;
    if (std::find(skipped.begin(), skipped.end(), step.rules) != skipped.end())
        return line(step.title, "not run", kYellow, step.when_unknown, color);
    if (found == 0) return line(step.title, "ok", kGreen, step.when_ok, color);
    return line(step.title, word_of(worst), ink_of(worst), count_of(found, "finding") + " below",
                color);
}

std::string boot_line(const CheckReport& report, bool color) {
    if (report.booted)
        return line("boot", "ok", kGreen, fmt::format("ready in {:.2f} s", report.boot_seconds),
                    color);
    const bool tried = report.boot_seconds > 0;
    return tried ? line("boot", "refused", kRed, "the server did not start", color)
                 : line("boot", "not run", kYellow, "the rules refuse the plan already", color);
}

std::string values_line(const CheckReport& report, bool color) {
    if (!report.booted)
        return line("values read back", "not run", kYellow, "there was no server to ask", color);
    if (report.values_agree)
        return line("values read back", "ok", kGreen,
                    count_of(static_cast<std::size_t>(report.values_read), "value") + " as planned",
                    color);
    return line("values read back", "refused", kRed, "not all are as planned", color);
}

std::string finding_text(const Finding& finding, bool color) {
    std::string text = fmt::format(
        "\n{} {}\n", painted(word_of(finding.severity), ink_of(finding.severity), color),
        finding.rule);
    text += "  " + wrapped(finding.message, 2) + "\n";
    if (!finding.advice.empty()) text += "  -> " + wrapped(finding.advice, 5) + "\n";
    return text;
}

std::string findings_text(const CheckReport& report, bool color) {
    std::string text;
    for (const auto severity : {Severity::kCritical, Severity::kWarning, Severity::kNote})
        for (const auto& finding : report.findings)
            if (finding.severity == severity) text += finding_text(finding, color);
    return text;
}

std::string closing(const CheckReport& report, bool color) {
    if (report.passed()) return painted("passed", kGreen, color) + ": the plan boots\n";
    const auto critical = std::count_if(
        report.findings.begin(), report.findings.end(),
        [](const Finding& finding) { return finding.severity == Severity::kCritical; });
    return painted("not passed", kRed, color) +
           fmt::format(": {}; nothing was changed\n",
                       count_of(static_cast<std::size_t>(critical), "problem"));
}

}  // namespace

std::string check_as_table(const CheckReport& report, const Plan& plan, bool color) {
    std::string text = fmt::format(
        "Plan {} for PostgreSQL {}: {}\n\n", plan.id(),
        plan.server_build.empty() ? std::to_string(plan.server_version) : plan.server_build,
        count_of(plan.changes.size(), "change"));
    for (const auto& step : kSteps) text += step_line(step, report, color);
    text += boot_line(report, color);
    text += values_line(report, color);
    for (const auto& adjusted : report.adjusted)
        text += fmt::format("  {:<21}{:<7}  {}\n", "", "",
                            "booted with " + adjusted + ", which this machine can give");
    text += findings_text(report, color);
    return text + "\n" + closing(report, color);
}

}  // namespace hone::app
