#include "prove/load_time.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace hone::prove {
namespace {

TEST(LoadTime, SlicesGrowOnlyWhereRoundsAreLeft) {
    const Load& bulk_upsert = *load_named("bulk-upsert");
    EXPECT_EQ(slice_seconds_for(bulk_upsert, 40), 1);
    EXPECT_EQ(slice_seconds_for(bulk_upsert, 200), 4);
    EXPECT_EQ(slice_seconds_for(bulk_upsert, 9000), 5);
    EXPECT_EQ(slice_seconds_for(*load_named("read-only"), 9000), 1);
}

TEST(LoadTime, TooLittleIsRefusedWithTheLeastThatWorks) {
    const Status status = check_time(3, 53);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(status.error().message(),
              "planning 53 s of measuring: too short for 6 rounds of 3 slices for each of 3 loads: "
              "pass --seconds 54 or more, or fewer loads with --load");
    EXPECT_TRUE(check_time(3, 54).ok());
}

TEST(LoadTime, AbsurdTimesAreRefused) {
    EXPECT_FALSE(check_time(1, 1e12).ok());
    EXPECT_FALSE(check_time(1, -1).ok());
    EXPECT_FALSE(check_time(1, std::numeric_limits<double>::quiet_NaN()).ok());
}

}  // namespace
}  // namespace hone::prove
