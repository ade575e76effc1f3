// apply, rollback, recover and history on a real server, through the real program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "base/json.hpp"
#include "base/text.hpp"
#include "support/full_run.hpp"
#include "support/made_plan.hpp"
#include "support/private_cluster.hpp"
#include "support/program.hpp"
#include "support/stopped_program.hpp"

namespace hone::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// With the scratch boot, which takes seconds under the sanitizers.
ProcessResult apply_in_full(const PrivateCluster& cluster, const std::string& plan,
                            std::vector<std::string> more = {}, const std::string& failpoint = "") {
    std::vector<std::string> arguments{"apply", plan, "--yes"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_hone_on(cluster, std::move(arguments), {{"HONE_FAILPOINT", failpoint}});
}

ProcessResult apply_plan(const PrivateCluster& cluster, const std::string& plan,
                         std::vector<std::string> more = {}, const std::string& failpoint = "") {
    return apply_in_full(cluster, plan, std::move(more), "apply.skip_boot_check=EIO;" + failpoint);
}

std::string show(PrivateCluster& cluster, const std::string& setting) {
    return cluster.sql("SHOW " + setting);
}

void append_line(const std::filesystem::path& file, const std::string& line) {
    std::ofstream(file, std::ios::app) << line << "\n";
}

std::string id_of(const ProcessResult& applied) {
    const auto document = parse_json(applied.standard_output, "stdout");
    EXPECT_TRUE(document.ok()) << applied.standard_output;
    return JsonReader(*document, "stdout").text("id").value_or("");
}

TEST(Apply, AReloadHoldsAndARollbackIsByteExact) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto applied = apply_in_full(cluster, plan);
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_THAT(applied.standard_output, HasSubstr("Undo: hone rollback "));
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
    EXPECT_THAT(read_file(cluster.config_file()).value(), HasSubstr("include_if_exists"));
    const auto history = run_hone_on(cluster, {"history"});
    EXPECT_THAT(history.standard_output, HasSubstr("kept"));

    const auto back = run_hone_on(cluster, {"rollback", "--yes"});
    ASSERT_EQ(back.exit_code, 0) << back.standard_error;
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_EQ(show(cluster, "work_mem"), "4MB");
    EXPECT_THAT(run_hone_on(cluster, {"history"}).standard_output, HasSubstr("rolled back"));
}

TEST(Apply, ARestartNeedsItsOwnYes) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"shared_buffers", "20MB"}}));
    const int pid = cluster.pid();
    const auto refused = apply_plan(cluster, plan);
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr("shared_buffers"));
    EXPECT_THAT(refused.standard_error, HasSubstr("--allow-restart"));
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_EQ(cluster.pid(), pid);

    const auto applied = apply_plan(cluster, plan, {"--allow-restart"});
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_EQ(show(cluster, "shared_buffers"), "20MB");
    EXPECT_EQ(run_hone_on(cluster, {"rollback", "--yes"}).exit_code, 6);
    const auto back = run_hone_on(cluster, {"rollback", "--yes", "--allow-restart"});
    ASSERT_EQ(back.exit_code, 0) << back.standard_error;
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_EQ(show(cluster, "shared_buffers"), "128MB");
}

TEST(Apply, ADryRunChangesNothingAndShowsTheFile) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto tried = apply_plan(cluster, plan, {"--dry-run"});
    EXPECT_EQ(tried.exit_code, 0) << tried.standard_error;
    EXPECT_THAT(tried.standard_output, HasSubstr("work_mem = '9MB'"));
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_THAT(run_hone_on(cluster, {"history"}).standard_output, HasSubstr("Nothing"));
}

TEST(Apply, OfTwoAtOnceOneWinsAndTheOtherNamesIt) {
    PrivateCluster cluster;
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    ProcessResult second;
    const ProcessResult first = run_with_pause(
        cluster, [&] { return apply_plan(cluster, plan, {}, "apply.prepared=stop"); },
        [&] {
            second =
                run_hone({"apply", plan, "--yes", "--data-dir", cluster.data_directory().string(),
                          "--state-dir", (cluster.folder() / "other-state").string()},
                         {}, cluster.owner());
        });
    EXPECT_EQ(second.exit_code, 6);
    EXPECT_THAT(second.standard_error, HasSubstr("held by pid"));
    EXPECT_THAT(second.standard_error, HasSubstr("hone apply"));
    EXPECT_EQ(first.exit_code, 0) << first.standard_error;
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
}

TEST(Apply, AnEditWhileItWaitedForTheYesIsNotOverwritten) {
    PrivateCluster cluster;
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    std::map<std::string, std::string> edited;
    const auto refused = run_with_pause(
        cluster, [&] { return apply_plan(cluster, plan, {}, "apply.prepared=stop"); },
        [&] {
            append_line(cluster.config_file(), "jit = off");
            edited = cluster.config_fingerprint();
        });
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr(cluster.config_file().string()));
    EXPECT_THAT(refused.standard_error, HasSubstr("was changed while hone waited"));
    EXPECT_EQ(cluster.config_fingerprint(), edited);
    EXPECT_EQ(show(cluster, "work_mem"), "4MB");
}

