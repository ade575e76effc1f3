#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "support/private_cluster.hpp"
#include "support/program.hpp"

namespace hone::test {
namespace {

// Stated, so that the plan does not depend on the machine that runs the test.
std::vector<std::string> plan_arguments(std::vector<std::string> more) {
    std::vector<std::string> arguments{"plan",      "--memory", "2GB",        "--cores", "2",
                                       "--storage", "ssd",      "--workload", "oltp"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

std::string output_of(const ProcessResult& result) {
    EXPECT_EQ(result.exit_code, 0) << result.standard_error;
    return result.standard_output;
}

std::size_t count_changes(const std::string& plan_text) {
    const json::value plan = parse_json(plan_text, "plan").value();
    return plan.at("changes").as_array().size();
}

void restart(PrivateCluster& cluster) {
    cluster.stop();
    cluster.start();
}

TEST(PlanCommand, ConfigLinesBootAndLeaveNothingToChange) {
    PrivateCluster cluster;
    const std::string lines = output_of(run_hone_on(cluster, plan_arguments({"--format", "conf"})));
    const std::string config = read_file(cluster.config_file()).value();
    ASSERT_TRUE(replace_file(cluster.config_file(), config + lines).ok());
    restart(cluster);
    EXPECT_EQ(cluster.sql("SHOW shared_buffers"), "512MB");
    EXPECT_EQ(cluster.sql("SHOW jit"), "off");
    EXPECT_NE(cluster.sql("SHOW shared_preload_libraries").find("pg_stat_statements"),
              std::string::npos);
    const std::string again = output_of(run_hone_on(cluster, plan_arguments({"--format", "json"})));
    EXPECT_EQ(count_changes(again), 0U) << again;
}

TEST(PlanCommand, AlterSystemStatementsAreValid) {
    PrivateCluster cluster({.config_lines = {"shared_preload_libraries = 'auto_explain'"}});
    const std::string script =
        output_of(run_hone_on(cluster, plan_arguments({"--format", "alter-system"})));
    for (const std::string_view line : split_lines(script))
        if (!line.empty() && !line.starts_with("--")) cluster.sql(std::string(line));
    restart(cluster);
    EXPECT_EQ(cluster.sql("SHOW shared_preload_libraries"), "auto_explain, pg_stat_statements");
    EXPECT_EQ(cluster.sql("SELECT source FROM pg_settings WHERE name = 'shared_buffers'"),
              "configuration file");
}

TEST(PlanCommand, ReadsARunningServerAndAStoppedOneAlike) {
    PrivateCluster cluster;
    const auto changes_now = [&] {
        const json::value plan =
            parse_json(output_of(run_hone_on(cluster, plan_arguments({"--format", "json"}))),
                       "plan")
                .value();
        // Without the inputs: only a running server tells how large its data is.
        std::string changes;
        for (const json::value& change : plan.at("changes").as_array())
            changes += to_json_text(change.at("setting")) + " from " +
                       to_json_text(change.at("from")) + " to " + to_json_text(change.at("to")) +
                       "\n";
        return changes;
    };
    const std::string running = changes_now();
    cluster.stop();
    EXPECT_EQ(changes_now(), running);
}

TEST(PlanCommand, ReportsUnsafeDurabilityWithoutTouchingIt) {
    PrivateCluster cluster({.config_lines = {"fsync = off"}});
    const std::string table = output_of(run_hone_on(cluster, plan_arguments({})));
    EXPECT_NE(table.find("fsync is off"), std::string::npos) << table;
    const std::string lines = output_of(run_hone_on(cluster, plan_arguments({"--format", "conf"})));
    EXPECT_EQ(lines.find("\nfsync"), std::string::npos);
}

TEST(PlanCommand, SaysByItsExitCodeWhetherThereAreChanges) {
    PrivateCluster cluster;
    EXPECT_EQ(run_hone_on(cluster, plan_arguments({"--exit-code"})).exit_code, 10);
}

TEST(PlanCommand, PlansForAMachineElsewhere) {
    const auto result = run_hone({"plan", "--memory", "64GB", "--cores", "16", "--storage", "nvme",
                                  "--pg-version", "17", "--format", "conf"});
    EXPECT_NE(output_of(result).find("shared_buffers = '16GB'\n"), std::string::npos);
}

TEST(PlanCommand, TakesEnumValuesFromTheBinaries) {
    const auto result = run_hone({"plan", "--memory", "8GB", "--cores", "4", "--storage", "ssd",
                                  "--bin-dir", "/usr/lib/postgresql/15/bin", "--format", "conf"});
    EXPECT_NE(output_of(result).find("wal_compression = lz4\n"), std::string::npos);
}

TEST(PlanCommand, NeverRepeatsAPassword) {
    const PrivateCluster cluster;
    const auto result = run_hone_on(
        cluster, plan_arguments({"--target", cluster.conninfo() + " password=hunter2"}));
    EXPECT_NE(output_of(result).find("shared_buffers"), std::string::npos);
    EXPECT_EQ((result.standard_output + result.standard_error).find("hunter2"), std::string::npos);
}

TEST(PlanCommand, PrintsYamlWhereItIsAskedFor) {
    const auto result = run_hone({"plan", "--memory", "8GB", "--cores", "2", "--storage", "ssd",
                                  "--pg-version", "15", "-o", "yaml"});
    EXPECT_TRUE(output_of(result).starts_with("schema_version: 1\n")) << result.standard_output;
}

TEST(PlanCommand, RefusesBadInputWithWhatToDo) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> kBad{
        {{"--profile", "standart"}, "did you mean standard?"},
        {{"--workload", "ingset"}, "did you mean ingest?"},
        {{"--storage", "tape"}, "nvme, ssd, hdd"},
        {{"--memory", "16"}, "--memory 16GB"},
        {{"--memory", "lots"}, "not a number"},
        {{"--cores", "0"}, "--cores 8"},
        {{"--connections", "-3"}, "--connections 200"},
        {{"--pg-version", "9"}, "14 to 18"},
        {{"--tenant", "kaspad"}, "kaspad=8GB"},
        {{"--profile", "custom"}, "--custom FILE"},
        {{"--custom", "/nonexistent.toml"}, "/nonexistent.toml"}};
    for (const auto& [flags, expected] : kBad) {
        std::vector<std::string> arguments{"plan"};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        if (flags[0] != "--pg-version") arguments.insert(arguments.end(), {"--pg-version", "15"});
        const auto result = run_hone(arguments);
        EXPECT_EQ(result.exit_code, 3) << flags[0] << ' ' << flags[1];
        EXPECT_NE(result.standard_error.find(expected), std::string::npos) << result.standard_error;
        EXPECT_EQ(result.standard_output, "");
    }
}

TEST(ExplainCommand, ShowsTheRuleTheBuildAndTheValueNow) {
    PrivateCluster cluster({.config_lines = {"work_mem = 7MB"}});
    const std::string text = output_of(run_hone_on(cluster, {"explain", "work_mem"}));
    EXPECT_NE(text.find("memory.work_mem"), std::string::npos) << text;
    EXPECT_NE(text.find("7MB (configuration file"), std::string::npos) << text;
    EXPECT_NE(text.find("64kB to"), std::string::npos) << text;
}

TEST(ExplainCommand, SuggestsTheSettingThatWasMeant) {
    const auto result =
        run_hone({"explain", "shared_bufers", "--bin-dir", "/usr/lib/postgresql/15/bin"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_NE(result.standard_error.find("did you mean shared_buffers?"), std::string::npos);
}

}  // namespace
}  // namespace hone::test
