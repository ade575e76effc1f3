// Planted mistakes: every one must be refused with its own sentence, by a rule or by the boot; and
// what PostgreSQL takes must pass.
#include "engines/postgres/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engines/postgres/scratch.hpp"
#include "support/private_cluster.hpp"
#include "support/program.hpp"
#include "support/test_cache.hpp"

namespace hone::postgres {
namespace {

using testing::HasSubstr;

using Settings = std::vector<std::pair<std::string, std::string>>;

Plan plan_setting(const Settings& settings) {
    Plan plan;
    plan.server_version = 15;
    plan.machine.memory_limit = Bytes::giga(8);
    plan.machine.memory_source = "the test";
    for (const auto& [name, value] : settings) {
        Change change;
        change.setting = name;
        change.to = value;
        plan.changes.push_back(change);
    }
    return plan;
}

CheckOptions options_for(std::optional<Server> server = std::nullopt) {
    CheckOptions options;
    options.bin_directory = "/usr/lib/postgresql/15/bin";
    options.cache_folder = test::test_cache();
    options.machine_memory = Bytes::giga(8);
    options.server = std::move(server);
    return options;
}

CheckReport report_on(const Plan& plan, const CheckOptions& options = options_for()) {
    auto report = check_plan(plan, options, silent_progress(), Deadline::after(Seconds{60}));
    EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.error().message());
    return report.ok() ? *report : CheckReport{};
}

struct Mistake {
    std::string name;
    Settings settings;
    std::string rule;
    std::string sentence;  // a part of it
};

std::ostream& operator<<(std::ostream& stream, const Mistake& mistake) {
    return stream << mistake.name;
}

class PlantedMistake : public testing::TestWithParam<Mistake> {};

TEST_P(PlantedMistake, IsRefusedWithItsOwnSentence) {
    const CheckReport report = report_on(plan_setting(GetParam().settings));
    EXPECT_FALSE(report.passed());
    ASSERT_FALSE(report.findings.empty());
    EXPECT_EQ(report.findings[0].severity, Severity::kCritical);
    EXPECT_EQ(report.findings[0].rule, GetParam().rule);
    EXPECT_THAT(report.findings[0].message, HasSubstr(GetParam().sentence));
    EXPECT_FALSE(report.findings[0].advice.empty());
}

INSTANTIATE_TEST_SUITE_P(
    OnFifteen, PlantedMistake,
    testing::Values(
        Mistake{"UnknownSetting",
                {{"no_such_setting", "1"}},
                "values.unknown_setting",
                "no setting named no_such_setting"},
        Mistake{"SettingOfALaterVersion",
                {{"io_method", "worker"}},
                "values.unknown_setting",
                "no setting named io_method"},
        Mistake{"BadEnum",
                {{"wal_level", "nonsense"}},
                "values.invalid",
                "'nonsense' as a value of wal_level"},
        Mistake{"BadUnit", {{"work_mem", "4XB"}}, "values.invalid", "'4XB'"},
        Mistake{"BelowTheMinimum", {{"work_mem", "1kB"}}, "values.invalid", "below its minimum"},
        Mistake{"AboveTheMaximum",
                {{"max_connections", "1000000"}},
                "values.invalid",
                "above its maximum"},
        Mistake{"NotABoolean", {{"jit", "maybe"}}, "values.invalid", "not a boolean"},
        Mistake{"FixedAtBuildTime",
                {{"block_size", "16384"}},
                "values.not_changeable",
                "block_size is fixed"},
        Mistake{"DurabilityForSpeed", {{"fsync", "off"}}, "values.durability", "survives a crash"},
        Mistake{"MissingLibrary",
                {{"shared_preload_libraries", "nope"}},
                "libraries.missing",
                "'nope'"},
        Mistake{"MissingSessionLibrary",
                {{"session_preload_libraries", "nope"}},
                "libraries.missing",
                "session_preload_libraries names 'nope'"},
        Mistake{"AllConnectionsReserved",
                {{"max_connections", "50"}, {"superuser_reserved_connections", "99"}},
                "cross.reserved_connections",
                "99 connections are reserved"},
        Mistake{"MinimalWalWithSenders",
                {{"wal_level", "minimal"}},
                "cross.wal_level",
                "max_wal_senders = 10"},
        Mistake{"MinimalWalWithAnArchive",
                {{"wal_level", "minimal"}, {"max_wal_senders", "0"}, {"archive_mode", "on"}},
                "cross.wal_level",
                "archive_mode = on"},
        Mistake{"OneWalSegment",
                {{"max_wal_size", "20MB"}},
                "cross.wal_segments",
                "max_wal_size = 20MB is below two WAL segments"},
        Mistake{"TooManyProcesses",
                {{"max_connections", "262143"}, {"max_worker_processes", "262143"}},
                "cross.process_count",
                "PostgreSQL can count 262143"},
        Mistake{"MoreBuffersThanMemory",
                {{"shared_buffers", "200GB"}},
                "memory.shared_buffers",
                "does not fit into the 8 GB"},
        // No rule of hone's knows these: the boot finds them.
        Mistake{"StackAboveTheLimit",
                {{"max_stack_depth", "1GB"}},
                "boot.invalid_value",
                "max_stack_depth"},
        Mistake{"UnknownTimeZone",
                {{"timezone", "Mars/Olympus"}},
                "boot.invalid_value",
                "'Mars/Olympus'"},
        Mistake{
            "ExtensionSettingOutOfRange",
            {{"pg_stat_statements.max", "1"}, {"shared_preload_libraries", "pg_stat_statements"}},
            "boot.value_differs",
            "pg_stat_statements.max"}),
    [](const auto& test) { return test.param.name; });

struct Sound {
    std::string name;
    Settings settings;
};

std::ostream& operator<<(std::ostream& stream, const Sound& sound) {
    return stream << sound.name;
}

class SoundPlan : public testing::TestWithParam<Sound> {};

TEST_P(SoundPlan, BootsAndReadsBack) {
    const CheckReport report = report_on(plan_setting(GetParam().settings));
    for (const auto& finding : report.findings)
        EXPECT_NE(finding.severity, Severity::kCritical) << finding.message;
    EXPECT_TRUE(report.passed());
    EXPECT_EQ(report.values_read, static_cast<int>(GetParam().settings.size()));
}

INSTANTIATE_TEST_SUITE_P(
    OnFifteen, SoundPlan,
    testing::Values(Sound{"Memory",
                          {{"shared_buffers", "512MB"},
                           {"work_mem", "16MB"},
                           {"maintenance_work_mem", "1GB"},
                           {"wal_buffers", "16MB"},
                           {"effective_cache_size", "6GB"}}},
                    Sound{"ComputedAtStart", {{"wal_buffers", "-1"}}},
                    Sound{"MinimalWal", {{"wal_level", "minimal"}, {"max_wal_senders", "0"}}},
                    Sound{"Preload",
                          {{"shared_preload_libraries", "pg_stat_statements, auto_explain"},
                           {"pg_stat_statements.max", "5000"},
                           {"auto_explain.log_min_duration", "-1"}}},
                    Sound{"EnumAliases", {{"wal_compression", "on"}, {"huge_pages", "try"}}},
                    Sound{"Fractions",
                          {{"random_page_cost", "1.1"},
                           {"autovacuum_vacuum_scale_factor", "0.02"},
                           {"checkpoint_completion_target", "0.9"},
                           {"checkpoint_timeout", "15min"}}},
                    Sound{"AwkwardText", {{"search_path", "\"$user\", 'it''s', public"}}}),
    [](const auto& test) { return test.param.name; });

TEST(Check, MergesThePlanWithTheTargetsFiles) {
    test::PrivateCluster cluster(
        {.config_lines = {"wal_level = minimal", "max_wal_senders = 0", "work_mem = 6MB"},
         .started = false});
    const auto server = locate_by_data_directory(cluster.data_directory(), {});
    ASSERT_TRUE(server.ok()) << server.error().message();
    // Alone it boots; with the target's files it does not.
    const Plan plan = plan_setting({{"max_wal_senders", "10"}});
    EXPECT_TRUE(report_on(plan).passed());
    const CheckReport merged = report_on(plan, options_for(*server));
    ASSERT_FALSE(merged.findings.empty());
    EXPECT_EQ(merged.findings[0].rule, "cross.wal_level");
    EXPECT_TRUE(report_on(plan_setting({{"work_mem", "8MB"}}), options_for(*server)).passed());
}

TEST(Check, FindsAMistakeInTheTargetsOwnFiles) {
    test::PrivateCluster cluster({.config_lines = {"bogus_setting = 1"}, .started = false});
    const auto server = locate_by_data_directory(cluster.data_directory(), {});
    ASSERT_TRUE(server.ok()) << server.error().message();
    const CheckReport report = report_on(plan_setting({{"work_mem", "8MB"}}), options_for(*server));
    EXPECT_FALSE(report.passed());
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].rule, "boot.unknown_setting");
    EXPECT_EQ(report.findings[0].setting, "bogus_setting");
}