TEST(Apply, AnEditBetweenItsWriteAndItsUndoIsKept) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    // The edit itself is what makes the verification fail.
    const auto failed = run_with_pause(
        cluster, [&] { return apply_plan(cluster, plan, {}, "apply.before_switch=stop"); },
        [&] { append_line(cluster.config_file(), "work_mem = 5MB"); });
    EXPECT_EQ(failed.exit_code, 7) << failed.standard_error;
    EXPECT_EQ(cluster.config_fingerprint(), before);
    const std::string said = failed.standard_error;
    const std::size_t at = said.find("that edit is kept in '");
    ASSERT_NE(at, std::string::npos) << said;
    const std::size_t begin = said.find('\'', at) + 1;
    const std::string copy = said.substr(begin, said.find('\'', begin) - begin);
    EXPECT_THAT(read_file(copy).value(), HasSubstr("work_mem = 5MB"));
}

TEST(Apply, ADamagedPlanIsInvalidInput) {
    PrivateCluster cluster;
    const std::string text = plan_to_text(made_plan(cluster, {{"work_mem", "9MB"}}));
    std::string edited = text;
    edited.replace(edited.find("9MB"), 3, "8MB");
    const auto before = cluster.config_fingerprint();
    for (const std::string& bad : {edited, text.substr(0, text.size() / 2), std::string("{}")}) {
        const auto path = cluster.folder() / "bad.json";
        ASSERT_TRUE(replace_file(path, bad).ok());
        EXPECT_EQ(apply_plan(cluster, path.string()).exit_code, 3);
    }
    EXPECT_EQ(cluster.config_fingerprint(), before);
}

TEST(Apply, APlanForAnotherServerOrAnOlderStateIsStale) {
    PrivateCluster cluster;
    Plan plan = made_plan(cluster, {{"work_mem", "9MB"}});
    plan.target.system_identifier = "1234567890";
    const auto other = apply_plan(cluster, write_plan(cluster, plan, "other.json"));
    EXPECT_EQ(other.exit_code, 6);
    EXPECT_THAT(other.standard_error, HasSubstr("another server"));

    const std::string older = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    append_line(cluster.config_file(), "maintenance_work_mem = 70MB");
    const auto stale = apply_plan(cluster, older);
    EXPECT_EQ(stale.exit_code, 6);
    EXPECT_THAT(stale.standard_error, HasSubstr("changed since"));
}

TEST(Apply, APlanMadeOfflineIsRefused) {
    PrivateCluster cluster;
    Plan plan = made_plan(cluster, {{"work_mem", "9MB"}});
    plan.target = {};
    const auto refused = apply_plan(cluster, write_plan(cluster, plan));
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr("offline"));
}

TEST(Apply, AlterSystemIsTakenBackByteForByte) {
    PrivateCluster cluster;
    cluster.sql("ALTER SYSTEM SET maintenance_work_mem = '70MB'");
    cluster.sql("SELECT pg_reload_conf()");
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(
        cluster, made_plan(cluster, {{"maintenance_work_mem", "80MB"}, {"work_mem", "9MB"}}));
    const auto applied = apply_plan(cluster, plan, {"--method", "alter-system"});
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
    EXPECT_EQ(show(cluster, "maintenance_work_mem"), "80MB");
    EXPECT_THAT(read_file(cluster.config_file()).value(),
                Not(HasSubstr("include_if_exists = 'hone")));
    const auto back = run_hone_on(cluster, {"rollback", "--yes"});
    ASSERT_EQ(back.exit_code, 0) << back.standard_error;
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_EQ(show(cluster, "work_mem"), "4MB");
    EXPECT_EQ(show(cluster, "maintenance_work_mem"), "70MB");
}

TEST(Apply, ALaterAlterSystemIsNotLostByARollback) {
    PrivateCluster cluster;
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    ASSERT_EQ(apply_plan(cluster, plan, {"--method", "alter-system"}).exit_code, 0);
    cluster.sql("ALTER SYSTEM SET maintenance_work_mem = '70MB'");
    const auto refused = run_hone_on(cluster, {"rollback", "--yes"});
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr("postgresql.auto.conf"));
}

TEST(Apply, UsesTheIncludeFolderWhereThereIsOne) {
    PrivateCluster cluster({.separate_config = true});
    const std::string main_before = read_file(cluster.config_file()).value();
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto applied = apply_plan(cluster, plan);
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_EQ(read_file(cluster.config_file()).value(), main_before);
    EXPECT_TRUE(file_exists(cluster.config_folder() / "conf.d/90-hone.conf"));
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
    ASSERT_EQ(run_hone_on(cluster, {"rollback", "--yes"}).exit_code, 0);
    EXPECT_EQ(cluster.config_fingerprint(), before);
}

