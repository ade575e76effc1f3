#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "engines/postgres/check.hpp"
#include "engines/postgres/check_rules_input.hpp"

namespace hone::postgres {

namespace {

bool belongs_to_an_extension(std::string_view name) {
    return name.find('.') != std::string_view::npos;
}

Finding unknown_setting(const RuleInput& input, const Change& change) {
    std::vector<std::string> names;
    for (const auto& [name, definition] : input.catalogue()) names.push_back(name);
    const auto meant = closest(change.setting, names);
    return {"values.unknown_setting", Severity::kCritical, change.setting,
            fmt::format("this build of PostgreSQL has no setting named {}", change.setting),
            meant ? "did you mean " + *meant + "?" : "make the plan for this version"};
}

std::string range_advice(const SettingDefinition& definition) {
    if (!definition.minimum || !definition.maximum) return "choose a value that the manual lists";
    const auto shown = [&](double limit) {
        return display_value(definition, fmt::format("{}", limit));
    };
    return fmt::format("choose a value from {} to {}", shown(*definition.minimum),
                       shown(*definition.maximum));
}

void check_value(const RuleInput& input, const Change& change, Findings& findings) {
    const auto* definition = find_setting(input.catalogue(), change.setting);
    if (definition == nullptr) {
        // An extension's setting is known only once its library is loaded: the boot decides.
        if (!belongs_to_an_extension(change.setting))
            findings.push_back(unknown_setting(input, change));
        return;
    }
    if (definition->context == SettingContext::kInternal) {
        findings.push_back({"values.not_changeable", Severity::kCritical, change.setting,
                            change.setting + " is fixed when PostgreSQL is built or the cluster "
                                             "is made",
                            "take it out of the plan"});
        return;
    }
    const auto value = canonical_value(*definition, change.to);
    if (!value.ok())
        findings.push_back(
            {"values.invalid", Severity::kCritical, change.setting,
             value.error().tried() + ": " + value.error().wrong(),
             value.error().advice().empty() ? range_advice(*definition) : value.error().advice()});
}

void check_values(const RuleInput& input, Findings& findings) {
    for (const auto& change : input.plan().changes) check_value(input, change, findings);
}

void check_durability(const RuleInput& input, Findings& findings) {
    for (const auto& change : input.plan().changes)
        if (is_durability_setting(change.setting))
            findings.push_back({"values.durability", Severity::kCritical, change.setting,
                                fmt::format("the plan sets {} = {}, which decides whether data "
                                            "survives a crash: hone never changes it",
                                            change.setting, change.to),
                                "take it out of the plan"});
}

// "$libdir/plugins/x.so" is the library "x"; none for a path elsewhere, which only a boot can
// judge.
std::optional<std::string> library_name(std::string_view item) {
    item = trim(item);
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"')
        item = item.substr(1, item.size() - 2);
    if (item.starts_with("$libdir/")) item.remove_prefix(8);
    if (item.ends_with(".so")) item.remove_suffix(3);
    if (item.empty() || item.find('/') != std::string_view::npos) return std::nullopt;
    return std::string(item);
}

void check_libraries(const RuleInput& input, Findings& findings) {
    // Elsewhere only a boot can look.
    const bool in_its_own_folder =
        input.value("dynamic_library_path").value_or("$libdir") == "$libdir";
    if (input.libraries().empty() || !in_its_own_folder) return;
    for (const auto* setting : {"shared_preload_libraries", "session_preload_libraries"}) {
        const std::string list = input.value(setting).value_or("");
        for (const auto item : split(list, ',')) {
            const auto library = library_name(item);
            const auto& available = input.libraries();
            if (!library ||
                std::find(available.begin(), available.end(), *library) != available.end())
                continue;
            findings.push_back(
                {"libraries.missing", Severity::kCritical, setting,
                 fmt::format("{} names '{}', and these binaries have no such library", setting,
                             *library),
                 "install the extension for this version of PostgreSQL, or take it "
                 "out of " +
                     std::string(setting)});
        }
    }
}

}  // namespace

std::optional<std::string> RuleInput::value(std::string_view name) const {
    if (const auto found = merged_.find(name); found != merged_.end()) return found->second;
    const auto* definition = find_setting(catalogue_, name);
    if (definition == nullptr) return std::nullopt;
    return definition->boot_value;
}

std::optional<std::int64_t> RuleInput::integer(std::string_view name) const {
    const auto text = value(name);
    return text ? parse_integer(*text) : std::nullopt;
}

std::optional<Bytes> RuleInput::size(std::string_view name) const {
    const auto* definition = find_setting(catalogue_, name);
    const auto text = value(name);
    if (definition == nullptr || !text) return std::nullopt;
    return value_as_bytes(*definition, *text);
}

std::string RuleInput::shown(std::string_view name) const {
    const auto* definition = find_setting(catalogue_, name);
    const std::string text = value(name).value_or("");
    return definition == nullptr ? text : display_value(*definition, text);
}

bool RuleInput::plan_sets(std::string_view name) const {
    return std::any_of(plan_.changes.begin(), plan_.changes.end(),
                       [&](const Change& change) { return change.setting == name; });
}

std::vector<Finding> check_rules(const Plan& plan, const Catalogue& catalogue,
                                 const MergedValues& merged,
                                 const std::vector<std::string>& available_libraries,
                                 const MachineLimits& limits) {
    const RuleInput input(plan, catalogue, merged, available_libraries, limits);
    Findings findings;
    check_values(input, findings);
    check_durability(input, findings);
    check_libraries(input, findings);
    check_cross_rules(input, findings);
    check_machine_rules(input, findings);
    return findings;
}

}  // namespace hone::postgres
