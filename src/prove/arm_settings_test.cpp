#include "prove/arm_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hone::prove {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Plan plan_with(std::vector<std::tuple<std::string, std::string, std::string>> changes) {
    Plan plan;
    plan.server_version = 15;
    plan.target.system_identifier = "7";
    for (auto& [setting, from, to] : changes) {
        Change change;
        change.setting = setting;
        change.from = from;
        change.to = to;
        plan.changes.push_back(change);
    }
    return plan;
}

std::vector<postgres::ConfigEntry> settings(
    std::initializer_list<std::pair<std::string, std::string>> pairs) {
    std::vector<postgres::ConfigEntry> entries;
    for (const auto& [name, value] : pairs)
        entries.push_back({.name = name, .value = value, .file = {}, .line = 0});
    return entries;
}

std::vector<std::string> lines(const std::vector<postgres::ConfigEntry>& entries) {
    std::vector<std::string> lines;
    for (const auto& entry : entries) lines.push_back(entry.name + "=" + entry.value);
    return lines;
}

TEST(ArmSettings, PlanComesOnTopOfTheTargetsFiles) {
    const auto arms = make_arm_settings(
        plan_with({{"shared_buffers", "1GB", "2GB"}, {"work_mem", "4MB", "16MB"}}),
        settings({{"shared_buffers", "1GB"}, {"jit", "off"}}), Bytes::giga(16));
    EXPECT_THAT(lines(arms.current), ElementsAre("shared_buffers=1GB", "jit=off"));
    EXPECT_THAT(lines(arms.planned), ElementsAre("shared_buffers=1GB", "jit=off",
                                                 "shared_buffers=2GB", "work_mem=16MB"));
    EXPECT_TRUE(arms.caveats.empty());
}

TEST(ArmSettings, ThreeServersThatDoNotFitAreScaledByOneFactor) {
    const auto arms = make_arm_settings(plan_with({{"shared_buffers", "1GB", "4GB"}}),
                                        settings({{"shared_buffers", "1GB"}}), Bytes::giga(5));
    EXPECT_EQ(arms.current.back().value, "512MB");
    EXPECT_EQ(arms.planned.back().value, "2GB");
    ASSERT_EQ(arms.caveats.size(), 1U);
    EXPECT_THAT(arms.caveats[0], HasSubstr("measured at 50 % of what the settings say"));
}

TEST(ArmSettings, TargetOutOfReachLeavesThePlansOldValues) {
    const auto arms =
        make_arm_settings(plan_with({{"work_mem", "4MB", "16MB"}}), std::nullopt, Bytes::giga(16));
    EXPECT_THAT(lines(arms.current), ElementsAre("work_mem=4MB", "shared_buffers=128MB"));
    ASSERT_EQ(arms.caveats.size(), 1U);
    EXPECT_THAT(arms.caveats[0], HasSubstr("out of reach"));
}

TEST(ArmSettings, PlanWithoutAServerIsComparedWithTheDefaults) {
    Plan plan = plan_with({{"work_mem", "", "16MB"}});
    plan.target = {};
    const auto arms = make_arm_settings(plan, std::nullopt, Bytes::giga(16));
    EXPECT_THAT(lines(arms.current), ElementsAre("shared_buffers=128MB"));
    EXPECT_THAT(arms.caveats[0], HasSubstr("defaults"));
}

TEST(ArmSettings, BareNumberCountsBlocks) {
    const auto arms =
        make_arm_settings(plan_with({}), settings({{"shared_buffers", "16384"}}), Bytes::giga(16));
    EXPECT_EQ(arms.current_buffers, Bytes::mega(128));
}

// The server's own refusal is the answer, so the value must reach it.
TEST(ArmSettings, SizeThatIsNoneReachesTheServerAsItStands) {
    const auto arms = make_arm_settings(plan_with({{"shared_buffers", "1GB", "banana"}}),
                                        settings({{"shared_buffers", "1GB"}}), Bytes::giga(1));
    EXPECT_EQ(arms.planned.back().value, "banana");
}

TEST(ArmSettings, LastOfTwoLinesWins) {
    const auto arms = make_arm_settings(
        plan_with({}), settings({{"shared_buffers", "1GB"}, {"shared_buffers", "256MB"}}),
        Bytes::giga(16));
    EXPECT_EQ(arms.current_buffers, Bytes::mega(256));
}

}  // namespace
}  // namespace hone::prove
