#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/postgres/check.hpp"
#include "engines/postgres/check_boot.hpp"

namespace hone::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SettingDefinition integer(const std::string& name, const std::string& boot,
                          const std::string& unit = "") {
    return {.name = name,
            .type = SettingType::kInteger,
            .context = SettingContext::kRestart,
            .unit = unit,
            .minimum = 0,
            .maximum = 2147483647,
            .enum_values = {},
            .boot_value = boot};
}

SettingDefinition choice(const std::string& name, std::vector<std::string> values) {
    return {.name = name,
            .type = SettingType::kEnum,
            .context = SettingContext::kRestart,
            .unit = "",
            .minimum = {},
            .maximum = {},
            .enum_values = values,
            .boot_value = values.front()};
}

// The few settings that the rules read, with 15's defaults.
Catalogue small_catalogue() {
    Catalogue catalogue;
    const auto add = [&](SettingDefinition definition) {
        catalogue[definition.name] = std::move(definition);
    };
    add(integer("autovacuum_max_workers", "3"));
    add(integer("max_connections", "100"));
    add(integer("max_logical_replication_workers", "4"));
    add(integer("max_parallel_maintenance_workers", "2"));
    add(integer("max_parallel_workers", "8"));
    add(integer("max_parallel_workers_per_gather", "2"));
    add(integer("max_wal_senders", "10"));
    add(integer("max_wal_size", "1024", "MB"));
    add(integer("max_worker_processes", "8"));
    add(integer("min_wal_size", "80", "MB"));
    add(integer("shared_buffers", "16384", "8kB"));
    add(integer("superuser_reserved_connections", "3"));
    add(integer("work_mem", "4096", "kB"));
    add(choice("archive_mode", {"off", "on", "always"}));
    add(choice("huge_pages", {"try", "on", "off"}));
    add(choice("wal_compression", {"off", "on", "pglz"}));
    add(choice("wal_level", {"replica", "minimal", "logical"}));
    add({.name = "fsync",
         .type = SettingType::kBool,
         .context = SettingContext::kReload,
         .unit = "",
         .minimum = {},
         .maximum = {},
         .enum_values = {},
         .boot_value = "on"});
    add({.name = "shared_preload_libraries",
         .type = SettingType::kText,
         .context = SettingContext::kRestart,
         .unit = "",
         .minimum = {},
         .maximum = {},
         .enum_values = {},
         .boot_value = ""});
    add({.name = "block_size",
         .type = SettingType::kInteger,
         .context = SettingContext::kInternal,
         .unit = "",
         .minimum = {},
         .maximum = {},
         .enum_values = {},
         .boot_value = "8192"});
    return catalogue;
}

Plan plan_setting(const std::vector<std::pair<std::string, std::string>>& settings) {
    Plan plan;
    plan.machine.memory_limit = Bytes::giga(8);
    plan.machine.memory_source = "test";
    for (const auto& [name, value] : settings) {
        Change change;
        change.setting = name;
        change.to = value;
        plan.changes.push_back(change);
    }
    return plan;
}

std::vector<Finding> rules_on(const Plan& plan, const MachineLimits& limits = {},
                              const std::vector<std::string>& libraries = {}) {
    const Catalogue catalogue = small_catalogue();
    const MergedValues merged = merged_values(catalogue, {}, plan);
    return check_rules(plan, catalogue, merged, libraries, limits);
}

std::vector<std::string> names_of(const std::vector<Finding>& findings) {
    std::vector<std::string> names;
    for (const auto& finding : findings)
        names.push_back(std::string(to_string(finding.severity)) + " " + finding.rule);
    return names;
}

TEST(CheckRules, HaveNothingToSayAboutAPlanThatFits) {
    EXPECT_THAT(names_of(rules_on(plan_setting({{"shared_buffers", "2GB"},
                                                {"work_mem", "16MB"},
                                                {"wal_compression", "pglz"},
                                                {"max_connections", "100"}}))),
                IsEmpty());
}

TEST(CheckRules, SuggestTheSettingThatWasMeant) {
    const auto findings = rules_on(plan_setting({{"work_men", "16MB"}}));
    ASSERT_THAT(names_of(findings), ElementsAre("critical values.unknown_setting"));
    EXPECT_EQ(findings[0].advice, "did you mean work_mem?");
}

TEST(CheckRules, LeaveAnExtensionsSettingToTheBoot) {
    EXPECT_THAT(rules_on(plan_setting({{"pg_stat_statements.max", "1000"}})), IsEmpty());
}

