#include "base/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hone {
namespace {

using ::testing::ElementsAre;

TEST(Text, SplitKeepsEmptyPiecesAndWordsDropThem) {
    EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
    EXPECT_THAT(split("", ','), ElementsAre(""));
    EXPECT_THAT(split_words("  a \t b  "), ElementsAre("a", "b"));
    EXPECT_THAT(split_words(""), ElementsAre());
}

TEST(Text, LinesLoseTheirEndsAndNoEmptyLineIsMadeUp) {
    EXPECT_THAT(split_lines("a\r\nb\n"), ElementsAre("a", "b"));
    EXPECT_THAT(split_lines("a\n\nb"), ElementsAre("a", "", "b"));
    EXPECT_THAT(split_lines(""), ElementsAre());
}

TEST(Text, NumbersMustFillTheWholeText) {
    EXPECT_EQ(parse_integer("42"), 42);
    EXPECT_EQ(parse_integer("-1"), -1);
    for (const char* text : {"", "4 2", "42x", "9223372036854775808", "0x10", "+"})
        EXPECT_EQ(parse_integer(text), std::nullopt) << text;
    EXPECT_EQ(parse_number("0.9"), 0.9);
    for (const char* text : {"", "1,5", "nan", "inf", "1.5s"})
        EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Text, TheClosestWordIsOfferedOnlyWhereItIsClose) {
    EXPECT_EQ(closest("work_men", {"work_mem", "wal_buffers"}), "work_mem");
    EXPECT_EQ(closest("xyz", {"work_mem", "jit"}), std::nullopt);
}

TEST(Text, ControlCharactersNeverReachTheTerminal) {
    EXPECT_EQ(printable("a\x1b[31mb\n"), "a?[31mb?");
    EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(Text, OnlyValidUtf8IsPrintable) {
    EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x98"),
              "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\x98");
    EXPECT_EQ(printable("\xff|\xc3("), "?|?(");
    EXPECT_EQ(printable("\xc0\xaf"), "??");            // a slash, spelled too long
    EXPECT_EQ(printable("\xed\xa0\x80"), "???");       // a surrogate
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????");  // past the last character
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "??31m");                            // a terminal's 8-bit escape
    EXPECT_EQ(printable("\xe2\x82"), "??");        // cut off
    EXPECT_EQ(printable("a\xc3\xbc", 2), "a...");  // never half a character
    EXPECT_EQ(printable("a\xc3\xbc", 3), "a\xc3\xbc");
}

}  // namespace
}  // namespace hone
