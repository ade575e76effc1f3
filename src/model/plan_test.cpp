#include "model/plan.hpp"

#include <gtest/gtest.h>

namespace hone {
namespace {

Plan sample() {
    Plan plan;
    plan.server_version = 15;
    plan.server_build = "15.20 (Debian 15.20-0+deb12u1)";
    plan.target = {"7300000000000000000", "/srv/pg", "abc"};
    plan.machine.memory_limit = Bytes::giga(16);
    plan.machine.cores = 2.5;
    plan.machine.storage = StorageClass::kNvme;
    plan.profile = "standard";
    plan.workload = "mixed";
    Change change;
    change.setting = "shared_buffers";
    change.from = "128MB";
    change.to = "4GB";
    change.context = SettingContext::kRestart;
    change.rule = "memory.shared_buffers";
    change.reason = "25 % of 16 GB.";
    change.inputs = {{"memory limit", "16 GB"}};
    change.source = "manual";
    plan.changes = {change};
    plan.budget.limit = Bytes::giga(16);
    plan.budget.terms = {{"shared_buffers", Bytes::giga(4), "one cache"},
                         {"work_mem", Bytes::giga(2), "all of it"}};
    plan.notices = {{Severity::kCritical, "durability.fsync", "fsync is off.", "Set it on."}};
    return plan;
}

Error error_of(std::string_view text) {
    return plan_from_text(text, "plan.json").error();
}

TEST(Plan, ReadsBackAsItWasWritten) {
    const std::string text = plan_to_text(sample());
    const Plan read = plan_from_text(text, "plan.json").value();
    EXPECT_EQ(plan_to_text(read), text);
    EXPECT_EQ(read.id(), sample().id());
    EXPECT_EQ(read.changes[0].inputs[0].second, "16 GB");
    EXPECT_EQ(read.notices[0].severity, Severity::kCritical);
    EXPECT_EQ(read.machine.cores, 2.5);
}

TEST(Plan, EditedOneIsRefused) {
    std::string text = plan_to_text(sample());
    text.replace(text.find("4GB"), 3, "8GB");
    EXPECT_EQ(error_of(text).code(), ErrorCode::kDataLoss);
}

TEST(Plan, IsRefusedCutOffAtEveryByte) {
    const std::string text = plan_to_text(sample());
    for (std::size_t length = 0; length + 2 < text.size(); ++length)
        ASSERT_FALSE(plan_from_text(text.substr(0, length), "plan.json").ok()) << length;
}

TEST(Plan, OtherDocumentsAndVersionsAreRefused) {
    EXPECT_EQ(error_of("{\"kind\": \"shopping list\"}").code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(error_of("[1, 2]").code(), ErrorCode::kInvalidArgument);
    std::string text = plan_to_text(sample());
    text.replace(text.find("\"schema_version\": 1"), 19, "\"schema_version\": 2");
    EXPECT_EQ(error_of(text).code(), ErrorCode::kUnsupported);
}

TEST(Plan, IdentifierFollowsTheContent) {
    Plan other = sample();
    EXPECT_EQ(other.id().size(), 12U);
    EXPECT_EQ(other.id(), sample().id());
    other.changes[0].to = "5GB";
    EXPECT_NE(other.id(), sample().id());
}

TEST(Plan, KnowsWhetherItNeedsARestart) {
    Plan plan = sample();
    EXPECT_TRUE(plan.needs_restart());
    plan.changes[0].context = SettingContext::kReload;
    EXPECT_FALSE(plan.needs_restart());
    EXPECT_FALSE(plan.offline());
    plan.target.system_identifier.clear();
    EXPECT_TRUE(plan.offline());
}

TEST(MemoryBudget, SumsItsTermsAndClosesAtTheLimit) {
    MemoryBudget budget = sample().budget;
    EXPECT_EQ(budget.worst_case(), Bytes::giga(6));
    budget.limit = Bytes::giga(6);
    EXPECT_TRUE(budget.closes());
    budget.limit = Bytes::giga(6) - Bytes{1};
    EXPECT_FALSE(budget.closes());
}

}  // namespace
}  // namespace hone