TEST(CheckRules, ListTheEnumValuesOfThisBuild) {
    const auto findings = rules_on(plan_setting({{"wal_compression", "lz4"}}));
    ASSERT_THAT(names_of(findings), ElementsAre("critical values.invalid"));
    EXPECT_EQ(findings[0].message,
              "reading 'lz4' as a value of wal_compression: this build of PostgreSQL does not have "
              "that value");
    EXPECT_EQ(findings[0].advice, "use one of off, on, pglz");
}

TEST(CheckRules, RefuseToTradeDurability) {
    EXPECT_THAT(names_of(rules_on(plan_setting({{"fsync", "off"}}))),
                ElementsAre("critical values.durability"));
}

TEST(CheckRules, CountReservedConnectionsAgainstAll) {
    const auto findings = rules_on(
        plan_setting({{"max_connections", "50"}, {"superuser_reserved_connections", "50"}}));
    ASSERT_THAT(names_of(findings), ElementsAre("critical cross.reserved_connections"));
    EXPECT_EQ(findings[0].message,
              "50 connections are reserved, and max_connections is 50: none is left for clients, "
              "and the server refuses to start");
    EXPECT_THAT(rules_on(plan_setting(
                    {{"max_connections", "50"}, {"superuser_reserved_connections", "49"}})),
                IsEmpty());
}

TEST(CheckRules, RefuseMinimalWalWithSendersAndWithAnArchive) {
    EXPECT_THAT(names_of(rules_on(plan_setting({{"wal_level", "minimal"}}))),
                ElementsAre("critical cross.wal_level"));
    EXPECT_THAT(
        names_of(rules_on(plan_setting(
            {{"wal_level", "minimal"}, {"max_wal_senders", "0"}, {"archive_mode", "always"}}))),
        ElementsAre("critical cross.wal_level"));
    EXPECT_THAT(rules_on(plan_setting({{"wal_level", "minimal"}, {"max_wal_senders", "0"}})),
                IsEmpty());
}

TEST(CheckRules, WantTwoWalSegments) {
    const auto findings = rules_on(plan_setting({{"min_wal_size", "31MB"}}));
    ASSERT_THAT(names_of(findings), ElementsAre("critical cross.wal_segments"));
    EXPECT_EQ(findings[0].advice, "raise it to 32MB at least");
    EXPECT_THAT(rules_on(plan_setting({{"min_wal_size", "32MB"}})), IsEmpty());
}

TEST(CheckRules, WarnWhereTheServerStartsAndDoesLessThanItIsTold) {
    EXPECT_THAT(names_of(rules_on(plan_setting({{"min_wal_size", "2GB"}}))),
                ElementsAre("warning cross.wal_size_order"));
    EXPECT_THAT(names_of(rules_on(plan_setting({{"max_parallel_workers", "9"}}))),
                ElementsAre("warning cross.worker_shares"));
    EXPECT_THAT(names_of(rules_on(plan_setting({{"max_connections", "5000"}}))),
                ElementsAre("warning memory.idle_connections"));
}

TEST(CheckRules, CountProcesses) {
    auto plan = plan_setting({{"max_connections", "262143"}});
    plan.machine.memory_limit = Bytes::giga(1024);
    EXPECT_THAT(names_of(rules_on(plan)), ElementsAre("critical cross.process_count"));
}

TEST(CheckRules, FindALibraryHoweverItIsWritten) {
    const std::vector<std::string> present{"pg_stat_statements", "auto_explain"};
    EXPECT_THAT(rules_on(plan_setting({{"shared_preload_libraries",
                                        "pg_stat_statements, \"$libdir/auto_explain.so\""}}),
                         {}, present),
                IsEmpty());
    const auto findings = rules_on(
        plan_setting({{"shared_preload_libraries", "pg_stat_statements,nope"}}), {}, present);
    ASSERT_THAT(names_of(findings), ElementsAre("critical libraries.missing"));
    EXPECT_EQ(findings[0].message,
              "shared_preload_libraries names 'nope', and these binaries have no such library");
}

TEST(CheckRules, RefuseABudgetThatDoesNotClose) {
    auto plan = plan_setting({});
    plan.budget.limit = Bytes::giga(8);
    plan.budget.limit_source = "MemTotal";
    plan.budget.terms = {{"work_mem", Bytes::giga(9), "too much"}};
    const auto findings = rules_on(plan);
    ASSERT_THAT(names_of(findings), ElementsAre("critical memory.budget"));
    EXPECT_EQ(findings[0].message, "at worst the plan takes 9 GB, and 8 GB is there (MemTotal)");
}

