#include "prove/load/steady_state.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.hpp"

namespace hone::prove {
namespace {

constexpr std::uint64_t kSeed = 4;

std::vector<double> noise(std::size_t count) {
    Random random(kSeed);
    std::vector<double> series(count);
    for (double& value : series) value = random.unit() - 0.5;
    return series;
}

TEST(SteadyState, CutsADecayingWarmUp) {
    std::vector<double> series = noise(60);
    for (std::size_t i = 0; i < 12; ++i) series[i] += 8 * std::exp(-static_cast<double>(i) / 4);
    const SteadyState state = find_steady_state(series);
    EXPECT_TRUE(state.reached);
    EXPECT_GE(state.first, 7U);
    EXPECT_LE(state.first, 16U);
}

TEST(SteadyState, CutsAStepExactly) {
    std::vector<double> series = noise(60);
    for (std::size_t i = 0; i < 9; ++i) series[i] -= 5;
    EXPECT_TRUE(find_steady_state(series).reached);
    EXPECT_EQ(find_steady_state(series).first, 9U);
}

TEST(SteadyState, KeepsNearlyAllOfWhatWasSteadyFromTheStart) {
    const SteadyState state = find_steady_state(noise(100));
    EXPECT_TRUE(state.reached);
    EXPECT_LE(state.first, 15U);
}

TEST(SteadyState, KeepsAConstantSeriesWhole) {
    const std::vector<double> series(40, -7.25);
    EXPECT_TRUE(find_steady_state(series).reached);
    EXPECT_EQ(find_steady_state(series).first, 0U);
}

TEST(SteadyState, IsNotReachedWhereTheLevelChangesLate) {
    std::vector<double> series = noise(60);
    for (std::size_t i = 45; i < 60; ++i) series[i] += 6;
    const SteadyState state = find_steady_state(series);
    EXPECT_FALSE(state.reached);
    EXPECT_EQ(state.first, 30U);
}

TEST(SteadyState, IsNotReachedByAGrowingSeries) {
    std::vector<double> series = noise(60);
    for (std::size_t i = 0; i < 60; ++i) series[i] += static_cast<double>(i);
    EXPECT_FALSE(find_steady_state(series).reached);
}

TEST(SteadyState, CannotBeToldFromAFewValues) {
    EXPECT_FALSE(find_steady_state(std::vector<double>(9, 1.0)).reached);
    EXPECT_FALSE(find_steady_state({}).reached);
}

}  // namespace
}  // namespace hone::prove