TEST(Apply, GoesToTheEndWhereLinesFollowTheIncludeFolder) {
    PrivateCluster cluster({.separate_config = true});
    append_line(cluster.config_file(), "work_mem = 5MB");
    cluster.sql("SELECT pg_reload_conf()");
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto applied = apply_plan(cluster, plan);
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_THAT(applied.standard_error, HasSubstr("at the end"));
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
}

TEST(Apply, LinesThatWereAddedBelowHonesIncludeDoNotWin) {
    PrivateCluster cluster;
    const auto first = write_plan(cluster, made_plan(cluster, {{"jit", "off"}}));
    ASSERT_EQ(apply_plan(cluster, first).exit_code, 0);
    append_line(cluster.config_file(), "work_mem = 5MB");
    cluster.sql("SELECT pg_reload_conf()");
    const auto second = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto applied = apply_plan(cluster, second);
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
    EXPECT_EQ(show(cluster, "jit"), "off");
}

TEST(Apply, WhatARoleOverridesIsRefusedBeforeAnythingIsWritten) {
    PrivateCluster cluster;
    cluster.sql("ALTER ROLE postgres SET work_mem = '6MB'");
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto refused = apply_plan(cluster, plan);
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr("ALTER ROLE"));
    EXPECT_EQ(cluster.config_fingerprint(), before);
}

TEST(Apply, WhatTheCommandLineOverridesIsRefused) {
    PrivateCluster cluster({.start_options = "-c work_mem=5MB"});
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto refused = apply_plan(cluster, plan);
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr("command line"));
}

TEST(Apply, ASecondApplyKeepsTheFirstAndGoesFirstWhenTakenBack) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const auto first = apply_plan(
        cluster, write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}})), {"-o", "json"});
    ASSERT_EQ(first.exit_code, 0) << first.standard_error;
    const auto second = apply_plan(
        cluster, write_plan(cluster, made_plan(cluster, {{"maintenance_work_mem", "80MB"}})),
        {"-o", "json"});
    ASSERT_EQ(second.exit_code, 0) << second.standard_error;
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
    EXPECT_EQ(show(cluster, "maintenance_work_mem"), "80MB");
    const auto refused = run_hone_on(cluster, {"rollback", id_of(first), "--yes"});
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr(id_of(second)));
    ASSERT_EQ(run_hone_on(cluster, {"rollback", "--yes"}).exit_code, 0);
    ASSERT_EQ(run_hone_on(cluster, {"rollback", id_of(first), "--yes"}).exit_code, 0);
    EXPECT_EQ(cluster.config_fingerprint(), before);
}

TEST(Apply, ARollbackRefusesAFileThatWasChangedSince) {
    PrivateCluster cluster;
    ASSERT_EQ(apply_plan(cluster, write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}})))
                  .exit_code,
              0);
    append_line(cluster.config_folder() / "hone.conf", "jit = off");
    const auto refused = run_hone_on(cluster, {"rollback", "--yes"});
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr("hone.conf"));
}

TEST(Apply, AConfigurationThatDoesNotBootIsRefused) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const std::string plan =
        write_plan(cluster, made_plan(cluster, {{"superuser_reserved_connections", "500"}}));
    const auto refused = apply_in_full(cluster, plan, {"--allow-restart"});
    EXPECT_EQ(refused.exit_code, 3) << refused.standard_error;
    EXPECT_EQ(cluster.config_fingerprint(), before);
}

TEST(Apply, AServerThatDoesNotComeBackIsBroughtBackAsItWas) {
    ::setenv("ARCHIVE_KEY", "of-the-server", 1);
    PrivateCluster cluster;
    ::unsetenv("ARCHIVE_KEY");
    const auto before = cluster.config_fingerprint();
    const std::string plan =
        write_plan(cluster, made_plan(cluster, {{"superuser_reserved_connections", "500"}}));
    const double started = monotonic_seconds();
    const auto failed = apply_plan(cluster, plan, {"--allow-restart"});
    const double seconds = monotonic_seconds() - started;
    EXPECT_EQ(failed.exit_code, 7) << failed.standard_error;
    EXPECT_THAT(failed.standard_error, HasSubstr("superuser_reserved_connections"));
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_TRUE(cluster.running());
    EXPECT_EQ(show(cluster, "superuser_reserved_connections"), "3");
    const auto process = std::filesystem::path("/proc") / std::to_string(cluster.pid());
    EXPECT_THAT(read_file(process / "environ").value(), HasSubstr("ARCHIVE_KEY=of-the-server"));
    if (full_run()) {
        EXPECT_LT(seconds, 5.0);
    }
    EXPECT_THAT(run_hone_on(cluster, {"history"}).standard_output, HasSubstr("undone by hone"));
}

