#include "prove/autotune/store.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.hpp"
#include "prove/autotune/test_plans.hpp"

namespace hone::prove {
namespace {

namespace fs = std::filesystem;

struct StateFolder {
    TemporaryFolder folder = TemporaryFolder::create("/tmp", "hone-autotune-test-").value();
    const fs::path& path() const { return folder.path(); }
};

AutotuneJob job() {
    AutotuneJob job;
    job.source.kind = "pgbench";
    job.source.name = "read-write";
    job.source.variants["schema"] = "23";
    job.load = "pgbench read-write, scale 10";
    job.seed = (1ULL << 48U) - 1;
    job.budget_seconds = 480;
    job.settings = {{"work_mem", "8MB"}, {"work_mem", "16MB"}};
    job.space = {{"shared_buffers", {"1GB", "2GB"}, 1}};
    return job;
}

Evaluation evaluation(int number) {
    Evaluation evaluation;
    evaluation.number = number;
    evaluation.proposed = {number, 0};
    evaluation.point = {number, 1};
    evaluation.screening.standing = Standing::kBetter;
    evaluation.screening.effect.ratio = 1.25;
    evaluation.screening.effect.interval = {1.125, 1.375};
    evaluation.screening.note = "lowered to fit into memory: work_mem 64MB -> 32MB";
    evaluation.score = 0.223144;
    evaluation.spent_seconds = 30.5 * number;
    return evaluation;
}

TEST(AutotuneRecord, IsReadBackAsItWasWritten) {
    const StateFolder state;
    const Plan plan = testing::planned_machine(Bytes::giga(16)).plan;
    std::string id;
    {
        auto record = AutotuneRecord::create(state.path(), job(), plan);
        ASSERT_TRUE(record.ok()) << record.error().message();
        id = record->id();
        ASSERT_TRUE(record->evaluated(evaluation(1)).ok());
        ASSERT_TRUE(record->evaluated(evaluation(2)).ok());
    }
    const auto record = AutotuneRecord::open(state.path(), id);
    ASSERT_TRUE(record.ok()) << record.error().message();
    EXPECT_EQ(record->plan().id(), plan.id());
    EXPECT_EQ(record->job().seed, 281474976710655U);
    EXPECT_EQ(record->job().source.variants.at("schema"), "23");
    EXPECT_EQ(record->job().settings, job().settings);
    EXPECT_EQ(record->job().space, job().space);
    ASSERT_EQ(record->past().evaluations.size(), 2U);
    const Evaluation& second = record->past().evaluations[1];
    EXPECT_EQ(second.proposed, (Point{2, 0}));
    EXPECT_EQ(second.point, (Point{2, 1}));
    EXPECT_EQ(second.screening.standing, Standing::kBetter);
    EXPECT_EQ(second.screening.effect.interval.high, 1.375);
    EXPECT_EQ(second.score, 0.223144);
    EXPECT_EQ(record->spent_seconds(), 61);
    EXPECT_FALSE(record->past().check.has_value());
}

TEST(AutotuneRecord, KeepsTheCheckAndALongerBudget) {
    const StateFolder state;
    const Plan plan = testing::planned_machine(Bytes::giga(16)).plan;
    std::string id;
    {
        auto record = AutotuneRecord::create(state.path(), job(), plan);
        ASSERT_TRUE(record.ok());
        id = record->id();
        Check check;
        check.effect.verdict = Verdict::kFaster;
        check.effect.ratio = 1.5;
        check.sentence = "50 % faster";
        ASSERT_TRUE(record->extend(900).ok());
        ASSERT_TRUE(record->checked(check, 470).ok());
    }
    auto record = AutotuneRecord::open(state.path(), id);
    ASSERT_TRUE(record.ok()) << record.error().message();
    EXPECT_EQ(record->extend(1800).error().code(), ErrorCode::kFailedPrecondition);
    ASSERT_TRUE(record->past().check.has_value());
    EXPECT_EQ(record->past().check->effect.verdict, Verdict::kFaster);
    EXPECT_EQ(record->past().check->sentence, "50 % faster");
    EXPECT_EQ(record->spent_seconds(), 470);
    EXPECT_EQ(record->job().budget_seconds, 900);
}

// A number of 17 digits is read back with other bytes, which the checksum takes for damage.
TEST(AutotuneRecord, KeepsNumbersThatHaveNoEnd) {
    const StateFolder state;
    const Plan plan = testing::planned_machine(Bytes::giga(16)).plan;
    AutotuneJob odd = job();
    odd.check_seconds = 1280.0 / 7;
    std::string id;
    {
        auto record = AutotuneRecord::create(state.path(), odd, plan);
        ASSERT_TRUE(record.ok());
        id = record->id();
        ASSERT_TRUE(record->extend(10000.0 / 3).ok());
        for (int number = 1; number <= 50; ++number) {
            Evaluation noisy = evaluation(number);
            noisy.screening.effect.ratio = 1 + number / 7.0;
            noisy.screening.effect.interval = {number / 3.0, number / 1.7};
            noisy.spent_seconds = 0.1 * number + 0.2;
            ASSERT_TRUE(record->evaluated(noisy).ok());
        }
        Check check;
        check.effect.ratio = 1.0 / 3;
        ASSERT_TRUE(record->checked(check, 1.0 / 7).ok());
    }
    const auto record = AutotuneRecord::open(state.path(), id);
    ASSERT_TRUE(record.ok()) << record.error().message();
    EXPECT_EQ(record->past().evaluations.size(), 50U);
    EXPECT_NEAR(record->past().evaluations[6].screening.effect.ratio, 2, 1e-9);
    EXPECT_TRUE(record->past().check.has_value());
}

TEST(AutotuneRecord, ALineThatAKillCutOffNeverCounted) {
    const StateFolder state;
    const Plan plan = testing::planned_machine(Bytes::giga(16)).plan;
    std::string id;
    {
        auto record = AutotuneRecord::create(state.path(), job(), plan);
        ASSERT_TRUE(record.ok());
        id = record->id();
        ASSERT_TRUE(record->evaluated(evaluation(1)).ok());
    }
    std::ofstream(state.path() / "autotunes" / id / "journal.log", std::ios::app)
        << R"({"sequence":3,"time":"2026-11-20T13)";
    auto record = AutotuneRecord::open(state.path(), id);
    ASSERT_TRUE(record.ok()) << record.error().message();
    EXPECT_EQ(record->past().evaluations.size(), 1U);
    EXPECT_TRUE(record->evaluated(evaluation(2)).ok());
}

TEST(AutotuneRecord, OneProcessAtATime) {
    const StateFolder state;
    const Plan plan = testing::planned_machine(Bytes::giga(16)).plan;
    const auto record = AutotuneRecord::create(state.path(), job(), plan);
    ASSERT_TRUE(record.ok());
    const auto second = AutotuneRecord::open(state.path(), record->id());
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
}

TEST(AutotuneRecord, AnUnknownIdNamesTheNewest) {
    const StateFolder state;
    const Plan plan = testing::planned_machine(Bytes::giga(16)).plan;
    const auto record = AutotuneRecord::create(state.path(), job(), plan);
    ASSERT_TRUE(record.ok());
    for (const char* id : {"20200101T000000Z-0000", "", "../autotunes", "nonsense"}) {
        const auto missing = AutotuneRecord::open(state.path(), id);
        ASSERT_FALSE(missing.ok()) << id;
        EXPECT_EQ(missing.error().code(), ErrorCode::kNotFound) << id;
    }
}

TEST(AutotuneRecord, ClearsAwayOnlyFoldersOfItsOwnName) {
    const StateFolder state;
    const Plan plan = testing::planned_machine(Bytes::giga(16)).plan;
    const fs::path mine = state.path() / "hone-autotune-abc";
    const fs::path other = state.path() / "precious";
    fs::create_directories(mine / "data");
    fs::create_directories(other);
    std::string id;
    {
        auto record = AutotuneRecord::create(state.path(), job(), plan);
        ASSERT_TRUE(record.ok());
        id = record->id();
        ASSERT_TRUE(record->uses_folder(mine).ok());
        ASSERT_TRUE(record->uses_folder(other).ok());
    }
    const auto record = AutotuneRecord::open(state.path(), id);
    ASSERT_TRUE(record.ok());
    record->clear_left_overs();
    EXPECT_FALSE(fs::exists(mine));
    EXPECT_TRUE(fs::exists(other));
}

TEST(AutotuneBudget, IsSharedOutSoThatTheCheckHasItsPart) {
    AutotuneJob shared = job();
    share_out_budget(shared);
    EXPECT_EQ(shared.screening_seconds, 24);  // 8 rounds of 3 slices
    EXPECT_EQ(shared.check_seconds, 96);      // a fifth
    EXPECT_NEAR(expected_evaluations(shared), 9, 1);
    shared.budget_seconds = 14400;
    share_out_budget(shared);
    EXPECT_EQ(shared.screening_seconds, 480);  // a longer budget sees more in each
    EXPECT_EQ(shared.check_seconds, 900);
}

}  // namespace
}  // namespace hone::prove
