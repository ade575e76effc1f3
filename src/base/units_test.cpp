#include "base/units.hpp"

#include <gtest/gtest.h>

namespace hone {
namespace {

TEST(Units, SizesAreReadWithTheUnitsOfTheServer) {
    EXPECT_EQ(parse_bytes("16GB").value().count(), 17179869184);
    EXPECT_EQ(parse_bytes("512 MB").value().count(), 536870912);
    EXPECT_EQ(parse_bytes("1.5GB").value().count(), 1610612736);
    EXPECT_EQ(parse_bytes("8192kB").value().count(), 8388608);
    EXPECT_EQ(parse_bytes("2TiB").value().count(), 2199023255552);
    EXPECT_EQ(parse_bytes("100").value().count(), 100);
}

TEST(Units, NonsenseIsRefusedAndSaysHowToWriteIt) {
    for (const char* text :
         {"", "GB", "-1GB", "16XB", "1e3GB", "99999999999GB", "nan", "inf", "16GB16GB"}) {
        const auto size = parse_bytes(text);
        ASSERT_FALSE(size.ok()) << text;
        EXPECT_EQ(size.error().code(), ErrorCode::kInvalidArgument) << text;
        EXPECT_FALSE(size.error().advice().empty()) << text;
    }
}

TEST(Units, PeopleSeeThreeDigits) {
    EXPECT_EQ(format_for_people(Bytes{0}), "0 B");
    EXPECT_EQ(format_for_people(Bytes{1023}), "1023 B");
    EXPECT_EQ(format_for_people(Bytes::kilo(1)), "1 kB");
    EXPECT_EQ(format_for_people(Bytes::mega(1536)), "1.50 GB");
    EXPECT_EQ(format_for_people(Bytes{25276510208}), "23.5 GB");
    EXPECT_EQ(format_for_people(Bytes::giga(1024)), "1 TB");
}

TEST(Units, TheServerSeesTheLargestUnitThatDivides) {
    EXPECT_EQ(format_for_postgres(Bytes::giga(16)), "16GB");
    EXPECT_EQ(format_for_postgres(Bytes::mega(1536)), "1536MB");
    EXPECT_EQ(format_for_postgres(Bytes::kilo(100)), "100kB");
    EXPECT_EQ(format_for_postgres(Bytes{17}), "17B");
    EXPECT_EQ(format_for_postgres(Bytes{0}), "0B");
}

TEST(Units, RoundingNeverGoesUp) {
    EXPECT_EQ(round_down_to(Bytes::mega(130), Bytes::mega(64)), Bytes::mega(128));
    EXPECT_EQ(share_of(Bytes{1000}, 0.2506), Bytes{250});
}

}  // namespace
}  // namespace hone
