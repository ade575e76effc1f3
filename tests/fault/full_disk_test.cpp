// ENOSPC, EROFS and EACCES at every write: one clear error, nothing half done.
#include <gtest/gtest.h>

#include <set>

#include "fault_bench.hpp"

namespace hone::test {
namespace {

bool is_write(const Visit& visit) {
    static const std::set<std::string> names{"file.create",    "file.write",    "file.fsync",
                                             "file.rename",    "file.remove",   "file.fsync_folder",
                                             "journal.create", "journal.write", "journal.fsync"};
    return names.contains(visit.name);
}

void starve_everywhere(FaultBench& bench, const std::vector<Visit>& visits, bool from_old) {
    for (const Visit& visit : visits)
        for (const char* error : {"ENOSPC", "EROFS", "EACCES"}) {
            if (!is_write(visit)) continue;
            if (!full_run() && std::string(error) != "ENOSPC" && visit.name != "file.create")
                continue;
            SCOPED_TRACE(visit.action(error));
            from_old ? bench.go_to_old() : bench.go_to_new();
            const auto run =
                from_old ? bench.apply(visit.action(error)) : bench.rollback(visit.action(error));
            EXPECT_TRUE(run.exit_code == 0 ||
                        run.standard_error.find("hone: ") != std::string::npos);
            EXPECT_TRUE((std::set{0, 1, 5, 7, 8}).contains(run.exit_code)) << run.exit_code;
            const auto recovered = bench.recover();
            EXPECT_EQ(recovered.exit_code, 0) << recovered.standard_error;
            bench.report(visit, error,
                         bench.expect_old_or_new() + ", exit " + std::to_string(run.exit_code));
            if (testing::Test::HasFailure()) return;
        }
}

TEST(FullDisk, ApplyEndsOldOrNewAtEveryWrite) {
    FaultBench bench({.name = "apply, full disk",
                      .settings = {{"work_mem", "9MB"}, {"checkpoint_timeout", "17min"}}});
    bench.log_visits(true);
    ASSERT_EQ(bench.apply().exit_code, 0);
    const auto visits = bench.visits();
    bench.log_visits(false);
    starve_everywhere(bench, visits, true);
}

TEST(FullDisk, RollbackEndsOldOrNewAtEveryWrite) {
    FaultBench bench({.name = "rollback, full disk", .settings = {{"work_mem", "9MB"}}});
    bench.go_to_new();
    bench.log_visits(true);
    ASSERT_EQ(bench.rollback().exit_code, 0);
    const auto visits = bench.visits();
    bench.log_visits(false);
    starve_everywhere(bench, visits, false);
}

}  // namespace
}  // namespace hone::test