TEST(CheckRules, RefuseAPlanWhoseLimitHasShrunkSince) {
    Plan plan = plan_setting({});
    plan.machine.memory_source = "read: /sys/fs/cgroup/memory.max";
    plan.budget.limit = Bytes::giga(8);
    plan.budget.terms = {{"work_mem", Bytes::giga(7), "all of it"}};
    const MachineLimits limits{.memory = Bytes::giga(6)};
    EXPECT_THAT(names_of(rules_on(plan, limits)), ElementsAre("critical memory.limit_now"));
    plan.machine.memory_source = "stated: --memory";
    EXPECT_THAT(names_of(rules_on(plan, limits)), ElementsAre("warning memory.limit_now"));
    EXPECT_THAT(rules_on(plan, {.memory = Bytes::giga(7)}), IsEmpty());
}

TEST(CheckRules, RefuseMoreBuffersThanMemory) {
    EXPECT_THAT(names_of(rules_on(plan_setting({{"shared_buffers", "8GB"}}))),
                ElementsAre("critical memory.shared_buffers"));
}

TEST(CheckRules, RefuseMoreWalThanDiskWhereThePlanSetsIt) {
    const MachineLimits limits{.free_disk = Bytes::giga(2)};
    EXPECT_THAT(names_of(rules_on(plan_setting({{"max_wal_size", "4GB"}}), limits)),
                ElementsAre("critical machine.free_disk"));
    const MachineLimits less{.free_disk = Bytes::mega(512)};
    EXPECT_THAT(names_of(rules_on(plan_setting({}), less)),
                ElementsAre("warning machine.free_disk"));
}

TEST(CheckRules, RefuseHugePagesThatAreNotReserved) {
    MachineLimits limits;
    limits.huge_pages = 500;
    limits.huge_page_size = Bytes::mega(2);
    const auto plan = plan_setting({{"huge_pages", "on"}, {"shared_buffers", "1GB"}});
    const auto findings = rules_on(plan, limits);
    ASSERT_THAT(names_of(findings), ElementsAre("critical machine.huge_pages"));
    limits.huge_pages = 600;
    EXPECT_THAT(rules_on(plan, limits), IsEmpty());
}

TEST(CheckRules, RefuseTooFewFilesAndTooLittleCommit) {
    MachineLimits limits;
    limits.open_files = 40;
    EXPECT_THAT(names_of(rules_on(plan_setting({}), limits)),
                ElementsAre("critical machine.open_files"));
    limits.open_files = 1024;
    limits.commit_limit = Bytes::giga(1);
    EXPECT_THAT(names_of(rules_on(plan_setting({{"shared_buffers", "1GB"}}), limits)),
                ElementsAre("critical machine.commit_limit"));
}

TEST(BootAdjustments, ScaleWhatThisMachineCannotGive) {
    const auto adjustments = adjustments_for_boot(
        small_catalogue(), {{"shared_buffers", "13107200"}, {"huge_pages", "on"}}, Bytes::giga(8));
    ASSERT_EQ(adjustments.size(), 2U);
    EXPECT_EQ(adjustments[0].setting, "shared_buffers");
    EXPECT_EQ(adjustments[0].value, "1GB");
    EXPECT_TRUE(adjustments[0].is_size);
    EXPECT_EQ(adjustments[1].setting, "huge_pages");
    EXPECT_EQ(adjustments[1].value, "try");
    EXPECT_THAT(
        adjustments_for_boot(small_catalogue(), {{"shared_buffers", "262144"}}, Bytes::giga(8)),
        IsEmpty());
}

TEST(ReadBack, KnowsWhatTheServerShowsDifferently) {
    const auto wal_buffers = integer("wal_buffers", "-1", "8kB");
    EXPECT_TRUE(reads_back_as(wal_buffers, "-1", "2048"));
    EXPECT_FALSE(reads_back_as(wal_buffers, "1024", "2048"));
    const auto compression = choice("wal_compression", {"off", "on", "pglz"});
    EXPECT_TRUE(reads_back_as(compression, "on", "pglz"));
    EXPECT_FALSE(reads_back_as(compression, "off", "pglz"));
    const SettingDefinition real{.name = "random_page_cost",
                                 .type = SettingType::kReal,
                                 .context = SettingContext::kSession,
                                 .unit = "",
                                 .minimum = {},
                                 .maximum = {},
                                 .enum_values = {},
                                 .boot_value = "4"};
    EXPECT_TRUE(reads_back_as(real, "1.1", "1.1"));
    EXPECT_FALSE(reads_back_as(real, "1.1", "1.2"));
}

}  // namespace
}  // namespace hone::postgres