TEST(Apply, AStoppedServerIsWrittenAndNotStarted) {
    PrivateCluster cluster({.separate_config = true});
    cluster.stop();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto applied = apply_plan(cluster, plan);
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_THAT(applied.standard_output, HasSubstr("next start"));
    EXPECT_FALSE(cluster.running());
    cluster.start();
    EXPECT_EQ(show(cluster, "work_mem"), "9MB");
}

TEST(Apply, ARoleWithoutRightsIsToldTheGrants) {
    PrivateCluster cluster;
    cluster.sql("CREATE ROLE app LOGIN");
    cluster.sql("GRANT pg_monitor TO app");
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto refused =
        run_hone({"apply", plan, "--yes", "--method", "alter-system", "--target",
                  cluster.conninfo("app"), "--state-dir", cluster.state_directory().string()},
                 {}, cluster.owner());
    EXPECT_EQ(refused.exit_code, 5) << refused.standard_error;
    EXPECT_THAT(refused.standard_error,
                HasSubstr("GRANT ALTER SYSTEM ON PARAMETER work_mem TO \"app\""));
}

TEST(Apply, AnInterruptedApplyIsMentionedAndRefused) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    EXPECT_EQ(apply_plan(cluster, plan, {}, "apply.after_write=kill").exit_code, 137);
    const auto refused = apply_plan(cluster, plan);
    EXPECT_EQ(refused.exit_code, 6);
    EXPECT_THAT(refused.standard_error, HasSubstr("hone recover"));
    EXPECT_EQ(run_hone_on(cluster, {"rollback", "--yes"}).exit_code, 3);
    const auto history = run_hone_on(cluster, {"history"});
    EXPECT_THAT(history.standard_output, HasSubstr("interrupted"));
    EXPECT_THAT(history.standard_error, HasSubstr("hone recover"));
    ASSERT_EQ(run_hone_on(cluster, {"recover", "--yes"}).exit_code, 0);
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_EQ(apply_plan(cluster, plan).exit_code, 0);
}

TEST(Apply, AFullStateFolderStopsItBeforeAnythingIsWritten) {
    PrivateCluster cluster;
    const auto before = cluster.config_fingerprint();
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    const auto failed = apply_plan(cluster, plan, {}, "journal.write=ENOSPC");
    EXPECT_EQ(failed.exit_code, 1);
    EXPECT_THAT(failed.standard_error, HasSubstr("No space left"));
    EXPECT_EQ(cluster.config_fingerprint(), before);
    EXPECT_THAT(run_hone_on(cluster, {"history"}).standard_output, HasSubstr("Nothing"));
}

TEST(Apply, ARollbackIsOfTheServerThatIsNamed) {
    PrivateCluster one;
    PrivateCluster other;
    const std::string state = one.state_directory().string();
    const auto on = [&](const PrivateCluster& cluster, std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--yes", "--state-dir", state});
        return run_hone(arguments, {{"HONE_FAILPOINT", "apply.skip_boot_check=EIO"}},
                        cluster.owner());
    };
    for (PrivateCluster* cluster : {&one, &other}) {
        const std::string plan = write_plan(*cluster, made_plan(*cluster, {{"work_mem", "9MB"}}));
        ASSERT_EQ(on(*cluster, {"apply", plan}).exit_code, 0);
    }
    EXPECT_EQ(on(one, {"rollback"}).exit_code, 3);  // of which of the two?
    const auto back = on(one, {"rollback", "--data-dir", one.data_directory().string() + "/"});
    ASSERT_EQ(back.exit_code, 0) << back.standard_error;
    EXPECT_EQ(show(one, "work_mem"), "4MB");
    EXPECT_EQ(show(other, "work_mem"), "9MB");
}

TEST(Apply, WhatWasInterruptedIsMentionedByTheCommandsThatOnlyRead) {
    PrivateCluster cluster;
    const std::string plan = write_plan(cluster, made_plan(cluster, {{"work_mem", "9MB"}}));
    ASSERT_EQ(apply_plan(cluster, plan, {}, "apply.before_kept=kill").signal, SIGKILL);
    EXPECT_THAT(run_hone_on(cluster, {"plan", "--no-probe"}).standard_error,
                HasSubstr("was interrupted"));
    EXPECT_THAT(run_hone_on(cluster, {"check", plan}).standard_error, HasSubstr("was interrupted"));
    EXPECT_EQ(run_hone_on(cluster, {"recover", "--yes"}).exit_code, 0);
    EXPECT_THAT(run_hone_on(cluster, {"plan", "--no-probe"}).standard_error,
                Not(HasSubstr("was interrupted")));
}

}  // namespace
}  // namespace hone::test
