#include "tune/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "tune/rules.hpp"

namespace hone::tune {

namespace {

bool is_number(const SettingDefinition& definition) {
    return definition.type == SettingType::kInteger || definition.type == SettingType::kReal;
}

// Zero and negative numbers mean "off" or "automatic": nothing is close to them but themselves.
bool is_negligible(double current, double wanted) {
    return current > 0 && wanted > 0 && std::abs(wanted - current) <= kNegligibleShare * current;
}

std::string canonical_number(double number) {
    return number == std::floor(number) ? fmt::format("{:.0f}", number) : fmt::format("{}", number);
}

}  // namespace

Draft::Draft(const TuneInput& input) : input_(input) {
    for (const std::string& setting : input.customization.leave_alone) locked_.insert(setting);
}

Status Draft::fix(const Customization& customization) {
    for (const auto& [setting, value] : customization.settings) {
        const std::string tried = fmt::format("setting {} by hand", setting);
        const SettingDefinition* definition = find_setting(input_.catalogue, setting);
        if (definition == nullptr) {
            std::vector<std::string> names;
            for (const auto& [name, ignored] : input_.catalogue) names.push_back(name);
            const auto near = closest(setting, names);
            return Error{
                ErrorCode::kInvalidArgument, tried,
                fmt::format("PostgreSQL {} does not have that setting", input_.server_version),
                near ? fmt::format("did you mean {}?", *near) : std::string()};
        }
        if (is_durability_setting(setting))
            return Error{ErrorCode::kInvalidArgument, tried,
                         "it trades durability for speed, and hone never changes it",
                         "take it out of the custom profile"};
        if (definition->context == SettingContext::kInternal)
            return Error{ErrorCode::kInvalidArgument, tried, "it cannot be set, only read",
                         "take it out of the custom profile"};
        HONE_TRY_ASSIGN(const std::string canonical, canonical_value(*definition, value));
        if (input_.reload_only && definition->context == SettingContext::kRestart) continue;
        put({"custom.setting", setting, value, "Fixed by hand in the custom profile.", {}},
            canonical);
        locked_.insert(setting);
    }
    return {};
}

bool Draft::has(std::string_view setting) const {
    return find_setting(input_.catalogue, setting) != nullptr;
}

bool Draft::may_set(std::string_view setting) const {
    const SettingDefinition* definition = find_setting(input_.catalogue, setting);
    if (definition == nullptr || locked_.contains(setting)) return false;
    if (definition->context == SettingContext::kInternal) return false;
    return !input_.reload_only || definition->context != SettingContext::kRestart;
}

std::string Draft::current(std::string_view setting) const {
    const SettingDefinition* definition = find_setting(input_.catalogue, setting);
    const auto state = input_.current.find(setting);
    if (state == input_.current.end())
        return definition == nullptr ? std::string() : definition->boot_value;
    // A running server shows what "automatic" came to (wal_buffers), not that it is automatic.
    const bool is_automatic = definition != nullptr && definition->boot_value == "-1" &&
                              state->second.source == "default";
    return is_automatic ? definition->boot_value : state->second.value;
}

std::string Draft::effective(std::string_view setting) const {
    const auto proposed = canonicals_.find(setting);
    return proposed == canonicals_.end() ? current(setting) : proposed->second;
}

double Draft::number(std::string_view setting, double fallback) const {
    return parse_number(effective(setting)).value_or(fallback);
}

double Draft::current_number(std::string_view setting, double fallback) const {
    return parse_number(current(setting)).value_or(fallback);
}

Bytes Draft::bytes(std::string_view setting, Bytes fallback) const {
    const SettingDefinition* definition = find_setting(input_.catalogue, setting);
    if (definition == nullptr) return fallback;
    return value_as_bytes(*definition, effective(setting)).value_or(fallback);
}

Bytes Draft::settled(std::string_view setting, Bytes wanted) const {
    const Bytes present = bytes(setting);
    const bool stays =
        is_negligible(static_cast<double>(present.count()), static_cast<double>(wanted.count()));
    return stays || !may_set(setting) ? present : wanted;
}

std::string Draft::clamped(const SettingDefinition& definition, const std::string& value) const {
    SettingDefinition unlimited = definition;
    unlimited.minimum.reset();
    unlimited.maximum.reset();
    const auto canonical = canonical_value(unlimited, value);
    if (!canonical.ok()) return {};
    if (!is_number(definition)) return *canonical;
    double number = parse_number(*canonical).value_or(0);
    if (definition.minimum) number = std::max(number, *definition.minimum);
    if (definition.maximum) number = std::min(number, *definition.maximum);
    return canonical_number(number);
}

void Draft::propose(Proposal proposal) {
    const SettingDefinition* definition = find_setting(input_.catalogue, proposal.setting);
    if (definition != nullptr && is_number(*definition)) {
        const double wanted = parse_number(clamped(*definition, proposal.value)).value_or(0);
        if (is_negligible(current_number(proposal.setting), wanted)) {
            if (!may_set(proposal.setting)) return;
            proposals_.erase(proposal.setting);
            canonicals_.erase(proposal.setting);
            return;
        }
    }
    propose_exactly(std::move(proposal));
}

void Draft::propose_exactly(Proposal proposal) {
    if (!may_set(proposal.setting)) return;
    const SettingDefinition& definition = *find_setting(input_.catalogue, proposal.setting);
    const std::string canonical = clamped(definition, proposal.value);
    if (!canonical.empty()) put(std::move(proposal), canonical);
}

void Draft::put(Proposal proposal, const std::string& canonical) {
    const std::string setting = proposal.setting;
    proposals_.erase(setting);
    canonicals_.erase(setting);
    if (canonical == current(setting)) return;
    canonicals_.emplace(setting, canonical);
    proposals_.emplace(setting, std::move(proposal));
}

void Draft::notice(Severity severity, std::string rule, std::string message, std::string advice) {
    notices_.push_back({severity, std::move(rule), std::move(message), std::move(advice)});
}

std::vector<Change> Draft::changes() const {
    std::vector<Change> changes;
    for (const auto& [setting, proposal] : proposals_) {
        const SettingDefinition& definition = *find_setting(input_.catalogue, setting);
        const RuleText* text = find_rule_text(proposal.rule);
        HONE_ASSERT(text != nullptr);
        Change change;
        change.setting = setting;
        change.from = input_.current.empty() ? "" : display_value(definition, current(setting));
        change.to = display_value(definition, canonicals_.find(setting)->second);
        change.context = definition.context;
        change.rule = proposal.rule;
        change.reason = proposal.reason;
        change.inputs = proposal.inputs;
        change.source = text->source;
        change.risk = text->risk;
        changes.push_back(std::move(change));
    }
    return changes;
}

}  // namespace hone::tune
