#include <gtest/gtest.h>

#include <set>

#include "model/setting.hpp"
#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

TEST(RuleTexts, EveryRuleHasASourceAndSaysWhatAndWhy) {
    const auto texts = rule_texts();
    EXPECT_EQ(texts.size(), 38U);
    for (const RuleText& text : texts) {
        EXPECT_FALSE(text.source.empty()) << text.rule;
        EXPECT_FALSE(text.says.empty()) << text.rule;
        EXPECT_FALSE(text.because.empty()) << text.rule;
    }
}

TEST(RuleTexts, EveryRuleNamesASettingOfSomeVersionThatIsNotADurabilitySetting) {
    for (const RuleText& text : rule_texts()) {
        if (text.rule == "custom.setting") continue;
        bool known = false;
        for (int version = 14; version <= 18; ++version)
            known |= builtin_catalogue(version).contains(text.setting);
        EXPECT_TRUE(known) << text.rule;
        EXPECT_FALSE(is_durability_setting(text.setting)) << text.rule;
    }
}

TEST(RuleTexts, IdentifiersAreUnique) {
    std::set<std::string> seen;
    for (const RuleText& text : rule_texts()) EXPECT_TRUE(seen.insert(text.rule).second);
}

}  // namespace
}  // namespace hone::tune
