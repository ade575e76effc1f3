#include "engines/postgres/launch.hpp"

#include <gtest/gtest.h>

namespace hone::postgres {
namespace {

TEST(ShellQuoted, NothingInAnOptionMeansAnythingToTheShell) {
    EXPECT_EQ(shell_quoted({"-c", "work_mem=5MB"}), "'-c' 'work_mem=5MB'");
    EXPECT_EQ(shell_quoted({"-c", "x=it's $HOME `id` \"a\""}),
              R"('-c' 'x=it'\''s $HOME `id` "a"')");
    EXPECT_EQ(shell_quoted({}), "");
}

TEST(LastWords, AreTheLastSixLinesOnOne) {
    EXPECT_EQ(last_words("1\n2\n\n3\n4\n5\n6\n7\n"), "2 | 3 | 4 | 5 | 6 | 7");
    EXPECT_EQ(last_words(""), "");
}

}  // namespace
}  // namespace hone::postgres