TEST(Check, SaysThatTheCommandLineIsStronger) {
    test::PrivateCluster cluster({.start_options = "-c work_mem=5MB"});
    const auto server = locate_by_data_directory(cluster.data_directory(), {});
    ASSERT_TRUE(server.ok()) << server.error().message();
    const CheckReport report = report_on(plan_setting({{"work_mem", "8MB"}}), options_for(*server));
    EXPECT_TRUE(report.passed());
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].rule, "files.command_line");
    EXPECT_EQ(report.findings[0].severity, Severity::kWarning);
}

TEST(Check, ScalesWhatThisMachineCannotGiveAndSaysSo) {
    Plan plan = plan_setting({{"shared_buffers", "256GB"}, {"work_mem", "64MB"}});
    plan.machine.memory_limit = Bytes::giga(1024);
    const CheckReport report = report_on(plan);
    EXPECT_TRUE(report.passed());
    EXPECT_TRUE(report.memory_scaled);
    EXPECT_THAT(report.adjusted, testing::ElementsAre("shared_buffers = 1GB"));
    EXPECT_THAT(report.not_judged, testing::ElementsAre("machine"));
}

TEST(Check, RefusesThePlanOfAnotherVersion) {
    Plan plan = plan_setting({{"work_mem", "8MB"}});
    plan.server_version = 17;
    const auto report =
        check_plan(plan, options_for(), silent_progress(), Deadline::after(Seconds{60}));
    ASSERT_FALSE(report.ok());
    EXPECT_THAT(report.error().message(),
                HasSubstr("the plan is for PostgreSQL 17, and these programs are 15"));
}

