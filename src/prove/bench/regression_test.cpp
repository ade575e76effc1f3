#include "prove/bench/regression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "prove/bench/result.hpp"

namespace hone::prove {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Twelve rounds around `log_ratio`, each off by at most `spread`.
BenchResult run_with(double log_ratio, double spread, std::uint64_t seed) {
    BenchResult result;
    result.key.name = "kaspa";
    result.key.preset = "busy";
    result.reference.emplace();
    Random random(seed);
    for (int round = 0; round < 12; ++round)
        result.reference->log_ratios.push_back(log_ratio + spread * (2 * random.unit() - 1));
    return result;
}

TEST(Regression, IsFoundWhereTheRatioToTheReferenceFell) {
    const auto regression = judge_regression(run_with(0.1, 0.02, 1), run_with(-0.2, 0.02, 2));
    ASSERT_TRUE(regression.ok());
    EXPECT_EQ(regression->verdict, RegressionVerdict::kRegression);
    EXPECT_NEAR(regression->ratio, std::exp(-0.3), 0.02);
    EXPECT_LT(regression->interval.high, 0.8);
    EXPECT_THAT(regression->sentence, StartsWith("Regression: 26 % slower than the baseline"));
}

TEST(Regression, IsNotFoundWhereBothRunsAreAlike) {
    const auto regression = judge_regression(run_with(0.1, 0.02, 1), run_with(0.1, 0.02, 2));
    EXPECT_EQ(regression->verdict, RegressionVerdict::kNoneFound);
    EXPECT_THAT(regression->sentence, HasSubstr("could have seen one of 6 % or more"));
}

TEST(Regression, IsNoneWhereItIsTooSmallToMatter) {
    const auto regression = judge_regression(run_with(0, 0.001, 1), run_with(-0.03, 0.001, 2));
    EXPECT_LT(regression->interval.high, 1);
    EXPECT_EQ(regression->verdict, RegressionVerdict::kNoneFound);
}

TEST(Regression, IsNoneWhereItBecameFaster) {
    EXPECT_EQ(judge_regression(run_with(0, 0.02, 1), run_with(0.5, 0.02, 2))->verdict,
              RegressionVerdict::kNoneFound);
}

TEST(Regression, CannotBeToldWhereTheNoiseWouldHideIt) {
    const auto regression = judge_regression(run_with(0, 1.2, 1), run_with(-0.1, 1.2, 2));
    EXPECT_EQ(regression->verdict, RegressionVerdict::kCannotTell);
    EXPECT_THAT(regression->sentence, StartsWith("Cannot tell: "));
}

TEST(Regression, IsNoneWhereTwoEqualServersDifferedAsMuch) {
    BenchResult now = run_with(-0.15, 0.01, 2);
    now.reference->control.ratio = std::exp(-0.16);
    EXPECT_NE(judge_regression(run_with(0, 0.01, 1), now)->verdict, RegressionVerdict::kRegression);
}

TEST(Regression, IsJudgedOnlyWithinOneBench) {
    BenchResult other = run_with(0, 0.01, 2);
    other.key.preset = "light";
    const auto regression = judge_regression(run_with(0, 0.01, 1), other);
    EXPECT_EQ(regression.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(regression.error().message(),
                HasSubstr("the baseline is of kaspa busy, and this run is of kaspa light"));
}

TEST(Regression, NeedsAReferenceOnBothSides) {
    BenchResult without = run_with(0, 0.01, 2);
    without.reference.reset();
    EXPECT_FALSE(judge_regression(run_with(0, 0.01, 1), without).ok());
}

TEST(Regression, TellsWhatChangedUnderTheReference) {
    BenchResult now = run_with(0, 0.01, 2);
    now.machine.server_build = "16.1";
    const auto regression = judge_regression(run_with(0, 0.01, 1), now);
    ASSERT_EQ(regression->caveats.size(), 1U);
    EXPECT_THAT(regression->caveats[0], StartsWith("PostgreSQL was"));
}

// Equal servers, run after run: the alarm must stay silent.
TEST(Regression, IsFoundInFewerThanOneInTwentyPairsOfEqualRuns) {
    int alarms = 0;
    for (std::uint64_t trial = 0; trial < 100; ++trial)
        if (judge_regression(run_with(0.1, 0.15, 2 * trial), run_with(0.1, 0.15, 2 * trial + 1))
                ->verdict == RegressionVerdict::kRegression)
            ++alarms;
    EXPECT_LE(alarms, 5);
}

TEST(Regression, OfTwentyPercentIsFoundInFourOfFivePairs) {
    int found = 0;
    for (std::uint64_t trial = 0; trial < 100; ++trial)
        if (judge_regression(run_with(0.1, 0.15, 2 * trial),
                             run_with(0.1 + std::log(0.8), 0.15, 2 * trial + 1))
                ->verdict == RegressionVerdict::kRegression)
            ++found;
    EXPECT_GE(found, 80);
}

}  // namespace
}  // namespace hone::prove
