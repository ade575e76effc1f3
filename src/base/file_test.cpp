#include "base/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file_lock.hpp"
#include "base/process.hpp"

namespace hone {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FileTest : public testing::Test {
  protected:
    fs::path path(const char* name) const { return folder_.path() / name; }
    std::string content(const char* name) const { return read_file(path(name)).value(); }
    std::vector<std::string> names() const { return list_folder(folder_.path()).value(); }
    TemporaryFolder folder_ = std::move(TemporaryFolder::create("/tmp", "hone-file-test-")).value();
};

// Makes one call of the file room fail, as a full or read-only disk would.
class FailingDisk {
  public:
    explicit FailingDisk(const char* script) { ::setenv("HONE_FAILPOINT", script, 1); }
    ~FailingDisk() { ::unsetenv("HONE_FAILPOINT"); }
    FailingDisk(const FailingDisk&) = delete;
    FailingDisk& operator=(const FailingDisk&) = delete;
};

TEST_F(FileTest, ReplaceMakesAndReplacesAndLeavesNothingBeside) {
    ASSERT_TRUE(replace_file(path("a"), "old").ok());
    ASSERT_TRUE(replace_file(path("a"), "new").ok());
    EXPECT_EQ(content("a"), "new");
    EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(FileTest, ReplaceKeepsModeAndOwner) {
    ASSERT_TRUE(replace_file(path("a"), "old").ok());
    ASSERT_EQ(::chmod(path("a").c_str(), 0640), 0);
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(path("a").c_str(), 65534, 65534), 0);
    }
    const FileAttributes before = read_attributes(path("a")).value();
    ASSERT_TRUE(replace_file(path("a"), "new").ok());
    const FileAttributes after = read_attributes(path("a")).value();
    EXPECT_EQ(after.mode, 0640U);
    EXPECT_EQ(after.user, before.user);
    EXPECT_EQ(after.group, before.group);
}

TEST_F(FileTest, ReplaceFollowsASymbolicLinkInsteadOfBreakingIt) {
    ASSERT_TRUE(replace_file(path("real"), "old").ok());
    fs::create_symlink(path("real"), path("link"));
    ASSERT_TRUE(replace_file(path("link"), "new").ok());
    EXPECT_EQ(content("real"), "new");
    EXPECT_TRUE(fs::is_symlink(path("link")));
}

TEST_F(FileTest, ADeviceIsNotReplacedByAFile) {
    EXPECT_EQ(replace_file("/dev/null", "x").error().code(), ErrorCode::kInvalidArgument);
    EXPECT_FALSE(fs::is_regular_file("/dev/null"));
}

TEST_F(FileTest, RootDoesNotFollowAnotherUsersLinkToAFileThatIsNotTheirs) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root could be led astray";
    ASSERT_TRUE(replace_file(path("precious"), "ours").ok());
    fs::create_symlink(path("precious"), path("link"));
    ASSERT_EQ(::lchown(path("link").c_str(), 65534, 65534), 0);
    EXPECT_EQ(replace_file(path("link"), "x").error().code(), ErrorCode::kPermissionDenied);
    EXPECT_EQ(content("precious"), "ours");
}

#ifdef HONE_FAILPOINTS
TEST_F(FileTest, AFullDiskLeavesTheOldFileAndNoTemporaryOne) {
    ASSERT_TRUE(replace_file(path("a"), "old").ok());
    for (const char* script :
         {"file.create=EROFS", "file.write=ENOSPC", "file.fsync=EIO", "file.rename=EACCES"}) {
        const FailingDisk disk(script);
        const Status status = replace_file(path("a"), "new");
        ASSERT_FALSE(status.ok()) << script;
        EXPECT_EQ(status.error().outcome(), Outcome::kNotApplied) << script;
        EXPECT_EQ(content("a"), "old") << script;
        EXPECT_THAT(names(), ElementsAre("a")) << script;
    }
}

TEST_F(FileTest, AFolderThatCannotBeFlushedLeavesTheOutcomeUnknown) {
    const FailingDisk disk("file.fsync_folder=EIO");
    const Status status = replace_file(path("a"), "new");
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().outcome(), Outcome::kUnknown);
}
#endif

TEST_F(FileTest, AFileAboveTheLimitIsRefused) {
    ASSERT_TRUE(replace_file(path("a"), std::string(5000, 'x')).ok());
    EXPECT_EQ(read_file(path("a"), Bytes{4999}).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(read_file(path("a"), Bytes{5000}).value().size(), 5000U);
}

TEST_F(FileTest, AMissingFileIsNotFoundAndNamed) {
    const auto missing = read_file(path("nothing"));
    EXPECT_EQ(missing.error().code(), ErrorCode::kNotFound);
    EXPECT_THAT(missing.error().message(), HasSubstr("nothing"));
    EXPECT_TRUE(remove_file(path("nothing")).ok());
}

TEST_F(FileTest, FoldersAreMadeWithTheirParentsAndAFileInTheWayIsAnError) {
    EXPECT_TRUE(make_folders(path("x") / "y" / "z").ok());
    EXPECT_TRUE(make_folders(path("x") / "y" / "z").ok());
    ASSERT_TRUE(replace_file(path("a"), "").ok());
    EXPECT_FALSE(make_folders(path("a") / "b").ok());
}

TEST_F(FileTest, OneHoldsTheLockAndTheOtherLearnsWhoItIs) {
    auto first = FileLock::acquire(folder_.path());
    ASSERT_TRUE(first.ok());
    const auto second = FileLock::acquire(folder_.path());
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code(), ErrorCode::kConflict);
    EXPECT_THAT(second.error().message(), HasSubstr("pid " + std::to_string(::getpid())));
    {
        const FileLock released = std::move(first).value();
    }
    EXPECT_TRUE(FileLock::acquire(folder_.path()).ok());
}

}  // namespace
}  // namespace hone
