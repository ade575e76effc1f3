#include <gtest/gtest.h>

#include "model/setting.hpp"

namespace hone {
namespace {

TEST(SettingQuoting, WordsAndPlainNumbersStandBare) {
    for (const char* bare : {"on", "replica", "lz4", "_x", "100", "0.9", "2048"})
        EXPECT_EQ(quoted_for_config(bare), bare);
}

// Without quotes the server refuses each of these: "syntax error".
TEST(SettingQuoting, EverythingElseIsQuoted) {
    EXPECT_EQ(quoted_for_config("pg_catalog.english"), "'pg_catalog.english'");
    EXPECT_EQ(quoted_for_config(""), "''");
    EXPECT_EQ(quoted_for_config("-1"), "'-1'");
    EXPECT_EQ(quoted_for_config("16GB"), "'16GB'");
    EXPECT_EQ(quoted_for_config("1e5"), "'1e5'");
    EXPECT_EQ(quoted_for_config("1.2.3"), "'1.2.3'");
    EXPECT_EQ(quoted_for_config("a, b"), "'a, b'");
}

TEST(SettingQuoting, QuotesAndBackslashesAreDoubled) {
    EXPECT_EQ(quoted_for_config("it's \\ here"), "'it''s \\\\ here'");
}

}  // namespace
}  // namespace hone
