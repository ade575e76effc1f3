#include "prove/replay/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "prove/replay/anonymise.hpp"
#include "prove/replay/parameter_draw.hpp"
#include "prove/replay/workload_file.hpp"

namespace hone::prove {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 3 SELECTs and a transaction that reads and writes, in 10 seconds.
Recording small() {
    Recording recording;
    recording.recorded_at = "2026-05-01T12:00:00Z";
    recording.database = "shop";
    recording.user = "web";
    recording.seconds = 10;
    recording.left_out["utility statement"] = 4;
    recording.statements.resize(2);
    recording.statements[0] = {.sql = "SELECT a FROM t WHERE id = $1", .calls = 4};
    recording.statements[1] = {.sql = "UPDATE t SET a = $1 WHERE id = $2", .calls = 1};
    for (const auto& [at, id] : {std::pair{1.0, "7"}, {2.0, "8"}, {9.0, "9"}})
        recording.transactions.push_back({at, false, {{0, {id}}}});
    recording.transactions.insert(recording.transactions.begin() + 2,
                                  {4.0, true, {{0, {"10"}}, {1, {std::nullopt, "10"}}}});
    return recording;
}

Result<ReplayRun> replay(Recording recording, const ReplayOptions& options = {}) {
    return make_replay(std::make_shared<const Recording>(std::move(recording)), options);
}

std::vector<std::string> values_of(const StatementCall& call) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < call.parameters(); ++i)
        values.emplace_back(call.values()[i] == nullptr ? "NULL" : call.values()[i]);
    return values;
}

TEST(Replay, ReadsOnlyUnlessWritesAreAllowed) {
    const auto run = replay(small());
    ASSERT_TRUE(run.ok()) << run.error().message();
    ASSERT_EQ(run->workload->statements().size(), 1U);
    ASSERT_EQ(run->workload->operations().size(), 1U);
    EXPECT_EQ(run->workload->operations()[0].name, "SELECT t");
    EXPECT_THAT(run->rates, ElementsAre(0.4));
    EXPECT_THAT(run->left_out,
                ElementsAre(testing::Pair("utility statement", 4), testing::Pair("writes", 1)));
    Transaction transaction;
    run->workload->draw(0, 2, transaction);
    EXPECT_TRUE(transaction.atomic);
    ASSERT_EQ(transaction.calls().size(), 1U);
    EXPECT_THAT(values_of(transaction.calls()[0]), ElementsAre("10"));
}

TEST(Replay, WithWritesTransactionsStayWhole) {
    const auto run = replay(small(), {.with_writes = true});
    ASSERT_TRUE(run.ok()) << run.error().message();
    ASSERT_EQ(run->workload->operations().size(), 2U);
    EXPECT_EQ(run->workload->operations()[1].name, "SELECT t +1");
    EXPECT_TRUE(run->workload->operations()[1].writes);
    Transaction transaction;
    run->workload->draw(1, 0, transaction);
    EXPECT_TRUE(transaction.atomic);
    ASSERT_EQ(transaction.calls().size(), 2U);
    EXPECT_THAT(values_of(transaction.calls()[1]), ElementsAre("NULL", "10"));
    // After the last one comes the first again.
    transaction.clear();
    run->workload->draw(0, 4, transaction);
    EXPECT_THAT(values_of(transaction.calls()[0]), ElementsAre("8"));
}

TEST(Replay, KeepsTheRecordedMomentsAtItsSpeed) {
    const auto run = replay(small());
    const auto load = run->open_loop({.speed = 2, .seconds = 8});
    ASSERT_TRUE(load.recorded);
    std::vector<double> moments;
    std::vector<std::uint64_t> numbers;
    for (const Arrival& arrival : *load.recorded) {
        moments.push_back(arrival.at_seconds);
        numbers.push_back(arrival.number);
    }
    EXPECT_THAT(moments, ElementsAre(0.5, 1, 2, 4.5, 5.5, 6, 7));
    EXPECT_THAT(numbers, ElementsAre(0, 1, 2, 3, 4, 5, 6));
    EXPECT_EQ(run->open_loop({}).recorded->size(), 4U);
}

