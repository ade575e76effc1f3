#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace hone {
namespace {

TEST(Deadline, ExpiresAndNeverHasNegativeTimeLeft) {
    const Deadline past = Deadline::after(Seconds{-1});
    EXPECT_TRUE(past.expired());
    EXPECT_EQ(past.remaining().count(), 0);
    EXPECT_EQ(past.remaining_milliseconds(), 0);
    const Deadline future = Deadline::after(Seconds{100});
    EXPECT_FALSE(future.expired());
    EXPECT_TRUE(future.earlier_of(past).expired());
}

TEST(Deadline, APollNeverWaitsLongerThanAnHour) {
    EXPECT_EQ(Deadline::after(Seconds{1e9}).remaining_milliseconds(), 3600000);
}

TEST(Clock, TimesAreUtcAndSortable) {
    EXPECT_EQ(utc_now_text().size(), 20U);
    EXPECT_EQ(utc_now_text().back(), 'Z');
    EXPECT_EQ(utc_now_compact().size(), 16U);
}

}  // namespace
}  // namespace hone
