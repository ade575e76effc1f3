// Comparisons of real scratch servers under the load generator, whose connections stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.hpp"
#include "prove/compare/comparison.hpp"
#include "prove/scratch_servers.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::test {
namespace {

using namespace prove;
using ::testing::SizeIs;

constexpr int kRows = 20000;

// One row by its key: three blocks of the index and the table, whoever asks.
class KeyLookup final : public Workload {
  public:
    std::span<const StatementText> statements() const override { return statements_; }
    std::span<const OperationInfo> operations() const override { return operations_; }
    void draw(std::size_t, std::uint64_t number, Transaction& transaction) const override {
        transaction.add(0).bind_int4(static_cast<std::int32_t>(number * 7919 % kRows));
    }

  private:
    std::vector<StatementText> statements_{
        {"lookup", "SELECT payload FROM items WHERE id = $1", {23}}};
    std::vector<OperationInfo> operations_{{.name = "lookup"}};
};

class ComparedServers : public ::testing::Test {
  protected:
    void make(std::vector<ServerSide> sides) {
        ScratchServersOptions options;
        options.bin_directory = "/usr/lib/postgresql/15/bin";
        options.owner = postgres::scratch_owner().value();
        const Filling fill = [](postgres::ScratchServer& server, Deadline deadline) {
            return run_statements(
                server,
                {"CREATE TABLE items (id int PRIMARY KEY, payload text NOT NULL)",
                 "INSERT INTO items SELECT i, repeat('x', 60) FROM generate_series(0, 19999) AS i",
                 "VACUUM (FREEZE, ANALYZE)"},
                deadline);
        };
        auto made = make_servers(options, sides, fill, silent_progress(), deadline_);
        ASSERT_TRUE(made.ok()) << made.error().message();
        servers_ = std::move(*made);
    }
    std::unique_ptr<GeneratorSubject> subject(std::size_t server) {
        GeneratorLoad load;
        load.workload = &workload_;
        load.generator.connections = 4;
        load.closed_loop = ClosedLoop{.weights = {1}, .clients = 4};
        auto made =
            GeneratorSubject::open(std::to_string(server), servers_[server], load, deadline_);
        EXPECT_TRUE(made.ok()) << made.error().message();
        return std::move(*made);
    }

    Deadline deadline_ = Deadline::after(Seconds{200});
    KeyLookup workload_;
    std::vector<postgres::ScratchServer> servers_;
};

// A backend by itself reports its buffers once a second: slices of a fifth of it would show none,
// and then five times too many.
TEST_F(ComparedServers, EachSliceIsChargedForItsOwnBuffers) {
    ASSERT_NO_FATAL_FAILURE(make({{"the defaults", {}}}));
    const auto subject = this->subject(0);
    ASSERT_TRUE(subject->run_slice(0.2, 1, deadline_).ok());
    for (std::uint64_t slice = 2; slice < 6; ++slice) {
        const auto before = subject->usage(deadline_);
        const auto result = subject->run_slice(0.2, slice, deadline_);
        const auto after = subject->usage(deadline_);
        ASSERT_TRUE(before.ok() && result.ok() && after.ok());
        const double buffers = (*after)->buffers() - (*before)->buffers();
        // What hone itself looks up, and statistics that are refreshed, come on top.
        EXPECT_GE(buffers, 3 * result->operations);
        EXPECT_LE(buffers, 3 * result->operations + 3000);
        EXPECT_GT((*after)->cpu_seconds, 0);
    }
}

TEST_F(ComparedServers, TransactionsAreNumberedOnFromSliceToSlice) {
    ASSERT_NO_FATAL_FAILURE(make({{"the defaults", {}}}));
    const auto subject = this->subject(0);
    const auto first = subject->run_slice(0.1, 1, deadline_);
    ASSERT_TRUE(first.ok()) << first.error().message();
    const std::uint64_t next = subject->report().next_numbers.at(0);
    EXPECT_GE(static_cast<double>(next), first->operations);
    const auto second = subject->run_slice(0.1, 2, deadline_);
    ASSERT_TRUE(second.ok());
    EXPECT_GE(static_cast<double>(subject->report().next_numbers.at(0)),
              static_cast<double>(next) + second->operations);
    ASSERT_THAT(subject->report().operations, SizeIs(1));
    EXPECT_EQ(subject->report().operations[0].name, "lookup");
    EXPECT_GT(second->mean_seconds, 0);
}

TEST_F(ComparedServers, AreMeasuredWithTheirCostsInShortSlices) {
    const std::vector<postgres::ConfigEntry> logging{
        {.name = "log_min_duration_statement", .value = "0", .file = {}, .line = 0}};
    ASSERT_NO_FATAL_FAILURE(
        make({{"the defaults", {}}, {"the defaults again", {}}, {"a log of everything", logging}}));
    const auto a = subject(0);
    const auto b = subject(1);
    const auto c = subject(2);
    const std::vector<Subject*> subjects{a.get(), b.get(), c.get()};
    const auto measured = measure(
        subjects,
        {.seconds_at_most = 6, .slice_seconds = 0.2, .warm_up_seconds = 0.2, .writes = false},
        silent_progress(), deadline_);
    ASSERT_TRUE(measured.ok()) << measured.error().message();
    EXPECT_GE(measured->rounds, 6);
    const CandidateEvidence evidence = judge_candidate(*measured, 2);
    ASSERT_GE(evidence.companions.size(), 2U);
    EXPECT_EQ(evidence.companions[0].metric, "server CPU seconds per operation");
    EXPECT_EQ(evidence.companions[1].metric, "buffers per operation");
    // The CPU's clock ticks every 10 ms and a busy machine charges its own noise: figures are for
    // quiet ones.
    if (std::getenv("HONE_FULL") == nullptr) return;
    EXPECT_NE(evidence.effect.verdict, Verdict::kFaster) << evidence.sentence;
    EXPECT_GT(evidence.companions[0].ratio, 1.1) << "each statement is written to the log";
    EXPECT_NEAR(evidence.companions[1].ratio, 1, 0.2);
}

TEST_F(ComparedServers, SideThatDoesNotBootIsNamed) {
    ScratchServersOptions options;
    options.bin_directory = "/usr/lib/postgresql/15/bin";
    options.owner = postgres::scratch_owner().value();
    const std::vector<ServerSide> sides{
        {"the defaults", {}},
        {"what somebody wrote",
         {{.name = "max_connections", .value = "three", .file = {}, .line = 0}}}};
    const Filling nothing = [](postgres::ScratchServer&, Deadline) { return Status{}; };
    const auto made = make_servers(options, sides, nothing, silent_progress(), deadline_);
    ASSERT_FALSE(made.ok());
    EXPECT_THAT(made.error().message(), ::testing::HasSubstr("booting what somebody wrote"));
}

}  // namespace
}  // namespace hone::test
