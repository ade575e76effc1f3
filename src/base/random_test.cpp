#include "base/random.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/hash.hpp"

namespace hone {
namespace {

// From the authors' reference code of splitmix64 and xoshiro256**, run with seed 0.
TEST(Random, IsTheSameSequenceOnEveryMachine) {
    Random random(0);
    EXPECT_EQ(random.next(), 0x99ec5f36cb75f2b4ULL);
    EXPECT_EQ(random.next(), 0xbf6e1f784956452aULL);
}

TEST(Random, StaysWithinItsBoundsAndReachesThem) {
    Random random(7);
    std::array<int, 3> seen{};
    for (int draw = 0; draw < 3000; ++draw) {
        ++seen.at(random.below(3));
        const double unit = random.unit();
        ASSERT_GE(unit, 0);
        ASSERT_LT(unit, 1);
    }
    for (const int count : seen) EXPECT_GT(count, 900);
}

// FIPS 180-4, example "abc".
TEST(Hash, KnowsTheStandardsExample) {
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace hone
