#include <string_view>

#include "tune/rules.hpp"
#include "tune/toml_reader.hpp"

namespace hone::embedded {
extern const std::string_view kTuneRules;
}

namespace hone::tune {

namespace {

std::string text_of(const TomlNode& table, std::string_view key) {
    const TomlNode* found = table.find(key);
    return found == nullptr ? std::string() : found->text;
}

std::vector<RuleText> read_rule_texts(std::string_view document) {
    const TomlNode root = parse_toml(document, "rules.toml").value();
    std::vector<RuleText> texts;
    for (const auto& [group, rules] : root.entries)
        for (const auto& [name, rule] : rules.entries)
            texts.push_back({group + "." + name, text_of(rule, "setting"), text_of(rule, "says"),
                             text_of(rule, "because"), text_of(rule, "source"),
                             text_of(rule, "risk")});
    return texts;
}

const std::vector<RuleText>& all_rule_texts() {
    static const std::vector<RuleText> kTexts = read_rule_texts(embedded::kTuneRules);
    return kTexts;
}

}  // namespace

std::vector<RuleText> rule_texts() {
    return all_rule_texts();
}

const RuleText* find_rule_text(std::string_view rule) {
    for (const RuleText& text : all_rule_texts())
        if (text.rule == rule) return &text;
    return nullptr;
}

}  // namespace hone::tune
