// ALTER SYSTEM interrupted, and ALTER SYSTEM where the files are out of reach.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "support/made_plan.hpp"
#include "support/private_cluster.hpp"
#include "support/program.hpp"

namespace hone::test {
namespace {

using testing::HasSubstr;

constexpr const char* kSkipBootCheck = "apply.skip_boot_check=EIO;";

class InterruptedAlterSystem : public testing::Test {
  protected:
    InterruptedAlterSystem() {
        cluster_.sql("ALTER SYSTEM SET jit = off");
        before_ = cluster_.config_fingerprint();
        const std::string plan = write_plan(
            cluster_, made_plan(cluster_, {{"maintenance_work_mem", "80MB"}, {"work_mem", "9MB"}}));
        const auto killed = run_hone_on(
            cluster_, {"apply", plan, "--yes", "--method", "alter-system"},
            {{"HONE_FAILPOINT", std::string(kSkipBootCheck) + "apply.after_alter@1=kill"}});
        EXPECT_EQ(killed.signal, SIGKILL) << killed.standard_error;
    }
    ProcessResult recover() { return run_hone_on(cluster_, {"recover", "--yes"}); }

    PrivateCluster cluster_;
    std::map<std::string, std::string> before_;
};

TEST_F(InterruptedAlterSystem, IsTakenBackByteForByte) {
    const auto recovered = recover();
    EXPECT_EQ(recovered.exit_code, 0) << recovered.standard_error;
    EXPECT_EQ(cluster_.config_fingerprint(), before_);
}

TEST_F(InterruptedAlterSystem, IsNotTakenBackOverSomebodyElses) {
    cluster_.sql("ALTER SYSTEM SET random_page_cost = 1.1");
    const auto refused = recover();
    EXPECT_EQ(refused.exit_code, 6) << refused.standard_error;
    EXPECT_THAT(refused.standard_error, HasSubstr("ALTER SYSTEM: random_page_cost:"));
    cluster_.sql("ALTER SYSTEM RESET random_page_cost");
    EXPECT_EQ(recover().exit_code, 0);
    EXPECT_EQ(cluster_.config_fingerprint(), before_);
}

TEST_F(InterruptedAlterSystem, IsNotTakenBackOverAnotherValueOfItsOwnSetting) {
    cluster_.sql("ALTER SYSTEM SET work_mem = '7MB'");
    const auto refused = recover();
    EXPECT_EQ(refused.exit_code, 6) << refused.standard_error;
    EXPECT_THAT(refused.standard_error, HasSubstr("ALTER SYSTEM: work_mem:"));
}

// hone runs as a user who may neither read nor write the server's files, as on another machine.
class FilesOutOfReach : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root can run hone as somebody else";
        cluster_.emplace(ClusterOptions{.listen_on_loopback = true});
        cluster_->sql("ALTER SYSTEM SET maintenance_work_mem = '70MB'");
        cluster_->sql("SELECT pg_reload_conf()");
        ASSERT_EQ(::chown(folder_.path().c_str(), nobody_.user, nobody_.group), 0);
        before_ = altered();
        make_plan();
    }
    // As it is seen by somebody who sees the server's settings and not its files.
    void make_plan() {
        Plan plan = made_plan(*cluster_, {{"maintenance_work_mem", "80MB"}, {"work_mem", "9MB"}});
        auto server = postgres::locate_by_data_directory(cluster_->data_directory(), "").value();
        const auto state = state_of(*cluster_, server);
        server.config_file.clear();
        server.start_options.clear();
        plan.target.data_directory.clear();
        plan.target.state_hash = postgres::state_hash(server, state).value();
        ASSERT_TRUE(
            replace_file(plan_file(), plan_to_text(plan), FileAttributes{.mode = 0644}).ok());
    }
    std::filesystem::path plan_file() const { return folder_.path() / "plan.json"; }
    std::string altered() {
        return cluster_->sql(
            "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_file_settings "
            "WHERE sourcefile LIKE '%auto.conf'");
    }
    ProcessResult hone(std::vector<std::string> arguments, const std::string& failpoint = "") {
        arguments.insert(arguments.end(),
                         {"--yes", "--state-dir", (folder_.path() / "state").string(), "--target",
                          "host=127.0.0.1 user=postgres dbname=postgres port=" +
                              std::to_string(cluster_->port())});
        return run_hone(arguments, {{"HONE_FAILPOINT", kSkipBootCheck + failpoint}}, nobody_);
    }
    ProcessResult apply(const std::string& failpoint = "") {
        return hone({"apply", plan_file().string()}, failpoint);
    }
    void expect_as_before() {
        EXPECT_EQ(altered(), before_);
        EXPECT_EQ(cluster_->sql("SHOW work_mem"), "4MB");
        EXPECT_EQ(cluster_->sql("SHOW maintenance_work_mem"), "70MB");
    }

    Identity nobody_ = identity_named("nobody").value();
    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-nobody-").value();
    std::optional<PrivateCluster> cluster_;
    std::string before_;
};

TEST_F(FilesOutOfReach, AppliesAndRollsBackBySql) {
    const auto applied = apply();
    ASSERT_EQ(applied.exit_code, 0) << applied.standard_error;
    EXPECT_THAT(applied.standard_error, HasSubstr("out of reach"));
    EXPECT_EQ(altered(), "maintenance_work_mem=80MB work_mem=9MB");
    EXPECT_EQ(cluster_->sql("SHOW work_mem"), "9MB");
    const auto back = hone({"rollback"});
    ASSERT_EQ(back.exit_code, 0) << back.standard_error;
    expect_as_before();
}

TEST_F(FilesOutOfReach, AnApplyThatFailsTakesItselfBackBySql) {
    // intent, backed_up, writing: the fourth record says that it was written.
    const auto failed = apply("journal.write@4=ENOSPC");
    EXPECT_EQ(failed.exit_code, 1) << failed.standard_error;
    EXPECT_THAT(failed.standard_error, HasSubstr("everything was taken back"));
    expect_as_before();
}

TEST_F(FilesOutOfReach, AKillBetweenTwoStatementsIsTakenBackBySql) {
    ASSERT_EQ(apply("apply.after_alter@1=kill").signal, SIGKILL);
    EXPECT_NE(altered(), before_);
    const auto recovered = hone({"recover"});
    ASSERT_EQ(recovered.exit_code, 0) << recovered.standard_error;
    expect_as_before();
}

TEST_F(FilesOutOfReach, IsNotTakenBackOverSomebodyElsesValue) {
    ASSERT_EQ(apply().exit_code, 0);
    cluster_->sql("ALTER SYSTEM SET work_mem = '7MB'");
    const auto refused = hone({"rollback"});
    EXPECT_EQ(refused.exit_code, 6) << refused.standard_error;
    EXPECT_THAT(refused.standard_error, HasSubstr("ALTER SYSTEM: work_mem:"));
    EXPECT_EQ(altered(), "maintenance_work_mem=80MB work_mem=7MB");
}

}  // namespace
}  // namespace hone::test