TEST(Replay, TheServerItselfRefusesWrites) {
    EXPECT_EQ(replay(small())->conninfo("host=/x options=''"),
              "host=/x options='' dbname='shop' user='web' client_encoding='UTF8' "
              "options='-c default_transaction_read_only=on'");
    EXPECT_EQ(replay(small())->conninfo("postgresql://h/d?port=1"),
              "postgresql://h/d?port=1&dbname=shop&user=web&client_encoding=UTF8&"
              "options=-c%20default_transaction_read_only%3Don");
    EXPECT_EQ(replay(small(), {.with_writes = true})->conninfo("host=/x"),
              "host=/x dbname='shop' user='web' client_encoding='UTF8' options=''");
}

TEST(Replay, JudgesTheTextsOfAnEditedFileAnew) {
    Recording recording = small();
    recording.statements[0].sql = "SELECT pg_terminate_backend($1)";
    const auto run = replay(recording, {.with_writes = true});
    ASSERT_TRUE(run.ok());
    EXPECT_EQ(run->workload->statements().size(), 1U);
    EXPECT_EQ(run->left_out.at("reaches outside of the database"), 4U);
    recording.statements[0].sql = "SELECT a FROM t";
    EXPECT_EQ(replay(recording).error().code(), ErrorCode::kDataLoss);
    recording.statements[0].sql = "DELETE FROM t WHERE id = $1";
    EXPECT_EQ(replay(recording).error().code(), ErrorCode::kFailedPrecondition);
}

Recording from_statistics() {
    Recording recording;
    recording.from = RecordedFrom::kStatements;
    recording.database = "shop";
    recording.seconds = 10;
    recording.statements.resize(2);
    recording.statements[0] = {.sql = "SELECT a FROM t WHERE id = $1 LIMIT $2", .calls = 50};
    recording.statements[0].parameters = {
        {.knowledge = Knowledge::kStatistics,
         .type = "integer",
         .column = "public.t.id",
         .bounds = {"1", "100", "200"}},
        {.knowledge = Knowledge::kRows, .type = "bigint", .values = {"3"}}};
    recording.statements[1] = {.sql = "SELECT a FROM t WHERE b = $1", .calls = 20};
    recording.statements[1].parameters.resize(1);
    return recording;
}

TEST(Replay, DrawsWhatWasNotRecordedAndLeavesOutTheUnknown) {
    const auto run = replay(from_statistics(), {.seed = 5});
    ASSERT_TRUE(run.ok()) << run.error().message();
    EXPECT_THAT(run->open_loop({.speed = 3}).rates, ElementsAre(15));
    EXPECT_EQ(run->left_out.at("nothing is known of its parameters"), 20U);
    Transaction first;
    Transaction again;
    run->workload->draw(0, 77, first);
    run->workload->draw(0, 77, again);
    EXPECT_EQ(values_of(first.calls()[0]), values_of(again.calls()[0]));
    EXPECT_EQ(values_of(first.calls()[0])[1], "3");
}

TEST(ParameterDraw, FollowsTheColumnsStatistics) {
    const ParameterSource source{.knowledge = Knowledge::kStatistics,
                                 .null_fraction = 0.25,
                                 .values = {"5"},
                                 .frequencies = {0.5},
                                 .bounds = {"100", "200"}};
    Random random(4711);
    int nulls = 0;
    int common = 0;
    for (int i = 0; i < 10000; ++i) {
        const RecordedValue value = draw_value(source, random);
        if (!value) {
            ++nulls;
        } else if (*value == "5") {
            ++common;
        } else {
            EXPECT_GE(std::stoi(*value), 100);
            EXPECT_LT(std::stoi(*value), 200);
        }
    }
    EXPECT_NEAR(nulls, 2500, 150);
    EXPECT_NEAR(common, 5000, 150);
}

