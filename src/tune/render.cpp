#include <fmt/format.h>

#include "base/text.hpp"
#include "tune/tune.hpp"

namespace hone::tune {

namespace {

std::string header(const Plan& plan, std::string_view comment) {
    const PlanMachine& machine = plan.machine;
    const std::string build =
        plan.server_build.empty() ? "" : fmt::format(" ({})", plan.server_build);
    std::string text;
    const auto add = [&](const std::string& line) {
        text += fmt::format("{} {}\n", comment, printable(line, 1000));
    };
    add(fmt::format("hone plan {} for PostgreSQL {}{}", plan.id(), plan.server_version, build));
    add(fmt::format("machine:  {} of memory, {} {}, {} storage",
                    format_for_people(machine.memory_limit), machine.cores,
                    machine.cores == 1 ? "core" : "cores", to_string(machine.storage)));
    add(fmt::format("profile:  {}: {}", plan.profile, plan.profile_reason));
    add(fmt::format("workload: {}: {}", plan.workload, plan.workload_reason));
    add(fmt::format("memory:   {} at worst, of {}", format_for_people(plan.budget.worst_case()),
                    format_for_people(plan.budget.limit)));
    if (plan.changes.empty()) add("nothing to change");
    return text;
}

std::string reason(const Change& change, std::string_view comment) {
    return fmt::format("\n{} {}{}\n", comment, printable(change.reason, 1000),
                       change.needs_restart() ? " Needs a restart." : "");
}

std::string sql_literal(std::string_view text) {
    std::string literal = "'";
    bool has_backslash = false;
    for (const char c : text) {
        if (c == '\'' || c == '\\') literal += c;
        has_backslash = has_backslash || c == '\\';
        literal += c;
    }
    // An escape string means the same whatever standard_conforming_strings says.
    return (has_backslash ? "E" : "") + literal + "'";
}

// A list setting is given element by element: one literal would become one name with a comma in it.
std::string sql_value(const Change& change) {
    if (change.setting != "shared_preload_libraries") return sql_literal(change.to);
    std::vector<std::string> elements;
    for (const std::string_view piece : split(change.to, ',')) {
        std::string_view name = trim(piece);
        if (name.size() >= 2 && name.starts_with('"') && name.ends_with('"'))
            name = name.substr(1, name.size() - 2);
        if (!name.empty()) elements.push_back(sql_literal(name));
    }
    return elements.empty() ? "''" : join(elements, ", ");
}

// Extension settings are "extension.name": each part is an identifier of its own.
std::string sql_name(std::string_view setting) {
    std::vector<std::string> parts;
    for (const std::string_view part : split(setting, '.'))
        parts.push_back(fmt::format("\"{}\"", part));
    return join(parts, ".");
}

}  // namespace

std::string plan_as_config(const Plan& plan) {
    std::string text = header(plan, "#");
    for (const Change& change : plan.changes)
        text += reason(change, "#") +
                fmt::format("{} = {}\n", change.setting, quoted_for_config(change.to));
    return text;
}

std::string plan_as_alter_system(const Plan& plan) {
    std::string text = header(plan, "--");
    for (const Change& change : plan.changes)
        text += reason(change, "--") + fmt::format("ALTER SYSTEM SET {} = {};\n",
                                                   sql_name(change.setting), sql_value(change));
    if (plan.changes.empty()) return text;
    text += plan.needs_restart()
                ? "\n-- Some of it holds only after a restart.\nSELECT pg_reload_conf();\n"
                : "\nSELECT pg_reload_conf();\n";
    return text;
}

}  // namespace hone::tune
