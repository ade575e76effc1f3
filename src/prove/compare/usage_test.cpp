#include "prove/compare/usage.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include "base/file.hpp"

namespace hone::prove {
namespace {

std::string stat_line(int pid, int parent, int user, int system, int child_user, int child_system) {
    return std::to_string(pid) + " (postgres) S " + std::to_string(parent) +
           " 1 1 0 -1 4194560 100 0 0 0 " + std::to_string(user) + " " + std::to_string(system) +
           " " + std::to_string(child_user) + " " + std::to_string(child_system) +
           " 20 0 1 0 12345 1000 100\n";
}

class RecordedProc : public ::testing::Test {
  protected:
    void write(int pid, const std::string& stat) {
        const auto folder = folder_->path() / std::to_string(pid);
        ASSERT_TRUE(make_folders(folder).ok());
        ASSERT_TRUE(replace_file(folder / "stat", stat).ok());
    }
    Result<TemporaryFolder> folder_ = TemporaryFolder::create("/tmp", "hone-proc-");
};

TEST(Usage, TimesAreFields14To17) {
    const auto times = times_from_stat(stat_line(10, 1, 150, 50, 1000, 200), 100);
    ASSERT_TRUE(times.has_value());
    EXPECT_EQ(times->parent, 1);
    EXPECT_DOUBLE_EQ(times->own_seconds, 2);
    EXPECT_DOUBLE_EQ(times->reaped_children_seconds, 12);
}

TEST(Usage, NameWithParenthesesAndSpacesDoesNotShiftTheFields) {
    const auto times =
        times_from_stat("7 (a) b (c) S 3 1 1 0 -1 0 0 0 0 0 100 100 0 0 20 0 1 0", 100);
    ASSERT_TRUE(times.has_value());
    EXPECT_EQ(times->parent, 3);
    EXPECT_DOUBLE_EQ(times->own_seconds, 2);
}

TEST(Usage, TornStatIsNoNumber) {
    EXPECT_FALSE(times_from_stat("", 100).has_value());
    EXPECT_FALSE(times_from_stat("7 (x) S 3 1 1", 100).has_value());
    EXPECT_FALSE(times_from_stat("7 x S 3", 100).has_value());
}

TEST_F(RecordedProc, ServerIsItsPostmasterItsChildrenAndThoseThatEnded) {
    const long ticks = ::sysconf(_SC_CLK_TCK);
    const int second = static_cast<int>(ticks);
    write(100, stat_line(100, 1, second, 0, 10 * second, 0));
    write(101, stat_line(101, 100, 2 * second, second, 0, 0));
    write(102, stat_line(102, 100, 0, 4 * second, 0, 0));
    write(200, stat_line(200, 1, 50 * second, 0, 0, 0));
    EXPECT_EQ(children_of(folder_->path(), 100), (std::vector<pid_t>{101, 102}));
    const auto seconds = cpu_seconds_of_server(folder_->path(), 100);
    ASSERT_TRUE(seconds.ok());
    EXPECT_DOUBLE_EQ(*seconds, 18);
}

TEST_F(RecordedProc, ServerThatIsGoneIsAnError) {
    EXPECT_EQ(cpu_seconds_of_server(folder_->path(), 100).error().code(),
              ErrorCode::kFailedPrecondition);
}

}  // namespace
}  // namespace hone::prove
