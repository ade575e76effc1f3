#include "prove/autotune/proposer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace hone::prove {
namespace {

SearchSpace grid(int dimensions, int levels) {
    SearchSpace space;
    for (int i = 0; i < dimensions; ++i) {
        Dimension dimension;
        dimension.setting = "setting" + std::to_string(i);
        for (int level = 0; level < levels; ++level)
            dimension.levels.push_back(std::to_string(level));
        space.dimensions.push_back(std::move(dimension));
    }
    return space;
}

double hill(const Point& point) {
    double score = 0;
    for (const int level : point) score -= (level - 6) * (level - 6);
    return score;
}

std::vector<Point> proposals(std::uint64_t seed, int count) {
    const SearchSpace space = grid(3, 9);
    const auto proposer = make_proposer(space, {{{1, 1, 1}, hill({1, 1, 1})}}, seed);
    std::vector<Point> points;
    for (int i = 0; i < count; ++i) {
        points.push_back(proposer->next().value());
        proposer->tell(hill(points.back()));
    }
    return points;
}

TEST(Proposer, StaysOnTheGrid) {
    for (const Point& point : proposals(7, 40)) {
        ASSERT_EQ(point.size(), 3U);
        for (const int level : point) {
            EXPECT_GE(level, 0);
            EXPECT_LE(level, 8);
        }
    }
}

TEST(Proposer, FindsTheTopOfAHill) {
    const auto points = proposals(7, 40);
    const double best = hill(*std::ranges::max_element(points, {}, hill));
    EXPECT_GE(best, -1);  // the top, or beside it
}

TEST(Proposer, GivesTheSameSequenceForTheSameSeed) {
    EXPECT_EQ(proposals(11, 15), proposals(11, 15));
    EXPECT_NE(proposals(11, 15), proposals(12, 15));
}

}  // namespace
}  // namespace hone::prove
