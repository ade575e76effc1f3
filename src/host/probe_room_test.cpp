#include "host/probe.hpp"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.hpp"

namespace hone::host {

namespace {

class SmallFileSystem : public testing::Test {
  protected:
    void SetUp() override {
        mounted_ = ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=16m") == 0;
        if (!mounted_) GTEST_SKIP() << "cannot mount a tmpfs: " << std::strerror(errno);
    }
    void TearDown() override {
        if (!mounted_) return;
        EXPECT_EQ(::umount(folder_.path().c_str()), 0);
    }
    TemporaryFolder folder_ = TemporaryFolder::create(testing::TempDir(), "hone-probe-").value();
    bool mounted_ = false;
};

TEST_F(SmallFileSystem, IsNotFilledToMeasureIt) {
    const auto result = probe_storage(folder_.path(), Seconds{1});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ErrorCode::kExhausted);
    EXPECT_EQ(result.error().wrong(), "less than 512 MB is free there");
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace

}  // namespace hone::host
