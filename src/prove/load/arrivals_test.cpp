#include "prove/load/arrivals.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hone::prove {
namespace {

std::vector<Arrival> all(Arrivals& arrivals) {
    std::vector<Arrival> drawn;
    while (const auto arrival = arrivals.next()) drawn.push_back(*arrival);
    return drawn;
}

TEST(Arrivals, ConstantOnesKeepTheirDistanceForever) {
    const auto drawn =
        all(*make_arrivals({.rates = {300}, .pacing = Pacing::kConstant, .seconds = 1000}));
    ASSERT_EQ(drawn.size(), 300000U);
    EXPECT_LT(drawn.front().at_seconds, 1.0 / 300);
    EXPECT_NEAR(drawn.back().at_seconds - drawn.front().at_seconds, 299999.0 / 300, 1e-9);
    EXPECT_EQ(drawn.back().number, 299999U);
}

// 20000 gaps: their mean within 4 standard errors (0.5 % each), and the share of gaps longer than
// the mean is e^-1 = 0.3679, within 4 standard errors of 0.0034.
TEST(Arrivals, PoissonGapsAreExponential) {
    const auto drawn = all(*make_arrivals({.rates = {200}, .seconds = 100, .seed = 5}));
    EXPECT_NEAR(static_cast<double>(drawn.size()), 20000, 566);
    int longer = 0;
    for (std::size_t i = 1; i < drawn.size(); ++i)
        longer += drawn[i].at_seconds - drawn[i - 1].at_seconds > 0.005 ? 1 : 0;
    EXPECT_NEAR(longer / static_cast<double>(drawn.size()), 0.3679, 0.0136);
}

TEST(Arrivals, StreamsAreMergedInTheOrderOfTime) {
    const auto drawn = all(*make_arrivals(
        {.rates = {50, 0, 150}, .seconds = 20, .seed = 3, .first_numbers = {7, 0, 9}}));
    std::vector<std::uint64_t> next{7, 0, 9};
    double before = 0;
    for (const Arrival& arrival : drawn) {
        EXPECT_GE(arrival.at_seconds, before);
        EXPECT_LT(arrival.at_seconds, 20);
        EXPECT_EQ(arrival.number, next.at(arrival.operation)++);
        before = arrival.at_seconds;
    }
    EXPECT_EQ(next[1], 0U);
    EXPECT_NEAR(static_cast<double>(next[0] - 7), 1000, 130);
    EXPECT_NEAR(static_cast<double>(next[2] - 9), 3000, 220);
}

TEST(Arrivals, AnotherOperationsRateMovesNobody) {
    const auto arrivals_of_first = [](double other_rate) {
        std::vector<double> times;
        for (const Arrival& arrival :
             all(*make_arrivals({.rates = {20, other_rate}, .seconds = 10, .seed = 3})))
            if (arrival.operation == 0) times.push_back(arrival.at_seconds);
        return times;
    };
    EXPECT_EQ(arrivals_of_first(0), arrivals_of_first(500));
}

TEST(Arrivals, TheSeedDecidesEverything) {
    const auto times = [](std::uint64_t seed) {
        std::vector<double> at;
        for (const Arrival& arrival :
             all(*make_arrivals({.rates = {100}, .seconds = 1, .seed = seed})))
            at.push_back(arrival.at_seconds);
        return at;
    };
    EXPECT_EQ(times(1), times(1));
    EXPECT_NE(times(1), times(2));
}

TEST(Arrivals, NoRatesMeanNoArrivals) {
    EXPECT_TRUE(all(*make_arrivals({.rates = {0, 0}, .seconds = 10})).empty());
    EXPECT_TRUE(all(*make_arrivals({.seconds = 10})).empty());
}

TEST(Arrivals, RecordedOnesComeAsTheyWere) {
    const auto drawn = all(*recorded_arrivals({{0.5, 1, 4}, {0.5, 0, 0}, {2, 1, 5}}));
    ASSERT_EQ(drawn.size(), 3U);
    EXPECT_EQ(drawn[0].number, 4U);
    EXPECT_EQ(drawn[1].operation, 0U);
    EXPECT_DOUBLE_EQ(drawn[2].at_seconds, 2);
}

}  // namespace
}  // namespace hone::prove
