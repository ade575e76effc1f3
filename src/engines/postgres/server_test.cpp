#include "engines/postgres/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"

namespace hone::postgres {
namespace {

using testing::HasSubstr;

TEST(MajorVersion, IsTheNumberInFront) {
    EXPECT_EQ(major_version_of("15.20 (Debian 15.20-0+deb12u1)").value(), 15);
    EXPECT_EQ(major_version_of("18beta1").value(), 18);
    EXPECT_EQ(major_version_of("beta").error().code(), ErrorCode::kUnsupported);
    EXPECT_EQ(major_version_of("").error().code(), ErrorCode::kUnsupported);
}

TEST(LocateByDataDirectory, FolderThatDoesNotExistIsNotFound) {
    const auto server = locate_by_data_directory("/nonexistent/data", "");
    ASSERT_FALSE(server.ok());
    EXPECT_EQ(server.error().code(), ErrorCode::kNotFound);
    EXPECT_THAT(server.error().message(), HasSubstr("/nonexistent/data"));
}

TEST(LocateByDataDirectory, AnyOtherFolderIsNotADataFolder) {
    const auto folder = TemporaryFolder::create("/tmp", "hone-data-").value();
    const auto server = locate_by_data_directory(folder.path(), "");
    ASSERT_FALSE(server.ok());
    EXPECT_EQ(server.error().code(), ErrorCode::kNotFound);
    EXPECT_THAT(server.error().wrong(), HasSubstr("PG_VERSION"));
}

TEST(LocateByDataDirectory, VersionThatIsTooOldIsUnsupported) {
    const auto folder = TemporaryFolder::create("/tmp", "hone-data-").value();
    ASSERT_TRUE(make_folders(folder.path() / "global").ok());
    ASSERT_TRUE(replace_file(folder.path() / "PG_VERSION", "13\n").ok());
    const auto server = locate_by_data_directory(folder.path(), "");
    ASSERT_FALSE(server.ok());
    EXPECT_EQ(server.error().code(), ErrorCode::kUnsupported);
    EXPECT_THAT(server.error().message(), HasSubstr("PostgreSQL 13"));
}

TEST(RunningPid, IsNoneWithoutAPidFile) {
    EXPECT_EQ(running_pid("/nonexistent/data"), std::nullopt);
}

TEST(FilesInReach, NotWhereSomebodyElseOwnsTheConfiguration) {
    Server server;
    EXPECT_FALSE(server.files_in_reach());
    server.config_file = "/etc/postgresql/15/main/postgresql.conf";
    EXPECT_TRUE(server.files_in_reach());
    server.managed_by = ManagedBy::kPatroni;
    EXPECT_FALSE(server.files_in_reach());
    server.managed_by = ManagedBy::kContainer;
    EXPECT_FALSE(server.files_in_reach());
}

}  // namespace
}  // namespace hone::postgres
