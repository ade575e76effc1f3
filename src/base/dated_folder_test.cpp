#include "base/dated_folder.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"

namespace hone {
namespace {

TEST(NextDatedName, BeginsANewSecondAtZero) {
    EXPECT_EQ(next_dated_name({}, "20261120T130501Z").value(), "20261120T130501Z-0000");
    EXPECT_EQ(next_dated_name({"20261120T130500Z-00ff"}, "20261120T130501Z").value(),
              "20261120T130501Z-0000");
}

TEST(NextDatedName, SortsAfterTheNewestOfTheSameSecond) {
    EXPECT_EQ(
        next_dated_name({"20261120T130501Z-0009", "20261120T130501Z-0003"}, "20261120T130501Z")
            .value(),
        "20261120T130501Z-000a");
}

TEST(NextDatedName, SortsAfterTheNewestWhenTheClockWasSetBack) {
    EXPECT_EQ(next_dated_name({"20261120T130501Z-0000"}, "20261119T000000Z").value(),
              "20261120T130501Z-0001");
}

TEST(NextDatedName, ListensOnlyToItsOwnNames) {
    EXPECT_EQ(next_dated_name({"zzz", "99991231T235959Z-xyzw", "99991231T235959Z-00000"},
                              "20261120T130501Z")
                  .value(),
              "20261120T130501Z-0000");
}

TEST(NextDatedName, RefusesASecondThatIsFull) {
    EXPECT_EQ(next_dated_name({"20261120T130501Z-ffff"}, "20261120T130501Z").error().code(),
              ErrorCode::kExhausted);
}

TEST(DatedFolder, IsMadeAfterTheOnesThatAreThere) {
    const auto parent = TemporaryFolder::create("/tmp", "hone-dated-");
    ASSERT_TRUE(parent.ok());
    const auto first = create_dated_folder(parent->path());
    const auto second = create_dated_folder(parent->path());
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_LT(*first, *second);
    EXPECT_EQ(list_folder(parent->path())->size(), 2U);
}

TEST(DatedFolder, NeedsAParent) {
    EXPECT_EQ(create_dated_folder("/tmp/hone-no-such-folder").error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace hone
