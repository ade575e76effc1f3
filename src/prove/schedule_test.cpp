#include "prove/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

namespace hone::prove {
namespace {

std::vector<const Load*> every_load() {
    std::vector<const Load*> loads;
    for (const Load& load : all_loads()) loads.push_back(&load);
    return loads;
}

TEST(Schedule, TwoMinutesMakeThirteenRoundsOfEachLoad) {
    const auto schedules = make_schedule(every_load(), 120, 1);
    ASSERT_TRUE(schedules.ok());
    ASSERT_EQ(schedules->size(), 3U);
    for (const LoadSchedule& schedule : *schedules) {
        EXPECT_EQ(schedule.rounds.size(), 13U);
        EXPECT_EQ(schedule.slice_seconds, 1);
        EXPECT_EQ(schedule.seconds(), 39);
    }
}

TEST(Schedule, MoreTimeGivesBulkUpsertLongerSlices) {
    const auto schedules = make_schedule(every_load(), 600, 1);
    ASSERT_TRUE(schedules.ok());
    EXPECT_EQ((*schedules)[0].slice_seconds, 1);
    EXPECT_EQ((*schedules)[0].rounds.size(), 66U);
    EXPECT_EQ((*schedules)[2].load->name, "bulk-upsert");
    EXPECT_EQ((*schedules)[2].slice_seconds, 4);
    EXPECT_EQ((*schedules)[2].rounds.size(), 16U);
}

TEST(Schedule, EveryRoundHasEachServerOnce) {
    const auto schedules = make_schedule(every_load(), 300, 99);
    ASSERT_TRUE(schedules.ok());
    for (const LoadSchedule& schedule : *schedules)
        for (const Round& round : schedule.rounds)
            EXPECT_EQ(std::set<Arm>(round.begin(), round.end()).size(), 3U);
}

TEST(Schedule, EveryServerComesFirstAboutAsOften) {
    const auto schedules = make_schedule(every_load(), 9000, 5);
    ASSERT_TRUE(schedules.ok());
    const auto& rounds = (*schedules)[0].rounds;
    ASSERT_EQ(rounds.size(), 1000U);
    for (const Arm arm : {Arm::kCurrent, Arm::kControl, Arm::kPlanned}) {
        const auto first =
            std::ranges::count(rounds, arm, [](const Round& round) { return round[0]; });
        EXPECT_NEAR(static_cast<double>(first), 333, 60);
    }
}

TEST(Schedule, SeedDecidesTheOrder) {
    const auto orders = [](std::uint64_t seed) {
        return (*make_schedule(every_load(), 300, seed))[0].rounds;
    };
    EXPECT_EQ(orders(7), orders(7));
    EXPECT_NE(orders(7), orders(8));
}

TEST(Schedule, TooLittleTimeIsRefusedWithTheLeastThatWorks) {
    const auto schedules = make_schedule(every_load(), 53, 1);
    ASSERT_FALSE(schedules.ok());
    EXPECT_EQ(schedules.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(schedules.error().message(),
              "planning 53 s of measuring: too short for 6 rounds of 3 slices for each of 3 loads: "
              "pass --seconds 54 or more, or fewer loads with --load");
    EXPECT_TRUE(make_schedule(every_load(), 54, 1).ok());
}

TEST(Schedule, AbsurdTimesAreRefused) {
    EXPECT_FALSE(make_schedule(every_load(), 1e12, 1).ok());
    EXPECT_FALSE(make_schedule(every_load(), -1, 1).ok());
    EXPECT_FALSE(make_schedule(every_load(), std::numeric_limits<double>::quiet_NaN(), 1).ok());
}

}  // namespace
}  // namespace hone::prove
