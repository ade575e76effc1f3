#include "prove/load/workload.hpp"

#include <gtest/gtest.h>

namespace hone::prove {
namespace {

TEST(StatementCall, BindsInTheOrderOfItsParameters) {
    StatementCall call;
    call.reset(3);
    call.bind_int4(-2);
    call.bind_null();
    call.bind_text("address");
    ASSERT_EQ(call.parameters(), 3U);
    EXPECT_EQ(call.statement(), 3U);
    EXPECT_EQ(std::string(call.values()[0], 4), std::string("\xff\xff\xff\xfe", 4));
    EXPECT_EQ(call.values()[1], nullptr);
    EXPECT_STREQ(call.values()[2], "address");
    EXPECT_EQ(call.formats()[0], 1);
    EXPECT_EQ(call.formats()[2], 0);
    EXPECT_EQ(call.lengths()[2], 7);
}

TEST(StatementCall, WritesNumbersInNetworkOrder) {
    StatementCall call;
    call.reset(0);
    call.bind_int2(0x0102);
    call.bind_int8(0x0102030405060708);
    EXPECT_EQ(std::string(call.values()[0], 2), std::string("\x01\x02", 2));
    EXPECT_EQ(std::string(call.values()[1], 8), "\x01\x02\x03\x04\x05\x06\x07\x08");
}

TEST(StatementCall, ForgetsTheLastParametersOnReset) {
    StatementCall call;
    call.reset(0);
    call.bind_text("old");
    call.reset(1);
    EXPECT_EQ(call.parameters(), 0U);
}

TEST(Transaction, StartsEmptyAfterClear) {
    Transaction transaction;
    transaction.add(1).bind_text("x");
    transaction.atomic = true;
    transaction.rounds_at_most = 9;
    transaction.clear();
    EXPECT_TRUE(transaction.calls().empty());
    EXPECT_FALSE(transaction.atomic);
    EXPECT_EQ(transaction.rounds_at_most, 1);
    EXPECT_EQ(transaction.add(2).parameters(), 0U);
}

}  // namespace
}  // namespace hone::prove
