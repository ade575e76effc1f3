#include <fmt/format.h>

#include <set>

#include "base/text.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "observe.hpp"
#include "plan_table.hpp"

namespace hone::app {

namespace {

struct Explanation {
    std::string setting;
    std::vector<tune::RuleText> rules;
    const SettingDefinition* definition = nullptr;  // of the observation's catalogue
    const SettingState* state = nullptr;
    std::optional<Change> change;
    std::string not_planned_because;
};

std::vector<tune::RuleText> rules_of(const std::string& setting) {
    std::vector<tune::RuleText> rules;
    for (tune::RuleText& text : tune::rule_texts())
        if (text.setting == setting) rules.push_back(std::move(text));
    return rules;
}

// Where no server was named, one that cannot be read or chosen must not keep the rule from view.
Result<Observation> observe_for(Context& context) {
    auto observation = observe(context, {});
    const bool is_named = !context.target.empty() || !context.data_directory.empty() ||
                          !context.bin_directory.empty();
    if (observation.ok() || is_named) return observation;
    PlanArguments offline;
    offline.pg_version = 15;
    return observe(context, offline);
}

Error unknown_setting(const std::string& setting, const Observation& observation) {
    std::set<std::string> names;
    for (const auto& [name, definition] : observation.input.catalogue) names.insert(name);
    for (const tune::RuleText& text : tune::rule_texts()) names.insert(text.setting);
    const auto near = closest(setting, {names.begin(), names.end()});
    return {ErrorCode::kNotFound, fmt::format("explaining '{}'", printable(setting, 64)),
            fmt::format("PostgreSQL {} has no such setting, and hone has no rule for it",
                        observation.input.server_version),
            near ? fmt::format("did you mean {}?", *near) : "SHOW ALL lists every setting"};
}

Result<Explanation> explain(const std::string& setting, const Observation& observation) {
    Explanation explanation;
    explanation.setting = setting;
    explanation.rules = rules_of(setting);
    explanation.definition = find_setting(observation.input.catalogue, setting);
    if (explanation.rules.empty() && explanation.definition == nullptr)
        return unknown_setting(setting, observation);
    const auto state = observation.input.current.find(setting);
    if (state != observation.input.current.end()) explanation.state = &state->second;
    const auto plan = plan_from(observation);
    if (!plan.ok()) {
        explanation.not_planned_because = plan.error().message();
        return explanation;
    }
    for (const Change& change : plan->changes)
        if (change.setting == setting) explanation.change = change;
    return explanation;
}

std::string range_of(const SettingDefinition& definition) {
    if (definition.type == SettingType::kEnum) return join(definition.enum_values, ", ");
    if (!definition.minimum || !definition.maximum)
        return std::string(definition.type == SettingType::kBool ? "on, off" : "text");
    const auto bound = [&](double number) {
        return display_value(definition, fmt::format("{}", number));
    };
    return fmt::format("{} to {}", bound(*definition.minimum), bound(*definition.maximum));
}

std::string takes_effect(SettingContext context) {
    switch (context) {
        case SettingContext::kInternal:
            return "never: it is fixed when the server or the cluster is made";
        case SettingContext::kRestart:
            return "after a restart";
        case SettingContext::kReload:
            return "after a reload";
        case SettingContext::kNewConnection:
            return "after a reload, for new connections";
        case SettingContext::kSession:
            return "after a reload; a session can set it for itself";
    }
    return "";
}

std::string place_of(const SettingState& state) {
    if (state.source_file.empty()) return state.source;
    return fmt::format("{}: {} line {}", state.source, state.source_file, state.source_line);
}

class Lines {
  public:
    explicit Lines(bool color) : color_(color) {}
    void add(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        const std::string label = fmt::format("{:<{}}", name, kLabelWidth);
        text_ += (color_ ? fmt::format("\033[1m{}\033[0m", label) : label) +
                 wrapped(value, kLabelWidth) + "\n";
    }
    void blank() { text_ += "\n"; }
    const std::string& text() const { return text_; }

