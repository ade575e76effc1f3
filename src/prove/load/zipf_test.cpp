#include "prove/load/zipf.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace hone::prove {
namespace {

constexpr std::uint64_t kSeed = 20240607;

// Pearson's statistic of `draws` samples over all ranks.
double chi_square(std::uint64_t ranks, double exponent, int draws) {
    std::vector<double> expected(ranks);
    double sum = 0;
    for (std::uint64_t k = 0; k < ranks; ++k)
        sum += expected[k] = std::pow(static_cast<double>(k + 1), -exponent);
    std::vector<double> counted(ranks, 0);
    const Zipf zipf(ranks, exponent);
    Random random(kSeed);
    for (int i = 0; i < draws; ++i) ++counted.at(zipf(random));
    double statistic = 0;
    for (std::uint64_t k = 0; k < ranks; ++k) {
        const double wanted = expected[k] / sum * draws;
        statistic += (counted[k] - wanted) * (counted[k] - wanted) / wanted;
    }
    return statistic;
}

// 99.9 % of chi-square with 49 degrees of freedom lies below 85.35.
TEST(Zipf, FollowsItsLawAtEveryExponent) {
    for (const double exponent : {0.01, 0.5, 0.907, 0.99, 1.0, 1.0 + 1e-10, 1.2, 2.0, 3.0})
        EXPECT_LT(chi_square(50, exponent, 200000), 85.35) << "exponent " << exponent;
}

// The share of the first rank of 10^9 at exponent 1 is 1 / 21.3.
TEST(Zipf, NeedsNoTableForABillionRanks) {
    const Zipf zipf(1'000'000'000, 1.0);
    Random random(kSeed);
    int first = 0;
    std::uint64_t largest = 0;
    for (int i = 0; i < 100000; ++i) {
        const std::uint64_t rank = zipf(random);
        first += rank == 0 ? 1 : 0;
        largest = std::max(largest, rank);
    }
    EXPECT_NEAR(first, 4695, 300);
    EXPECT_LT(largest, 1'000'000'000U);
    EXPECT_GT(largest, 900'000'000U);
}

TEST(Zipf, OneRankIsAlwaysTheFirst) {
    const Zipf zipf(1, 0.99);
    Random random(kSeed);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(zipf(random), 0U);
}

TEST(Zipf, EqualSeedsGiveEqualRanks) {
    const Zipf zipf(1000, 0.99);
    Random a(kSeed);
    Random b(kSeed);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(zipf(a), zipf(b));
}

}  // namespace
}  // namespace hone::prove
