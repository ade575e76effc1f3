#include "prove/bench/result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hone::prove {
namespace {

using ::testing::HasSubstr;

BenchResult some_result() {
    BenchResult result;
    result.id = "20261120T130501Z-0000";
    result.measured_at = "2026-11-20T13:05:01Z";
    result.key = {.name = "kaspa",
                  .preset = "busy",
                  .volume = "laptop",
                  .variants = {{"schema", "23"}},
                  .content_hash = "abc",
                  .rate_factor = 2};
    result.configuration = "default";
    result.seed = 18446744073709551615ULL;
    result.machine.fdatasync_seconds = 0.000082;
    result.machine.memory_limit = Bytes::giga(4);
    result.machine.settings = {{"shared_buffers", "128MB"}};
    OperationFigures operation;
    operation.name = "address-page";
    operation.completed = 1200;
    operation.failures = {{"40001", 3}};
    operation.latency.p50_seconds = 0.001;
    operation.latency.points = {{0.5, 0.001}, {0.99, 0.02}};
    result.load.operations.push_back(operation);
    result.load.achieved_by_second = {99.5, 100};
    result.costs.cache_hit_ratio = 0.97;
    result.targets = {{"p99 of address-page at most 50 ms", TargetVerdict::kNotReachableHere,
                       "the machine was busy"}};
    result.reference.emplace();
    result.reference->effect.ratio = 1.25;
    result.reference->effect.verdict = Verdict::kFaster;
    result.reference->log_ratios = {0.2, 0.25};
    return result;
}

TEST(BenchResult, ComesBackFromItsOwnText) {
    const std::string text = to_json_text(to_json(some_result()));
    const auto back = result_from_text(text, "result.json");
    ASSERT_TRUE(back.ok()) << back.error().message();
    EXPECT_EQ(to_json_text(to_json(*back)), text);
    EXPECT_EQ(back->seed, 18446744073709551615ULL);
    EXPECT_EQ(back->machine.memory_limit, Bytes::giga(4));
    EXPECT_EQ(back->load.operations[0].failures.at("40001"), 3U);
    EXPECT_FALSE(back->load.operations[0].latency.p99_seconds);
    EXPECT_EQ(back->targets[0].verdict, TargetVerdict::kNotReachableHere);
    EXPECT_EQ(back->reference->effect.verdict, Verdict::kFaster);
}

TEST(BenchResult, NamesTheFieldThatIsWrong) {
    std::string text = to_json_line(to_json(some_result()));
    const std::string good = "\"completed\":1200";
    text.replace(text.find(good), good.size(), "\"completed\":-1");
    const auto back = result_from_text(text, "result.json");
    ASSERT_FALSE(back.ok());
    EXPECT_EQ(back.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(back.error().message(), HasSubstr("load.operations[0].completed"));
}

TEST(BenchResult, IsNotReadWhereItWasCutOff) {
    const std::string text = to_json_text(to_json(some_result()));
    EXPECT_EQ(result_from_text(text.substr(0, text.size() / 2), "r").error().code(),
              ErrorCode::kDataLoss);
}

TEST(BenchResult, OfALaterSchemaIsNotGuessedAt) {
    EXPECT_EQ(
        result_from_text(R"({"schema_version": 2, "kind": "bench_result"})", "r").error().code(),
        ErrorCode::kUnsupported);
}

TEST(BenchResult, OfAnotherKindIsNone) {
    EXPECT_EQ(result_from_text(R"({"schema_version": 1, "kind": "evidence"})", "r").error().code(),
              ErrorCode::kDataLoss);
}

TEST(BenchKey, SaysForPeopleWhatWasRun) {
    EXPECT_EQ(some_result().key.for_people(), "kaspa busy, laptop, schema=23, at 2 times the rate");
    EXPECT_EQ((BenchKey{.name = "shop.workload"}).for_people(), "shop.workload");
}

}  // namespace
}  // namespace hone::prove
