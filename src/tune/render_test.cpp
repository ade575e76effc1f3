#include <gtest/gtest.h>

#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

Plan small_plan() {
    Plan plan;
    plan.server_version = 15;
    plan.machine.memory_limit = Bytes::giga(8);
    plan.machine.cores = 4;
    plan.machine.storage = StorageClass::kSsd;
    plan.profile = "standard";
    plan.profile_reason = "Stated.";
    plan.workload = "mixed";
    plan.workload_reason = "Stated.";
    Change buffers;
    buffers.setting = "shared_buffers";
    buffers.to = "2GB";
    buffers.context = SettingContext::kRestart;
    buffers.reason = "25 % of 8 GB.";
    Change libraries = buffers;
    libraries.setting = "shared_preload_libraries";
    libraries.to = "auto_explain, \"my lib\",pg_stat_statements";
    libraries.reason = "Two lines\nin one.";
    plan.changes = {buffers, libraries};
    plan.budget.limit = Bytes::giga(8);
    return plan;
}

TEST(Render, ConfigHasEachReasonAboveItsLine) {
    const std::string text = plan_as_config(small_plan());
    EXPECT_NE(text.find("\n# 25 % of 8 GB. Needs a restart.\nshared_buffers = "), std::string::npos)
        << text;
    EXPECT_NE(
        text.find("shared_preload_libraries = 'auto_explain, \"my lib\",pg_stat_statements'\n"),
        std::string::npos)
        << text;
}

TEST(Render, NoTextOfAReasonEscapesItsComment) {
    EXPECT_NE(plan_as_config(small_plan()).find("# Two lines?in one."), std::string::npos);
}

TEST(Render, AlterSystemGivesListsElementByElement) {
    const std::string text = plan_as_alter_system(small_plan());
    EXPECT_NE(text.find("ALTER SYSTEM SET \"shared_buffers\" = '2GB';\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("ALTER SYSTEM SET \"shared_preload_libraries\" = 'auto_explain', 'my lib', "
                        "'pg_stat_statements';\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("SELECT pg_reload_conf();\n"), std::string::npos);
}

TEST(Render, APlanWithoutChangesSetsNothing) {
    Plan plan = small_plan();
    plan.changes.clear();
    EXPECT_EQ(plan_as_config(plan).find(" = "), std::string::npos);
    EXPECT_EQ(plan_as_alter_system(plan).find("ALTER"), std::string::npos);
}

}  // namespace
}  // namespace hone::tune