  private:
    static constexpr std::size_t kLabelWidth = 15;
    bool color_;
    std::string text_;
};

std::string build_of(const Observation& observation) {
    const tune::TuneInput& input = observation.input;
    if (input.server_build.empty())
        return fmt::format("every build of PostgreSQL {}", input.server_version);
    return "PostgreSQL " + input.server_build;
}

void add_definition(const Explanation& explanation, const Observation& observation, Lines& lines) {
    lines.add("build", build_of(observation));
    if (explanation.definition == nullptr) {
        lines.add("", "This version does not have the setting.");
        return;
    }
    const SettingDefinition& definition = *explanation.definition;
    lines.add("range", range_of(definition));
    lines.add("default", definition.boot_value.empty()
                             ? "(empty)"
                             : display_value(definition, definition.boot_value));
    lines.add("takes effect", takes_effect(definition.context));
    if (explanation.state == nullptr) return;
    const SettingState& state = *explanation.state;
    lines.add("now",
              fmt::format("{} ({}{})", display_value(definition, state.value), place_of(state),
                          state.pending_restart ? ", another value waits for a restart" : ""));
}

void add_plan(const Explanation& explanation, const Observation& observation, Lines& lines) {
    const PlanMachine& machine = observation.input.machine;
    lines.add("machine", fmt::format("{} of memory, {} cores, {} storage",
                                     format_for_people(machine.memory_limit), machine.cores,
                                     to_string(machine.storage)));
    if (!explanation.change) {
        lines.add("plan", explanation.not_planned_because.empty()
                              ? "would leave it as it is"
                              : "cannot be made: " + explanation.not_planned_because);
        return;
    }
    lines.add("plan", explanation.setting + " = " + explanation.change->to);
    lines.add("reason", explanation.change->reason);
    for (const auto& [name, value] : explanation.change->inputs)
        lines.add("from", fmt::format("{}: {}", name, value));
}

std::string as_text(const Explanation& explanation, const Observation& observation, bool color) {
    Lines lines(color);
    lines.add("setting", explanation.setting);
    for (const tune::RuleText& rule : explanation.rules) {
        lines.add("rule", rule.rule);
        lines.add("says", rule.says);
        lines.add("because", rule.because);
        lines.add("risk", rule.risk);
        lines.add("source", rule.source);
    }
    if (is_durability_setting(explanation.setting))
        lines.add("rule", "hone never changes it, and reports it where it is found unsafe.");
    else if (explanation.rules.empty())
        lines.add("rule", "hone has none for it.");
    lines.blank();
    add_definition(explanation, observation, lines);
    if (explanation.definition == nullptr) return lines.text();
    lines.blank();
    add_plan(explanation, observation, lines);
    return lines.text();
}

json::object as_json(const Explanation& explanation, const Observation& observation) {
    json::array rules;
    for (const tune::RuleText& rule : explanation.rules)
        rules.push_back(json::object{{"rule", rule.rule},
                                     {"says", rule.says},
                                     {"because", rule.because},
                                     {"source", rule.source},
                                     {"risk", rule.risk}});
    json::object document{{"schema_version", 1},
                          {"setting", explanation.setting},
                          {"durability", is_durability_setting(explanation.setting)},
                          {"rules", std::move(rules)},
                          {"server_version", observation.input.server_version},
                          {"server_build", observation.input.server_build}};
    if (explanation.definition != nullptr)
        document["definition"] = to_json(*explanation.definition);
    if (explanation.state != nullptr && explanation.definition != nullptr)
        document["current"] = json::object{
            {"value", display_value(*explanation.definition, explanation.state->value)},
            {"source", explanation.state->source},
            {"source_file", explanation.state->source_file},
            {"source_line", explanation.state->source_line},
            {"pending_restart", explanation.state->pending_restart}};
    document["plan"] =
        explanation.change ? json::value(to_json(*explanation.change)) : json::value(nullptr);
    return document;
}

}  // namespace

int run_explain(Context& context, const std::string& setting) {
    const auto observation = observe_for(context);
    if (!observation.ok()) return context.fail(observation.error());
    const auto explanation = explain(to_lower(setting), *observation);
    if (!explanation.ok()) return context.fail(explanation.error());
    if (context.machine_readable())
        context.print_json(as_json(*explanation, *observation));
    else
        context.print(as_text(*explanation, *observation, context.use_color()));
    return kOk;
}

}  // namespace hone::app
