#include "host/tree.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace hone::host {

namespace {

namespace fs = std::filesystem;

class RecordedTree : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(folder_.path() / "machine/proc");
        std::ofstream(folder_.path() / "outside") << "secret\n";
        std::ofstream(folder_.path() / "machine/proc/inside") << " 42 \nmore\n";
    }
    void make_link(const std::string& target, const std::string& name) {
        fs::create_symlink(target, folder_.path() / "machine/proc" / name);
    }
    TemporaryFolder folder_ = TemporaryFolder::create(testing::TempDir(), "hone-tree-").value();
    Tree tree_{folder_.path() / "machine"};
};

TEST_F(RecordedTree, ReadsWhatLiesInside) {
    EXPECT_EQ(tree_.integer("/proc/inside"), 42);
    EXPECT_EQ(tree_.list("/proc"), std::vector<std::string>{"inside"});
    EXPECT_FALSE(tree_.exists("/proc/absent"));
}

TEST_F(RecordedTree, ResolvesAbsoluteLinksInside) {
    make_link("/proc/inside", "absolute");
    EXPECT_EQ(tree_.integer("/proc/absolute"), 42);
    EXPECT_EQ(tree_.link("/proc/absolute"), "/proc/inside");
}

TEST_F(RecordedTree, FollowsNoLinkOutside) {
    make_link("../../outside", "climbing");
    make_link((folder_.path() / "outside").string(), "absolute");
    make_link("/etc", "folder");
    EXPECT_FALSE(tree_.read("/proc/climbing").has_value());
    EXPECT_FALSE(tree_.read("/proc/absolute").has_value());
    EXPECT_TRUE(tree_.list("/proc/folder").empty());
    EXPECT_FALSE(tree_.exists("/../outside"));
}

TEST_F(RecordedTree, DoesNotWaitForAPipe) {
    ASSERT_EQ(::mkfifo((folder_.path() / "machine/proc/pipe").c_str(), 0600), 0);
    EXPECT_FALSE(tree_.read("/proc/pipe").has_value());
}

TEST(ThisMachine, HasAProcess) {
    EXPECT_TRUE(Tree("/").read("/proc/self/stat").has_value());
    EXPECT_TRUE(Tree("/").link("/proc/self/exe").has_value());
}

}  // namespace

}  // namespace hone::host
