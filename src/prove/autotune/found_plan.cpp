#include "prove/autotune/found_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "prove/compare/judgement.hpp"

namespace hone::prove {

namespace {

std::string current_value(const FoundPlanInput& input, const SettingDefinition& definition) {
    if (input.plan.offline()) return {};
    const auto found = input.current.find(definition.name);
    return found == input.current.end() ? "" : display_value(definition, found->second);
}

std::string reason_of(const FoundPlanInput& input, const Check& check, const std::string& planned) {
    return fmt::format(
        "Found by measuring, where the rules say {}: all found values together were {} (95 % "
        "interval: {}) under {}, on fresh servers. What this one contributes is not known.",
        planned, ratio_for_people(check.effect.ratio), interval_for_people(check.effect.interval),
        input.load);
}

Change change_to(const FoundPlanInput& input, const Check& check, const Change* planned,
                 const SettingDefinition& definition, const std::string& plan_value,
                 const std::string& value) {
    Change change;
    change.setting = definition.name;
    change.from = planned != nullptr ? planned->from : current_value(input, definition);
    change.to = value;
    change.context = definition.context;
    change.rule = "autotune";
    change.reason = reason_of(input, check, plan_value);
    change.inputs = {{"search", input.id}, {"load", input.load}, {"planned by rule", plan_value}};
    change.source = "hone autotune " + input.id;
    change.risk =
        "Measured under this load on this machine; another load may want the rule's value.";
    return change;
}

void put(std::vector<Change>& changes, Change change) {
    const auto at = std::ranges::find(changes, change.setting, &Change::setting);
    const bool is_no_change = change.from == change.to;
    if (at != changes.end() && is_no_change)
        changes.erase(at);
    else if (at != changes.end())
        *at = std::move(change);
    else if (!is_no_change)
        changes.push_back(std::move(change));
}

}  // namespace

Plan found_plan(const FoundPlanInput& input, const SearchSpace& space, const Point& point,
                const Check& check, const MemoryGuard& guard) {
    Plan plan = input.plan;
    const SettingValues values = values_at(space, point);
    const SettingValues planned = values_at(space, plan_point(space));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].second == planned[i].second) continue;
        const SettingDefinition* definition = find_setting(input.catalogue, values[i].first);
        if (definition == nullptr) continue;
        const auto before = std::ranges::find(plan.changes, values[i].first, &Change::setting);
        put(plan.changes, change_to(input, check, before == plan.changes.end() ? nullptr : &*before,
                                    *definition, planned[i].second, values[i].second));
    }
    std::ranges::sort(plan.changes, {}, &Change::setting);
    plan.budget = guard.budget(values);
    return plan;
}

}  // namespace hone::prove
