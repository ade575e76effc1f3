// kill -9 at every failpoint, then hone recover: the cluster is byte for byte the old or the new
// one.
#include <gtest/gtest.h>

#include "fault_bench.hpp"

namespace hone::test {
namespace {

constexpr int kKilled = 128 + 9;

const Settings kReloadSettings{{"work_mem", "9MB"}, {"checkpoint_timeout", "17min"}};
const Settings kRestartSettings{{"shared_buffers", "20MB"}, {"work_mem", "9MB"}};

void expect_survives(FaultBench& bench, const Visit& visit) {
    const auto recovered = bench.recover();
    EXPECT_EQ(recovered.exit_code, 0) << recovered.standard_output << recovered.standard_error;
    bench.report(visit, "kill", bench.expect_old_or_new());
    bench.expect_nothing_to_recover();
}

void kill_apply_everywhere(const FaultScenario& scenario) {
    FaultBench bench(scenario);
    bench.log_visits(true);
    ASSERT_EQ(bench.apply().exit_code, 0);
    const auto visits = bench.visits();
    bench.log_visits(false);
    ASSERT_GT(visits.size(), 10U);
    for (const Visit& visit : visits) {
        SCOPED_TRACE(visit.text());
        bench.go_to_old();
        EXPECT_EQ(bench.apply(visit.action("kill")).exit_code, kKilled);
        expect_survives(bench, visit);
        if (testing::Test::HasFailure()) return;
    }
}

TEST(Crash, ApplyWithAReloadEndsOldOrNew) {
    kill_apply_everywhere({.name = "apply, reload", .settings = kReloadSettings});
}

TEST(Crash, ApplyWithARestartEndsOldOrNew) {
    kill_apply_everywhere(
        {.name = "apply, restart", .settings = kRestartSettings, .steps_only = true});
}

TEST(Crash, ApplyIntoAnIncludeFolderEndsOldOrNew) {
    if (!full_run()) GTEST_SKIP() << "HONE_FULL=1 runs it";
    kill_apply_everywhere(
        {.name = "apply, conf.d", .settings = kRestartSettings, .separate_config = true});
}

TEST(Crash, ApplyWithAlterSystemEndsOldOrNew) {
    kill_apply_everywhere({.name = "apply, ALTER SYSTEM",
                           .settings = kReloadSettings,
                           .apply_options = {"--method", "alter-system"},
                           .steps_only = true});
}

TEST(Crash, RollbackEndsOldOrNew) {
    FaultBench bench({.name = "rollback", .settings = kRestartSettings});
    bench.go_to_new();
    bench.log_visits(true);
    ASSERT_EQ(bench.rollback().exit_code, 0);
    const auto visits = bench.visits();
    bench.log_visits(false);
    ASSERT_GT(visits.size(), 10U);
    for (const Visit& visit : visits) {
        SCOPED_TRACE(visit.text());
        bench.go_to_new();
        EXPECT_EQ(bench.rollback(visit.action("kill")).exit_code, kKilled);
        expect_survives(bench, visit);
        if (testing::Test::HasFailure()) return;
    }
}

void kill_recovery_everywhere(const std::string& name, const std::string& interrupted_at) {
    FaultBench bench({.name = name, .settings = kRestartSettings, .steps_only = true});
    ASSERT_EQ(bench.apply(interrupted_at + "=kill").exit_code, kKilled);
    bench.log_visits(true);
    ASSERT_EQ(bench.recover().exit_code, 0);
    const auto visits = bench.visits();
    bench.log_visits(false);
    ASSERT_FALSE(visits.empty());
    for (const Visit& visit : visits) {
        SCOPED_TRACE(visit.text());
        bench.go_to_old();
        EXPECT_EQ(bench.apply(interrupted_at + "=kill").exit_code, kKilled);
        EXPECT_EQ(bench.recover(visit.action("kill")).exit_code, kKilled);
        expect_survives(bench, visit);
        if (testing::Test::HasFailure()) return;
    }
}

TEST(Crash, RecoveryThatUndoesEndsOld) {
    kill_recovery_everywhere("recover, undo", "apply.after_switch");
}

TEST(Crash, RecoveryThatFinishesEndsNew) {
    kill_recovery_everywhere("recover, finish", "apply.before_kept");
}

}  // namespace
}  // namespace hone::test
