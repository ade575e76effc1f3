#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "prove/load/generator.hpp"
#include "support/private_cluster.hpp"
#include "support/statements.hpp"

namespace hone::prove {
namespace {

using test::Statements;
using testing::HasSubstr;

Deadline soon(double seconds = 60) {
    return Deadline::after(Seconds{seconds});
}

class LoadTest : public testing::Test {
  protected:
    static test::PrivateCluster& cluster() {
        static test::PrivateCluster made;
        return made;
    }
    static LoadGenerator open(const Workload& workload, GeneratorOptions options = {}) {
        options.conninfo = cluster().conninfo();
        options.as = cluster().owner();
        auto generator = LoadGenerator::open(options, workload, soon());
        EXPECT_TRUE(generator.ok()) << generator.error().message();
        return std::move(generator).value();
    }
    static LoadReport run(LoadGenerator& generator, const RunOptions& options) {
        auto report = generator.run(options, silent_progress(), soon());
        EXPECT_TRUE(report.ok()) << report.error().message();
        return std::move(report).value();
    }
    static LoadReport run(const Workload& workload, const RunOptions& options,
                          GeneratorOptions connections = {}) {
        LoadGenerator generator = open(workload, std::move(connections));
        return run(generator, options);
    }
};

RunOptions open_loop(double rate, double seconds, std::size_t operations = 1) {
    return {.seconds = seconds,
            .open_loop = OpenLoop{.rates = std::vector<double>(operations, rate),
                                  .pacing = Pacing::kConstant}};
}

RunOptions closed_loop(int clients, double seconds) {
    return {.seconds = seconds, .closed_loop = ClosedLoop{.weights = {1}, .clients = clients}};
}

// Every arrival ends in exactly one way, and each has a latency.
void expect_all_accounted_for(const LoadReport& report) {
    for (const OperationReport& operation : report.operations) {
        EXPECT_EQ(operation.arrived,
                  operation.completed + operation.failed + operation.timed_out + operation.dropped);
        EXPECT_EQ(operation.latency.count(), operation.arrived);
        EXPECT_EQ(operation.service.count(), operation.completed);
    }
}

TEST_F(LoadTest, EveryArrivalOfTheScheduleIsSentAndAnswered) {
    const LoadReport report = run(Statements({"SELECT $1", "SELECT -$1"}), open_loop(200, 1, 2));
    ASSERT_EQ(report.operations.size(), 2U);
    EXPECT_EQ(report.operations[0].completed, 200U);
    EXPECT_EQ(report.operations[1].completed, 200U);
    EXPECT_EQ(report.operations[1].name, "s1");
    EXPECT_EQ(report.latency.count(), 400U);
    EXPECT_DOUBLE_EQ(report.offered, 400);
    EXPECT_EQ(report.next_numbers, (std::vector<std::uint64_t>{200, 200}));
    EXPECT_EQ(report.achieved_by_second.size(), 1U);
    EXPECT_TRUE(report.open_loop);
    EXPECT_GT(report.generator_cpu_seconds, 0);
    EXPECT_GT(report.schedule_error.count(), 0U);
    expect_all_accounted_for(report);
}

TEST_F(LoadTest, GoesOnNumberingWhereTheLastRunEnded) {
    cluster().sql("CREATE TABLE numbers (n bigint PRIMARY KEY)");
    const Statements workload({"INSERT INTO numbers VALUES ($1)"});
    LoadGenerator generator = open(workload);
    RunOptions options = open_loop(200, 0.5);
    options.first_numbers = run(generator, options).next_numbers;
    EXPECT_EQ(run(generator, options).next_numbers, std::vector<std::uint64_t>{200});
    EXPECT_EQ(cluster().sql("SELECT count(*) || ' ' || max(n) FROM numbers"), "200 199");
}

TEST_F(LoadTest, TenThousandClientsShareTenConnections) {
    const LoadReport report =
        run(Statements({"SELECT $1"}), closed_loop(10000, 1), {.connections = 10, .threads = 2});
    EXPECT_FALSE(report.open_loop);
    EXPECT_DOUBLE_EQ(report.clients, 10000);
    EXPECT_EQ(report.operations[0].completed, report.operations[0].arrived);
    EXPECT_GT(report.operations[0].completed, 10U);
    expect_all_accounted_for(report);
}

TEST_F(LoadTest, LittlesLawHoldsInAClosedLoop) {
    RunOptions options = closed_loop(6, 1);
    options.closed_loop->think_seconds = 0.02;
    const LoadReport report = run(Statements({"SELECT pg_sleep(0.01 + 0 * $1)"}), options);
    EXPECT_NEAR(report.clients_by_little, 6, 0.6);
}

TEST_F(LoadTest, WeightsDecideHowOftenAnOperationComes) {
    RunOptions options = closed_loop(4, 0.5);
    options.closed_loop->weights = {3, 0, 1};
    const LoadReport report =
        run(Statements({"SELECT $1", "SELECT 1/(0*$1)", "SELECT -$1"}), options);
    const auto completed = [&](std::size_t i) {
        return static_cast<double>(report.operations[i].completed);
    };
    EXPECT_EQ(report.operations[1].arrived, 0U);
    EXPECT_NEAR(completed(0) / (completed(0) + completed(2)), 0.75, 0.1);
}

TEST_F(LoadTest, FailuresAreCountedBySqlstateAtTheTimeoutsValue) {
    const Statements workload({"SELECT 1 / ($1 % 10)"});
    for (const int depth : {1, 4}) {
        RunOptions options = open_loop(400, 0.5);
        options.timeout_seconds = 7;
        const LoadReport report =
            run(workload, options, {.connections = 2, .pipeline_depth = depth});
        EXPECT_EQ(report.operations[0].completed, 180U);
        EXPECT_EQ(report.operations[0].failures,
                  (std::map<std::string, std::uint64_t>{{"22012", 20}}));
        EXPECT_EQ(report.operations[0].first_failure, "division by zero");
        EXPECT_DOUBLE_EQ(report.latency.max_seconds(), 7);
        expect_all_accounted_for(report);
    }
}

TEST_F(LoadTest, AnAtomicTransactionHappensWhollyOrNotAtAll) {
    const auto draw = [](std::size_t, std::uint64_t number, Transaction& transaction) {
        transaction.atomic = true;
        transaction.add(0).bind_int8(static_cast<std::int64_t>(number));
        transaction.add(1).bind_int8(static_cast<std::int64_t>(number));
    };
    for (const int depth : {1, 4}) {
        cluster().sql("DROP TABLE IF EXISTS pairs; CREATE TABLE pairs (n bigint)");
        const Statements workload(
            {"INSERT INTO pairs VALUES ($1)", "INSERT INTO pairs SELECT 1 / ($1 % 4)"}, draw);
        RunOptions options = open_loop(200, 0.5);
        options.open_loop->rates = {200, 0};
        const LoadReport report =
            run(workload, options, {.connections = 2, .pipeline_depth = depth});
        EXPECT_EQ(report.operations[0].completed, 75U);
        EXPECT_EQ(report.operations[0].failed, 25U);
        EXPECT_EQ(cluster().sql("SELECT count(*) FROM pairs"), "150");
    }
}

TEST_F(LoadTest, WithoutAtomicEachStatementStandsAlone) {
    const auto draw = [](std::size_t, std::uint64_t number, Transaction& transaction) {
        transaction.add(0).bind_int8(static_cast<std::int64_t>(number));
        transaction.add(1).bind_int8(static_cast<std::int64_t>(number));
    };
    cluster().sql("CREATE TABLE singles (n bigint)");
    const Statements workload(
        {"INSERT INTO singles VALUES ($1)", "INSERT INTO singles SELECT 1 / ($1 % 4)"}, draw);
    RunOptions options = open_loop(200, 0.5);
    options.open_loop->rates = {200, 0};
    EXPECT_EQ(run(workload, options).operations[0].failed, 25U);
    EXPECT_EQ(cluster().sql("SELECT count(*) FROM singles"), "175");
}

TEST_F(LoadTest, RoundsAreRepeatedUntilNoRowIsTouched) {
    const auto draw = [](std::size_t, std::uint64_t number, Transaction& transaction) {
        transaction.add(0).bind_int8(static_cast<std::int64_t>(number));
        transaction.rounds_at_most = number == 0 ? 3 : 100;
    };
    const Statements workload(
        {"DELETE FROM rounds WHERE ctid IN (SELECT ctid FROM rounds LIMIT 10 + 0 * $1)"}, draw);
    for (const int depth : {1, 2}) {
        cluster().sql("DROP TABLE IF EXISTS rounds");
        cluster().sql("CREATE TABLE rounds AS SELECT n FROM generate_series(1, 95) n");
        LoadGenerator generator = open(workload, {.connections = 1, .pipeline_depth = depth});
        RunOptions options = open_loop(1, 0.1);
        options.open_loop->recorded = std::make_shared<std::vector<Arrival>>(1);
        run(generator, options);
        EXPECT_EQ(cluster().sql("SELECT count(*) FROM rounds"), "65");
        options.open_loop->recorded->front().number = 1;
        run(generator, options);
        EXPECT_EQ(cluster().sql("SELECT count(*) FROM rounds"), "0");
    }
}

TEST_F(LoadTest, ATimedOutStatementIsCancelledAndItsConnectionUsedAgain) {
    // One sleeper of 60 s, then 50 quick ones through the same connection.
    const Statements workload({"SELECT pg_sleep(60 + $1)", "SELECT $1"});
    LoadGenerator generator = open(workload, {.connections = 1});
    const std::string backends =
        "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE backend_type = "
        "'client backend' AND pid <> pg_backend_pid()";
    const std::string before = cluster().sql(backends);
    RunOptions options = open_loop(1, 1);
    options.timeout_seconds = 0.8;
    auto arrivals = std::make_shared<std::vector<Arrival>>(1);
    for (int i = 0; i < 50; ++i)
        arrivals->push_back({.at_seconds = 0.75, .operation = 1, .number = 0});
    options.open_loop->recorded = arrivals;
    options.open_loop->rates.clear();
    const LoadReport report = run(generator, options);
    EXPECT_EQ(report.operations[0].timed_out, 1U);
    EXPECT_EQ(report.operations[1].completed, 50U);
    EXPECT_DOUBLE_EQ(report.operations[0].latency.max_seconds(), 0.8);
    EXPECT_EQ(cluster().sql(backends), before);
    EXPECT_EQ(
        cluster().sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60%' "
                      "AND state = 'active' AND pid <> pg_backend_pid()"),
        "0");
    expect_all_accounted_for(report);
}

TEST_F(LoadTest, ALostConnectionIsReplaced) {
    // The statement ends its own backend once; whoever comes later finds another connection.
    const Statements workload(
        {"SELECT CASE WHEN $1 = 20 THEN pg_terminate_backend(pg_backend_pid()) END"});
    LoadGenerator generator = open(workload, {.connections = 1});
    const LoadReport report = run(generator, open_loop(100, 1));
    EXPECT_EQ(report.operations[0].failures, (std::map<std::string, std::uint64_t>{{"57P01", 1}}));
    EXPECT_EQ(report.operations[0].completed, 99U);
    RunOptions again = open_loop(100, 0.2);
    again.first_numbers = {100};
    EXPECT_EQ(run(generator, again).operations[0].completed, 20U);
}

TEST_F(LoadTest, AQueueThatIsFullDropsWhatComes) {
    RunOptions options = open_loop(100, 1);
    options.open_loop->longest_queue = 5;
    options.timeout_seconds = 20;
    const LoadReport report =
        run(Statements({"SELECT pg_sleep(0.2 + 0 * $1)"}), options, {.connections = 1});
    EXPECT_EQ(report.longest_queue, 5U);
    EXPECT_GE(report.operations[0].dropped, 80U);
    EXPECT_GE(report.operations[0].late, 5U);
    EXPECT_DOUBLE_EQ(report.latency.max_seconds(), 20);
    EXPECT_LT(report.achieved, report.offered / 2);
    expect_all_accounted_for(report);
}

TEST_F(LoadTest, WhatWaitsTooLongInTheQueueTimesOut) {
    RunOptions options = open_loop(20, 1);
    options.timeout_seconds = 0.5;
    const LoadReport report =
        run(Statements({"SELECT pg_sleep(60 + $1)"}), options, {.connections = 1});
    EXPECT_EQ(report.operations[0].timed_out, 20U);
    EXPECT_DOUBLE_EQ(report.latency.max_seconds(), 0.5);
    expect_all_accounted_for(report);
}

TEST_F(LoadTest, AStatementThatCannotBePreparedIsNamed) {
    const Statements workload({"SELECT no_such_column + $1"});
    const auto generator = LoadGenerator::open(
        {.conninfo = cluster().conninfo(), .as = cluster().owner()}, workload, soon());
    ASSERT_FALSE(generator.ok());
    EXPECT_EQ(generator.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_EQ(generator.error().sqlstate(), "42703");
    EXPECT_THAT(generator.error().message(), HasSubstr("'s0'"));
    EXPECT_THAT(generator.error().message(), HasSubstr("no_such_column"));
}

TEST_F(LoadTest, AServerThatGoesForGoodEndsTheRun) {
    test::PrivateCluster doomed;
    const Statements workload({"SELECT $1"});
    auto generator = LoadGenerator::open(
        {.conninfo = doomed.conninfo(), .as = doomed.owner(), .connections = 2}, workload, soon());
    ASSERT_TRUE(generator.ok()) << generator.error().message();
    std::thread killer([&] { doomed.kill_hard(); });
    RunOptions options = open_loop(100, 2);
    options.timeout_seconds = 0.5;
    const auto report = generator->run(options, silent_progress(), soon());
    killer.join();
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code(), ErrorCode::kUnavailable);
    EXPECT_THAT(report.error().message(), HasSubstr("every connection was lost"));
}

TEST_F(LoadTest, ARunThatWasStoppedLeavesNothingToTheNext) {
    const Statements workload({"SELECT pg_sleep(60 + $1)", "SELECT $1"});
    LoadGenerator generator = open(workload, {.connections = 2});
    RunOptions options = open_loop(20, 30, 2);
    const auto stopped = generator.run(options, silent_progress(), soon(0.3));
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code(), ErrorCode::kDeadlineExceeded);
    options = open_loop(100, 0.2);
    options.open_loop->rates = {0, 100};
    const LoadReport report = run(generator, options);
    EXPECT_EQ(report.operations[0].arrived, 0U);
    EXPECT_EQ(report.operations[1].completed, 20U);
}

TEST_F(LoadTest, TheSteadyStateLeavesTheWarmUpOut) {
    // The first 100 transactions are ten times as slow.
    RunOptions options = open_loop(100, 6);
    options.find_steady_state = true;
    const LoadReport report =
        run(Statements({"SELECT pg_sleep(CASE WHEN $1 < 100 THEN 0.03 ELSE 0.003 END)"}), options);
    EXPECT_TRUE(report.steady);
    EXPECT_GE(report.warm_up_seconds, 1);
    EXPECT_LT(report.seconds, 5.01);
    EXPECT_LT(report.operations[0].arrived, 501U);
    expect_all_accounted_for(report);
}

TEST_F(LoadTest, TheReportIsADocument) {
    const LoadReport report = run(Statements({"SELECT $1"}), open_loop(100, 0.5));
    const json::object document = to_json(report);
    EXPECT_EQ(document.at("schema_version").as_int64(), 1);
    EXPECT_EQ(document.at("mode").as_string(), "open_loop");
    EXPECT_DOUBLE_EQ(document.at("offered_per_second").as_double(), 100);
    EXPECT_EQ(document.at("operations").as_array().size(), 1U);
}

}  // namespace
}  // namespace hone::prove
