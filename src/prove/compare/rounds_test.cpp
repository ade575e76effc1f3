#include "prove/compare/rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hone::prove {
namespace {

std::vector<std::vector<std::size_t>> orders(std::size_t subjects, int rounds, std::uint64_t seed) {
    Random random(seed);
    std::vector<std::vector<std::size_t>> drawn;
    for (int round = 0; round < rounds; ++round) drawn.push_back(drawn_order(subjects, random));
    return drawn;
}

TEST(Rounds, EachHasEverySubjectOnce) {
    for (auto order : orders(5, 200, 99)) {
        std::ranges::sort(order);
        EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
    }
}

TEST(Rounds, EverySubjectComesFirstAndLastAboutAsOften) {
    std::array<int, 4> first{};
    std::array<int, 4> last{};
    for (const auto& order : orders(4, 2000, 5)) {
        ++first[order.front()];
        ++last[order.back()];
    }
    for (std::size_t subject = 0; subject < 4; ++subject) {
        EXPECT_NEAR(first[subject], 500, 80) << "seed 5";
        EXPECT_NEAR(last[subject], 500, 80) << "seed 5";
    }
}

TEST(Rounds, SeedDecidesTheOrder) {
    EXPECT_EQ(orders(3, 20, 7), orders(3, 20, 7));
    EXPECT_NE(orders(3, 20, 7), orders(3, 20, 8));
}

TEST(Rounds, LooksComeAtGrowingDistances) {
    std::vector<int> looks;
    for (int rounds = 1; rounds <= 60; ++rounds)
        if (is_a_look(rounds, 8)) looks.push_back(rounds);
    EXPECT_EQ(looks, (std::vector<int>{8, 10, 12, 15, 18, 22, 27, 33, 41, 51}));
}

}  // namespace
}  // namespace hone::prove