TEST(ParameterDraw, ListsAreArraysOfTheServersSyntax) {
    const ParameterSource source{.values = {"a\"b"}, .is_array = true, .elements = 2};
    Random random(1);
    EXPECT_EQ(draw_value(source, random), R"({"a\"b","a\"b"})");
}

TEST(WorkloadFile, ReadsBackWhatItWrote) {
    for (const Recording& recording : {small(), from_statistics()}) {
        const std::string text = workload_to_text(recording);
        const auto again = workload_from_text(text, "x");
        ASSERT_TRUE(again.ok()) << again.error().message();
        EXPECT_EQ(workload_to_text(*again), text);
    }
}

TEST(WorkloadFile, SaysWhereItIsDamaged) {
    const std::string text = workload_to_text(small());
    const auto cut = workload_from_text(text.substr(0, text.size() / 2), "x");
    EXPECT_EQ(cut.error().code(), ErrorCode::kDataLoss);
    EXPECT_THAT(cut.error().message(), HasSubstr("line"));
    EXPECT_EQ(workload_from_text(text + "{}\n", "x").error().code(), ErrorCode::kDataLoss);
    EXPECT_EQ(workload_from_text("{}", "x").error().code(), ErrorCode::kInvalidArgument);
    std::string newer = text;
    newer.replace(newer.find("\"schema_version\":1"), 18, "\"schema_version\":2");
    EXPECT_EQ(workload_from_text(newer, "x").error().code(), ErrorCode::kUnsupported);
}

TEST(WorkloadFile, SurvivesAnyDamage) {
    const std::uint64_t seed = Random::fresh_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    for (int round = 0; round < 300; ++round) {
        std::string text = workload_to_text(round % 2 == 0 ? small() : from_statistics());
        for (std::uint64_t i = 0; i < 1 + random.below(8); ++i)
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        auto recording = workload_from_text(text, "x");
        if (!recording.ok()) continue;
        const auto run = replay(std::move(*recording), {.with_writes = true});
        if (!run.ok()) continue;
        Transaction transaction;
        run->workload->draw(0, random.next(), transaction);
        static_cast<void>(run->open_loop({.speed = 1, .seconds = 1}));
    }
}

TEST(Anonymise, KeepsShapesAndHidesValues) {
    const std::string key = "some key";
    EXPECT_EQ(anonymous_value("anna@example.org", key), anonymous_value("anna@example.org", key));
    EXPECT_NE(anonymous_value("anna@example.org", key), anonymous_value("anna@example.org", "k2"));
    EXPECT_THAT(anonymous_value("anna@example.org", key),
                testing::MatchesRegex("[a-z]{4}@[a-z]{7}\\.[a-z]{3}"));
    EXPECT_THAT(anonymous_value("-4711", key), testing::MatchesRegex("-[1-9][0-9]{3}"));
    EXPECT_THAT(anonymous_value("2024-02-30 23:59:59.5", key),
                testing::MatchesRegex("2024-(0[1-9]|1[0-2])-([01][0-9]|2[0-8]) "
                                      "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.5"));
    EXPECT_EQ(anonymous_value("true", key), "true");
}

TEST(Anonymise, LeavesNoTextOfAUserInTheFile) {
    Recording recording = small();
    recording.statements[0].sql =
        "SELECT lower('geheim'), E'geheim', $$geheim$$, data ->> 'name' FROM t WHERE id = $1";
    recording.transactions[0].calls[0].parameters = {"geheim"};
    anonymise(recording, "key");
    const std::string text = workload_to_text(recording);
    EXPECT_THAT(text, Not(HasSubstr("geheim")));
    EXPECT_THAT(text, HasSubstr("->> 'name'"));
    EXPECT_TRUE(replay(recording).ok());
}

}  // namespace
}  // namespace hone::prove
