// A bench on real scratch servers: its figures agree with what was sent, a planted slow-down is a
// regression against a baseline and an equal run is none, and nothing is left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.hpp"
#include "engines/postgres/server.hpp"
#include "prove/bench/regression.hpp"
#include "prove/bench/report.hpp"
#include "prove/bench/run.hpp"
#include "prove/bench/store.hpp"
#include "support/program.hpp"
#include "support/test_cache.hpp"

namespace hone::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kBinDirectory = "/usr/lib/postgresql/15/bin";

// A table of a thousand rows: one is read, or one is written.
class SmallWorkload final : public prove::Workload {
  public:
    std::span<const prove::StatementText> statements() const override { return statements_; }
    std::span<const prove::OperationInfo> operations() const override { return operations_; }
    void draw(std::size_t operation, std::uint64_t number,
              prove::Transaction& transaction) const override {
        transaction.add(operation).bind_int4(static_cast<std::int32_t>(number % 1000));
    }

  private:
    std::vector<prove::StatementText> statements_{
        {"small_read", "SELECT value FROM small WHERE id = $1", {23}},
        {"small_write", "UPDATE small SET value = value + 1 WHERE id = $1", {23}}};
    std::vector<prove::OperationInfo> operations_{{.name = "read", .writes = false, .units = 1},
                                                  {.name = "write", .writes = true, .units = 10}};
};

class SmallSource final : public prove::BenchSource {
  public:
    const prove::BenchKey& key() const override { return key_; }
    Status fill(postgres::ScratchServer& server, Progress&, Deadline deadline) override {
        HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
        HONE_TRY(connection.query("CREATE TABLE small (id int PRIMARY KEY, value int)", deadline));
        HONE_TRY(connection.query("INSERT INTO small SELECT n, 0 FROM generate_series(0, 999) n",
                                  deadline));
        return {};
    }
    const prove::Workload& workload() const override { return workload_; }
    std::string conninfo(const postgres::ScratchServer& server) const override {
        return server.conninfo();
    }
    prove::LoadShape shape(double) const override {
        prove::OpenLoop open_loop;
        open_loop.rates = {40, 10};
        open_loop.pacing = prove::Pacing::kConstant;
        return {.open_loop = open_loop, .closed_loop = {}};
    }
    prove::ClosedLoop full_speed(int clients) const override {
        return {.weights = {0, 1}, .clients = clients, .think_seconds = 0};
    }
    std::vector<prove::BenchTarget> targets() const override {
        return {{"read", 0.5, 60}, {"read", 0.5, 1e-9}, {"read", 0.999, 60}, {"nothing", 0.5, 60}};
    }

  private:
    SmallWorkload workload_;
    prove::BenchKey key_{.name = "small", .content_hash = "1"};
};

class Bench : public ::testing::Test {
  protected:
    Bench() {
        place_.bin_directory = kBinDirectory;
        place_.owner = postgres::scratch_owner().value();
        place_.parent_folder = folder_->path();
        place_.memory_limit = Bytes::giga(4);
        place_.cores = 2;
        options_.configuration = {.name = "default", .settings = {}};
        options_.seconds = 4;
        options_.connections = 4;
        options_.seed = 4711;
    }
    Result<prove::BenchResult> run() {
        SmallSource source;
        return prove::run_bench(source, place_, options_, silent_progress(),
                                Deadline::after(Seconds{110}));
    }

    Result<TemporaryFolder> folder_ = [] {
        auto folder = TemporaryFolder::create("/tmp", "hone-bench-");
        std::filesystem::permissions(folder->path(), std::filesystem::perms::others_exec,
                                     std::filesystem::perm_options::add);
        return folder;
    }();
    prove::BenchPlace place_;
    prove::BenchRunOptions options_;
};

