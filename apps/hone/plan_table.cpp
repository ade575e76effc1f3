#include "plan_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace hone::app {

namespace {

constexpr std::size_t kWidestValue = 28;
constexpr std::size_t kBarWidth = 40;
constexpr std::size_t kReasonIndent = 6;

std::string styled(std::string_view text, const char* code, bool color) {
    return color ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

std::string heading(std::string_view text, bool color) {
    return styled(text, "1", color) + "\n";
}

const char* colour_of(Severity severity) {
    switch (severity) {
        case Severity::kCritical:
            return "1;31";
        case Severity::kWarning:
            return "33";
        case Severity::kNote:
            return "36";
    }
    return "0";
}

// A plan without a server does not know what is there; on a server an empty text is a value.
std::string former_value(const Change& change, bool is_offline) {
    if (!change.from.empty()) return change.from;
    return is_offline ? "(default)" : "(none)";
}

std::string bar(double share) {
    const auto filled = static_cast<std::size_t>(
        std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(kBarWidth)));
    return "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "]";
}

double share_of_limit(Bytes size, Bytes limit) {
    return static_cast<double>(size.count()) / static_cast<double>(limit.count());
}

std::string facts_of(const Plan& plan, bool color) {
    const PlanMachine& machine = plan.machine;
    std::string text;
    const auto add = [&](std::string_view name, const std::string& value) {
        text += styled(fmt::format("{:<10}", name), "1", color) + wrapped(value, 10) + "\n";
    };
    add("Server", fmt::format("PostgreSQL {}{}",
                              plan.server_build.empty() ? fmt::format("{}", plan.server_version)
                                                        : plan.server_build,
                              plan.target.data_directory.empty()
                                  ? std::string(plan.offline() ? ", not a running one" : "")
                                  : ", " + plan.target.data_directory));
    add("Memory",
        fmt::format("{} ({})", format_for_people(machine.memory_limit), machine.memory_source));
    add("Cores", fmt::format("{} ({})", machine.cores, machine.cores_source));
    add("Storage", fmt::format("{} ({})", to_string(machine.storage), machine.storage_source));
    add("Profile", fmt::format("{}: {}", plan.profile, plan.profile_reason));
    add("Workload", fmt::format("{}: {}", plan.workload, plan.workload_reason));
    return text;
}

std::string summary_of(const Plan& plan) {
    if (plan.changes.empty()) return "Nothing to change.\n";
    const auto restarts =
        std::count_if(plan.changes.begin(), plan.changes.end(),
                      [](const Change& change) { return change.needs_restart(); });
    return fmt::format("{} {}, {} of them after a restart. Plan {}.\n", plan.changes.size(),
                       plan.changes.size() == 1 ? "change" : "changes", restarts, plan.id());
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string lines;
    std::size_t column = indent;
    for (const std::string_view word : split_words(text)) {
        const bool is_first = lines.empty();
        if (!is_first && column + 1 + word.size() > width) {
            lines += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (!is_first) {
            lines += ' ';
            ++column;
        }
        lines += word;
        column += word.size();
    }
    return lines;
}

std::string changes_as_table(const std::vector<Change>& changes, bool color) {
    const bool is_offline = std::all_of(changes.begin(), changes.end(),
                                        [](const Change& change) { return change.from.empty(); });
    std::size_t name_width = 7;
    std::size_t from_width = 3;
    std::size_t to_width = 7;
    for (const Change& change : changes) {
        name_width = std::max(name_width, change.setting.size());
        from_width =
            std::max(from_width, std::min(former_value(change, is_offline).size(), kWidestValue));
        to_width = std::max(to_width, std::min(change.to.size(), kWidestValue));
    }
    std::string text = heading(fmt::format("  {:<{}}  {:>{}}     {:<{}}  {}", "setting", name_width,
                                           "now", from_width, "planned", to_width, "needs"),
                               color);
    for (const Change& change : changes) {
        const std::string to = styled(fmt::format("{:<{}}", change.to, to_width), "1;32", color);
        text += fmt::format("  {:<{}}  {:>{}}  -> {}  {}\n", change.setting, name_width,
                            former_value(change, is_offline), from_width, to,
                            change.needs_restart() ? styled("restart", "33", color) : "reload");
        text += std::string(kReasonIndent, ' ') +
                styled(wrapped(change.reason, kReasonIndent), "2", color) + "\n";
    }
    return text;
}

std::string budget_as_table(const MemoryBudget& budget, bool color) {
    std::size_t width = 5;
    for (const BudgetTerm& term : budget.terms) width = std::max(width, term.name.size());
    std::string text = heading("Memory, when everything is busy at the same time", color);
    for (const BudgetTerm& term : budget.terms)
        text += fmt::format(
            "  {:<{}}  {:>8}  {:>3.0f} %  {}\n", term.name, width, format_for_people(term.size),
            100 * share_of_limit(term.size, budget.limit), styled(term.explanation, "2", color));
    const double share = share_of_limit(budget.worst_case(), budget.limit);
    text += fmt::format("  {:<{}}  {:>8}  {:>3.0f} %  {} of {}\n", "total", width,
                        format_for_people(budget.worst_case()), 100 * share, bar(share),
                        format_for_people(budget.limit));
    return text;
}

std::string notices_as_text(const std::vector<Notice>& notices, bool color) {
    std::string text;
    for (const Notice& notice : notices) {
        text += styled(fmt::format("  {:<10}", to_string(notice.severity)),
                       colour_of(notice.severity), color) +
                wrapped(notice.message, 12) + "\n";
        if (!notice.advice.empty())
            text += std::string(12, ' ') + wrapped(notice.advice, 12) + "\n";
    }
    return text;
}

std::string plan_as_table(const Plan& plan, bool color) {
    std::string text = facts_of(plan, color) + "\n";
    if (!plan.changes.empty()) text += changes_as_table(plan.changes, color) + "\n";
    text += budget_as_table(plan.budget, color) + "\n";
    if (!plan.notices.empty())
        text += heading("Notices", color) + notices_as_text(plan.notices, color) + "\n";
    return text + summary_of(plan);
}

}  // namespace hone::app
