#include "change/interruption.hpp"

#include <gtest/gtest.h>

namespace hone::change {
namespace {

TEST(Interruption, NothingCameNothingStops) {
    const InterruptionGuard guard;
    EXPECT_TRUE(InterruptionGuard::check().ok());
}

TEST(Interruption, AnInterruptIsRememberedAndDoesNotKill) {
    const InterruptionGuard guard;
    ASSERT_EQ(::raise(SIGINT), 0);
    const auto status = InterruptionGuard::check();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kCancelled);
}

TEST(Interruption, ANewGuardForgetsTheLastOne) {
    {
        const InterruptionGuard guard;
        ASSERT_EQ(::raise(SIGTERM), 0);
    }
    const InterruptionGuard guard;
    EXPECT_TRUE(InterruptionGuard::check().ok());
}

}  // namespace
}  // namespace hone::change