TEST_F(Bench, TellsWhatWasSentAndWhatItCost) {
    options_.configuration = {
        .name = "mine", .settings = {{.name = "work_mem", .value = "5MB", .file = {}, .line = 0}}};
    const auto result = run();
    ASSERT_TRUE(result.ok()) << result.error().message();
    const prove::LoadFigures& load = result->load;
    EXPECT_TRUE(load.open_loop);
    EXPECT_NEAR(load.offered, 50, 5);
    ASSERT_EQ(load.operations.size(), 2U);
    EXPECT_EQ(load.operations[0].failed, 0U);
    EXPECT_TRUE(load.operations[0].latency.p50_seconds);
    EXPECT_FALSE(load.operations[0].latency.p999_seconds) << "too few samples for that";
    EXPECT_GT(result->costs.wal_bytes, 0);
    EXPECT_GT(result->costs.data_size_before, Bytes::mega(1));
    EXPECT_EQ(result->machine.settings.at("work_mem"), "5MB");
    EXPECT_FALSE(result->reference);
    EXPECT_THAT(*list_folder(folder_->path()), IsEmpty()) << "a server was left behind";
}

TEST_F(Bench, JudgesEachTargetOrSaysWhyNot) {
    const auto result = run();
    ASSERT_TRUE(result.ok()) << result.error().message();
    ASSERT_EQ(result->targets.size(), 4U);
    EXPECT_EQ(result->targets[0].verdict, prove::TargetVerdict::kMet);
    EXPECT_THAT(
        result->targets[1].verdict,
        ::testing::AnyOf(prove::TargetVerdict::kNotMet, prove::TargetVerdict::kNotReachableHere));
    EXPECT_EQ(result->targets[2].verdict, prove::TargetVerdict::kNotRun);
    EXPECT_THAT(result->targets[2].reason, HasSubstr("too few: 10000 are needed"));
    EXPECT_EQ(result->targets[3].verdict, prove::TargetVerdict::kNotRun);
    const std::string text = prove::result_text(*result, false);
    EXPECT_THAT(text, HasSubstr("NOT RUN"));
    EXPECT_THAT(text, HasSubstr("too few"));
}

TEST_F(Bench, FindsASlowDownAgainstABaseline) {
    options_.seconds = 1;
    options_.reference_seconds = 4;
    const auto before = run();
    ASSERT_TRUE(before.ok()) << before.error().message();
    ASSERT_TRUE(before->reference);
    EXPECT_GE(before->reference->log_ratios.size(), 6U);
    // Every commit waits for 20 ms, whatever the machine does.
    options_.configuration = {
        .name = "slow",
        .settings = {{.name = "commit_delay", .value = "20000", .file = {}, .line = 0},
                     {.name = "commit_siblings", .value = "0", .file = {}, .line = 0}}};
    const auto after = run();
    ASSERT_TRUE(after.ok()) << after.error().message();
    const auto regression = prove::judge_regression(*before, *after);
    ASSERT_TRUE(regression.ok()) << regression.error().message();
    EXPECT_LT(regression->ratio, 1) << regression->sentence;
    // A busy machine may leave so short a run without a verdict.
    if (std::getenv("HONE_FULL") == nullptr) return;
    EXPECT_EQ(regression->verdict, prove::RegressionVerdict::kRegression) << regression->sentence;
    EXPECT_LT(regression->ratio, 0.7);
}

TEST_F(Bench, SettingsThatDoNotBootAreNamedAndGiveNoResult) {
    options_.configuration = {
        .name = "broken",
        .settings = {{.name = "shared_buffers", .value = "1kB", .file = {}, .line = 0}}};
    const auto result = run();
    ASSERT_FALSE(result.ok());
    EXPECT_THAT(result.error().message(), HasSubstr("the configuration 'broken'"));
    EXPECT_THAT(*list_folder(folder_->path()), IsEmpty());
}

TEST(BenchProgram, SaysWhatThereIsToRun) {
    const ProcessResult neither =
        run_hone({"bench", "run", "--state-dir", "/tmp/hone-bench-no-state"});
    EXPECT_EQ(neither.exit_code, 3);
    EXPECT_THAT(neither.standard_error, HasSubstr("pass one of --pack NAME and --workload FILE"));
}

TEST(BenchProgram, ListsNothingWhereNothingWasMeasured) {
    const ProcessResult list =
        run_hone({"bench", "list", "--state-dir", "/tmp/hone-bench-no-state"});
    EXPECT_EQ(list.exit_code, 0);
    EXPECT_THAT(list.standard_output, HasSubstr("Nothing was measured yet"));
}

}  // namespace
}  // namespace hone::test
