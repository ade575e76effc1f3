// The experiment on real servers: a plan that slows every commit is found out, and what cannot be
// run gives no number.
#include "prove/experiment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engines/postgres/server.hpp"
#include "support/private_cluster.hpp"

namespace hone::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Gt;
using ::testing::HasSubstr;

class ProvedPlan : public ::testing::Test {
  protected:
    ProvedPlan() {
        plan_.server_version = 15;
        plan_.target.system_identifier = "somewhere";
        options_.bin_directory = "/usr/lib/postgresql/15/bin";
        options_.scratch_folder = folder_->path();
        options_.memory_limit = Bytes::giga(4);
        options_.cores = 2;
        options_.seconds = 54;
        options_.scale = 1;
        options_.seed = 4711;
    }
    void change(const std::string& setting, const std::string& to) {
        Change change;
        change.setting = setting;
        change.to = to;
        plan_.changes.push_back(change);
    }
    Result<Evidence> prove() {
        return prove::prove(plan_, options_, silent_progress(), Deadline::after(Seconds{280}));
    }
    // What a server that was not cleaned up would leave.
    std::vector<std::string> left_over() const { return *list_folder(folder_->path()); }

    Result<TemporaryFolder> folder_ = [] {
        auto folder = TemporaryFolder::create("/tmp", "hone-prove-");
        std::filesystem::permissions(folder->path(), std::filesystem::perms::others_exec,
                                     std::filesystem::perm_options::add);
        return folder;
    }();
    Plan plan_;
    prove::ProveOptions options_;
};

TEST_F(ProvedPlan, ThatDelaysEveryCommitIsSlower) {
    const PrivateCluster cluster({.config_lines = {"commit_siblings = 0"}, .started = false});
    const auto server = postgres::locate_by_data_directory(cluster.data_directory(), {});
    ASSERT_TRUE(server.ok()) << server.error().message();
    options_.server = *server;
    options_.loads = {"read-write"};
    options_.seconds = 18;
    change("commit_delay", "100000");
    const auto evidence = prove();
    ASSERT_TRUE(evidence.ok()) << evidence.error().message();
    ASSERT_EQ(evidence->workloads.size(), 1U);
    const WorkloadEvidence& workload = evidence->workloads[0];
    EXPECT_EQ(workload.effect.verdict, Verdict::kSlower)
        << workload.sentence << workload.not_run_because;
    EXPECT_LT(workload.effect.ratio, 0.5);
    EXPECT_EQ(workload.effect.pairs, 6);
    EXPECT_EQ(workload.clients, 4);
    for (const auto* rates :
         {&workload.current_rates, &workload.control_rates, &workload.planned_rates}) {
        EXPECT_EQ(rates->size(), 6U);
        EXPECT_THAT(*rates, Each(Gt(0)));
    }
    ASSERT_EQ(workload.companions.size(), 3U);
    EXPECT_EQ(workload.companions[0].metric, "server CPU seconds per transaction");
    EXPECT_EQ(workload.companions[1].metric, "WAL bytes per transaction");
    EXPECT_EQ(workload.companions[2].metric, "buffers per transaction");
    EXPECT_EQ(evidence->seconds, 18);
    EXPECT_EQ(evidence->seed, 4711U);
    EXPECT_THAT(left_over(), ::testing::IsEmpty());
}

TEST_F(ProvedPlan, ThatDoesNotBootIsNotRun) {
    change("shared_buffers", "16GB");
    change("max_connections", "three");
    const auto evidence = prove();
    ASSERT_TRUE(evidence.ok()) << evidence.error().message();
    ASSERT_EQ(evidence->workloads.size(), 3U);
    for (const WorkloadEvidence& workload : evidence->workloads) {
        EXPECT_EQ(workload.effect.verdict, Verdict::kNotRun);
        EXPECT_THAT(workload.not_run_because, HasSubstr("booting the planned settings"));
        EXPECT_THAT(workload.not_run_because, HasSubstr("max_connections"));
        EXPECT_TRUE(workload.current_rates.empty());
    }
    EXPECT_THAT(evidence->caveats, Contains(HasSubstr("out of reach")));
    EXPECT_THAT(left_over(), ::testing::IsEmpty());
}

TEST_F(ProvedPlan, ThatHasNoRoomForClientsIsNotRun) {
    change("max_connections", "6");
    change("max_wal_senders", "0");
    const auto evidence = prove();
    ASSERT_TRUE(evidence.ok()) << evidence.error().message();
    for (const WorkloadEvidence& workload : evidence->workloads) {
        EXPECT_EQ(workload.effect.verdict, Verdict::kNotRun);
        EXPECT_THAT(workload.not_run_because, HasSubstr("max_connections leaves no room"));
    }
}

TEST_F(ProvedPlan, ForAnotherVersionIsRefused) {
    plan_.server_version = 17;
    const auto evidence = prove();
    ASSERT_FALSE(evidence.ok());
    EXPECT_EQ(evidence.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(evidence.error().message(), HasSubstr("it is for PostgreSQL 17"));
}

TEST_F(ProvedPlan, ThatRunsOutOfTimeIsAnErrorAndLeavesNothing) {
    const auto evidence =
        prove::prove(plan_, options_, silent_progress(), Deadline::after(Seconds{3}));
    ASSERT_FALSE(evidence.ok());
    EXPECT_EQ(evidence.error().code(), ErrorCode::kDeadlineExceeded) << evidence.error().message();
    EXPECT_THAT(left_over(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace hone::test
