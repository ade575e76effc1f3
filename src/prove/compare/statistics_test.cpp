#include "prove/compare/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/random.hpp"

namespace hone::prove {
namespace {

double normal(Random& random) {
    return std::sqrt(-2 * std::log(1 - random.unit())) *
           std::cos(2 * std::numbers::pi * random.unit());
}

// Share of trials in which the interval of `size` draws with true mean 0 holds 0.
template <class Draw>
double coverage(int size, int trials, std::uint64_t seed, Draw draw) {
    Random random(seed);
    int covered = 0;
    for (int trial = 0; trial < trials; ++trial) {
        std::vector<double> values(static_cast<std::size_t>(size));
        for (double& value : values) value = draw(random);
        const Interval interval = estimate(values, 1, random.next()).interval();
        covered += interval.low <= 1 && 1 <= interval.high;
    }
    return covered / static_cast<double>(trials);
}

TEST(Statistics, RatioIsTheGeometricMeanOverPairs) {
    const std::vector<double> current{100, 100, 100, 100, 100, 100};
    const std::vector<double> planned{200, 50, 200, 50, 400, 100};
    const Estimate result = estimate(log_ratios(planned, current), 1, 1);
    EXPECT_NEAR(result.ratio(), 1.25992, 1e-5);
    EXPECT_EQ(result.pairs, 6);
    EXPECT_LT(result.interval().low, 1);
    EXPECT_GT(result.interval().high, 1.5);
}

TEST(Statistics, IntervalOfKnownNumbersStaysWhereItIs) {
    const std::vector<double> values{0.10, 0.12, 0.08, 0.11, 0.09, 0.13, 0.07, 0.10};
    const Estimate result = estimate(values, 1, 42);
    EXPECT_NEAR(result.log_ratio, 0.10, 1e-12);
    EXPECT_NEAR(result.standard_error, 0.00707, 1e-5);
    // Student's t with 7 degrees of freedom would give 2.365 x 0.00707 = 0.0167.
    EXPECT_NEAR(result.half_width, 0.0167, 0.003);
}

TEST(Statistics, EqualSeedsGiveEqualIntervals) {
    const std::vector<double> values{0.1, -0.2, 0.3, 0.05, -0.1, 0.2, 0.15};
    EXPECT_EQ(estimate(values, 3, 7).strict_half_width, estimate(values, 3, 7).strict_half_width);
}

TEST(Statistics, SeveralWorkloadsWidenTheStrictIntervalOnly) {
    const std::vector<double> values{0.1, -0.2, 0.3, 0.05, -0.1, 0.2, 0.15, 0.0};
    const Estimate alone = estimate(values, 1, 7);
    const Estimate of_three = estimate(values, 3, 7);
    EXPECT_EQ(alone.half_width, alone.strict_half_width);
    EXPECT_EQ(of_three.half_width, alone.half_width);
    EXPECT_GT(of_three.strict_half_width, 1.15 * alone.half_width);
}

TEST(Statistics, EqualRatesHaveNoWidth) {
    const std::vector<double> values(8, 0.25);
    const Estimate result = estimate(values, 3, 1);
    EXPECT_NEAR(result.ratio(), 1.284025, 1e-6);
    EXPECT_EQ(result.half_width, 0);
}

TEST(Statistics, BaselineIsTheGeometricMeanOfBothInstances) {
    const std::vector<double> current{100, 400};
    const std::vector<double> control{400, 100};
    EXPECT_EQ(geometric_means(current, control), (std::vector<double>{200, 200}));
}

TEST(Statistics, IntervalCoversTheTruthIn95OfAHundredTrials) {
    const double covered =
        coverage(13, 700, 20261, [](Random& random) { return 0.25 * normal(random); });
    RecordProperty("coverage", std::to_string(covered));
    EXPECT_GE(covered, 0.93) << "seed 20261";
    EXPECT_LE(covered, 0.975) << "seed 20261";
}

TEST(Statistics, IntervalOfEightPairsStillCovers) {
    const double covered =
        coverage(8, 700, 20262, [](Random& random) { return 0.25 * normal(random); });
    EXPECT_GE(covered, 0.93) << "seed 20262";
    EXPECT_LE(covered, 0.985) << "seed 20262";
}

// Every seventh pair is hit by something eight times as loud.
TEST(Statistics, OutliersMakeTheIntervalWiderAndNotWrong) {
    const double covered = coverage(13, 700, 20263, [](Random& random) {
        return (random.unit() < 0.15 ? 0.8 : 0.1) * normal(random);
    });
    EXPECT_GE(covered, 0.93) << "seed 20263";
}

}  // namespace
}  // namespace hone::prove
