#include "prove/compare/judgement.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hone::prove {
namespace {

Estimate estimate_of(double ratio, double half_width, double strict_half_width = 0) {
    return {.pairs = 12,
            .log_ratio = std::log(ratio),
            .standard_error = half_width / 2.2,
            .half_width = half_width,
            .strict_half_width = std::max(half_width, strict_half_width)};
}

const Estimate kQuietControl = estimate_of(1.0, 0.02);

TEST(Judgement, ClearGainIsFaster) {
    const Judgement judgement = judge(estimate_of(1.20, 0.05), kQuietControl);
    EXPECT_EQ(judgement.verdict, Verdict::kFaster);
    EXPECT_EQ(judgement.sentence,
              "20 % faster (95 % interval: 14 % faster to 26 % faster); two equal servers in the "
              "same minutes: 2.0 % slower to 2.0 % faster.");
}

TEST(Judgement, ClearLossIsSlower) {
    EXPECT_EQ(judge(estimate_of(0.80, 0.05), kQuietControl).verdict, Verdict::kSlower);
}

TEST(Judgement, IntervalThatIncludesNoChangeCannotTell) {
    const Judgement judgement = judge(estimate_of(1.10, 0.12), kQuietControl);
    EXPECT_EQ(judgement.verdict, Verdict::kCannotTell);
    EXPECT_NE(judgement.sentence.find("this run could have found a change of 19 % or more"),
              std::string::npos)
        << judgement.sentence;
}

TEST(Judgement, NarrowIntervalAroundNoChangeIsNoDifference) {
    EXPECT_EQ(judge(estimate_of(1.01, 0.03), kQuietControl).verdict, Verdict::kNoDifference);
}

// Certain, and too small for anybody to notice.
TEST(Judgement, GainInsideTheBandIsNoDifference) {
    EXPECT_EQ(judge(estimate_of(1.02, 0.01), kQuietControl).verdict, Verdict::kNoDifference);
}

TEST(Judgement, EffectThatEqualServersAlsoShowCannotTell) {
    const Judgement judgement = judge(estimate_of(1.10, 0.05), estimate_of(1.04, 0.08));
    EXPECT_EQ(judgement.verdict, Verdict::kCannotTell);
    EXPECT_NE(judgement.sentence.find("but two equal servers in the same minutes showed"),
              std::string::npos);
}

TEST(Judgement, BiasedControlTakesEveryVerdictAway) {
    const Estimate biased = estimate_of(1.20, 0.05);
    EXPECT_EQ(judge(estimate_of(1.01, 0.01), biased).verdict, Verdict::kCannotTell);
    EXPECT_EQ(judge(estimate_of(1.50, 0.01), biased).verdict, Verdict::kCannotTell);
}

TEST(Judgement, SeveralWorkloadsAskForMore) {
    EXPECT_EQ(judge(estimate_of(1.10, 0.09, 0.10), kQuietControl).verdict, Verdict::kCannotTell);
    EXPECT_EQ(judge(estimate_of(1.10, 0.09, 0.09), kQuietControl).verdict, Verdict::kFaster);
}

TEST(Judgement, SmallestEffectGrowsWithEveryNoise) {
    const double quiet = judge(estimate_of(1, 0.05), kQuietControl).smallest_effect;
    EXPECT_NEAR(quiet, std::expm1(0.05 + 0.8416 * 0.05 / 2.2), 1e-9);
    EXPECT_GT(judge(estimate_of(1, 0.10), kQuietControl).smallest_effect, quiet);
    EXPECT_GT(judge(estimate_of(1, 0.05), estimate_of(1, 0.10)).smallest_effect, quiet);
}

TEST(Judgement, ControlThatLeavesOutNoChangeSaysSo) {
    EXPECT_EQ(judge_control(kQuietControl), Verdict::kNoDifference);
    EXPECT_EQ(judge_control(estimate_of(1.05, 0.2)), Verdict::kCannotTell);
    EXPECT_EQ(judge_control(estimate_of(1.2, 0.1)), Verdict::kFaster);
    EXPECT_EQ(judge_control(estimate_of(0.8, 0.1)), Verdict::kSlower);
}

TEST(Judgement, RatiosReadAsWords) {
    EXPECT_EQ(ratio_for_people(1.124), "12 % faster");
    EXPECT_EQ(ratio_for_people(0.96), "4.0 % slower");
    EXPECT_EQ(ratio_for_people(1.0001), "the same");
    EXPECT_EQ(ratio_for_people(3.25), "3.2 times as fast");
}

}  // namespace
}  // namespace hone::prove
