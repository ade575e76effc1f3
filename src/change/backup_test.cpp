#include "change/backup.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace hone::change {
namespace {

class BackupTest : public testing::Test {
  protected:
    std::filesystem::path file() const { return folder_.path() / "postgresql.conf"; }
    std::filesystem::path store() const { return folder_.path() / "backup"; }

    TemporaryFolder folder_ = TemporaryFolder::create("/tmp", "hone-backup-").value();
};

TEST_F(BackupTest, RestoresBytesAndMode) {
    ASSERT_TRUE(replace_file(file(), "port = 5433\n", FileAttributes{.mode = 0640}).ok());
    const auto images = back_up({file()}, store());
    ASSERT_TRUE(images.ok()) << images.error().message();
    ASSERT_TRUE(replace_file(file(), "port = 1\n", FileAttributes{.mode = 0600}).ok());
    ASSERT_TRUE(restore(images->front(), store()).ok());
    EXPECT_EQ(read_file(file()).value(), "port = 5433\n");
    EXPECT_EQ(read_attributes(file())->mode, 0640U);
}

TEST_F(BackupTest, RestoresTheModeAlone) {
    ASSERT_TRUE(replace_file(file(), "a = 1\n", FileAttributes{.mode = 0640}).ok());
    const auto images = back_up({file()}, store());
    ASSERT_EQ(::chmod(file().c_str(), 0666), 0);
    ASSERT_TRUE(restore(images->front(), store()).ok());
    EXPECT_EQ(read_attributes(file())->mode, 0640U);
}

TEST_F(BackupTest, WritesNothingWhereNothingDiffers) {
    ASSERT_TRUE(replace_file(file(), "a = 1\n").ok());
    const auto images = back_up({file()}, store());
    struct stat before{};
    struct stat after{};
    ASSERT_EQ(::stat(file().c_str(), &before), 0);
    ASSERT_TRUE(restore(images->front(), store()).ok());
    ASSERT_EQ(::stat(file().c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
}

TEST_F(BackupTest, AFileThatWasNotThereIsRemoved) {
    const auto images = back_up({file()}, store());
    ASSERT_TRUE(images.ok());
    EXPECT_FALSE(images->front().existed);
    ASSERT_TRUE(replace_file(file(), "a = 1\n").ok());
    ASSERT_TRUE(restore(images->front(), store()).ok());
    EXPECT_FALSE(file_exists(file()));
}

TEST_F(BackupTest, ADamagedCopyIsNeverPutBack) {
    ASSERT_TRUE(replace_file(file(), "a = 1\n").ok());
    const auto images = back_up({file()}, store());
    ASSERT_TRUE(replace_file(file(), "a = 2\n").ok());
    ASSERT_TRUE(replace_file(store() / images->front().stored_as, "a = 9\n").ok());
    const auto restored = restore(images->front(), store());
    ASSERT_FALSE(restored.ok());
    EXPECT_EQ(restored.error().code(), ErrorCode::kDataLoss);
    EXPECT_EQ(read_file(file()).value(), "a = 2\n");
}

TEST_F(BackupTest, AnImageSurvivesItsDocument) {
    ASSERT_TRUE(replace_file(file(), "a = 1\n", FileAttributes{.mode = 0640}).ok());
    const auto images = back_up({file(), folder_.path() / "absent.conf"}, store());
    for (const FileImage& image : *images) {
        const json::value document = to_json(image);
        const auto again = file_image_from_json(JsonReader(document, "image"));
        ASSERT_TRUE(again.ok()) << again.error().message();
        EXPECT_EQ(again->path, image.path);
        EXPECT_EQ(again->existed, image.existed);
        EXPECT_EQ(again->sha256, image.sha256);
        EXPECT_EQ(again->stored_as, image.stored_as);
        if (image.existed) {
            EXPECT_EQ(again->attributes.mode, 0640U);
            EXPECT_EQ(again->attributes.user, image.attributes.user);
        }
    }
}

TEST_F(BackupTest, RemovesLeftoversOfThisFileAndNoOthers) {
    ASSERT_TRUE(replace_file(file(), "a = 1\n").ok());
    ASSERT_TRUE(replace_file(folder_.path() / ".hone-postgresql.conf-77.tmp", "torn").ok());
    ASSERT_TRUE(replace_file(folder_.path() / ".hone-pg_hba.conf-77.tmp", "torn").ok());
    ASSERT_TRUE(remove_leftovers(file()).ok());
    EXPECT_FALSE(file_exists(folder_.path() / ".hone-postgresql.conf-77.tmp"));
    EXPECT_TRUE(file_exists(folder_.path() / ".hone-pg_hba.conf-77.tmp"));
}

}  // namespace
}  // namespace hone::change