// What the program says and how it exits, on a server of its own.
class HoneCheck : public testing::Test {
  protected:
    HoneCheck() : cluster_({.config_lines = {"max_connections = 90"}, .started = false}) { plan(); }
    void plan() {
        const auto planned = test::run_hone_on(
            cluster_, {"plan", "--no-probe", "--out", plan_file(), "--memory", "4GB", "-q"});
        ASSERT_EQ(planned.exit_code, 0) << planned.standard_error;
    }
    std::string plan_file() const { return (cluster_.folder() / "plan.json").string(); }
    ProcessResult check(const std::string& format = "table") {
        return test::run_hone_on(cluster_, {"check", plan_file(), "-q", "-o", format});
    }
    void append_to_config(const std::string& line) {
        const auto text = read_file(cluster_.config_file()).value();
        ASSERT_TRUE(replace_file(cluster_.config_file(), text + line + "\n").ok());
    }
    test::PrivateCluster cluster_;
};

TEST_F(HoneCheck, PassesOnAStoppedAndOnARunningServer) {
    const auto stopped = check();
    EXPECT_EQ(stopped.exit_code, 0) << stopped.standard_error;
    EXPECT_THAT(stopped.standard_output, HasSubstr("passed: the plan boots"));
    cluster_.start();
    const auto running = check("json");
    EXPECT_EQ(running.exit_code, 0) << running.standard_error;
    EXPECT_THAT(running.standard_output, HasSubstr("\"passed\": true"));
    EXPECT_THAT(running.standard_output, HasSubstr("\"schema_version\": 1"));
}

TEST_F(HoneCheck, RefusesAStalePlan) {
    append_to_config("work_mem = '6MB'");
    const auto stale = check();
    EXPECT_EQ(stale.exit_code, 6);
    EXPECT_THAT(stale.standard_error, HasSubstr("it is stale"));
    EXPECT_EQ(stale.standard_output, "");
}

TEST_F(HoneCheck, ExitsThreeWhereThePlanWouldNotBoot) {
    append_to_config("wal_level = minimal");
    append_to_config("max_wal_senders = 10");
    plan();
    const auto refused = check();
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.standard_output, HasSubstr("refused cross.wal_level"));
    EXPECT_THAT(refused.standard_output, HasSubstr("not passed: 1 problem; nothing was changed"));
}

}  // namespace
}  // namespace hone::postgres
