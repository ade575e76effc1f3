#include "change/elsewhere.hpp"

#include <fmt/format.h>

namespace hone::change {

namespace {

// Single quotes are doubled in YAML as in SQL.
std::string quoted_yaml(const std::string& text) {
    std::string quoted = "'";
    for (const char letter : text) quoted += letter == '\'' ? "''" : std::string(1, letter);
    return quoted + "'";
}

std::string quoted_word(const std::string& text) {
    std::string quoted = "'";
    for (const char letter : text) quoted += letter == '\'' ? "'\\''" : std::string(1, letter);
    return quoted + "'";
}

std::string patroni_patch(const Plan& plan) {
    std::string text =
        "# Patroni owns these settings. Save this as patch.yml, then:\n"
        "#   patronictl edit-config --apply patch.yml --force\n";
    if (plan.needs_restart())
        text += "# Some need a restart, standbys first:  patronictl restart CLUSTER --pending\n";
    text += "postgresql:\n  parameters:\n";
    for (const Change& change : plan.changes)
        text += fmt::format("    {}: {}\n", change.setting, quoted_yaml(change.to));
    return text;
}

std::string container_arguments(const Plan& plan) {
    std::string text =
        "# The server runs in a container: add these to its command, then make it anew.\n"
        "postgres";
    for (const Change& change : plan.changes)
        text += fmt::format(" \\\n  -c {}", quoted_word(change.setting + "=" + change.to));
    return text + "\n";
}

}  // namespace

std::optional<std::string> instructions_for(ManagedBy managed_by, const Plan& plan) {
    if (managed_by == ManagedBy::kPatroni) return patroni_patch(plan);
    if (managed_by == ManagedBy::kContainer) return container_arguments(plan);
    return std::nullopt;
}

}  // namespace hone::change
