#include "engines/postgres/control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.hpp"
#include "engines/postgres/launch.hpp"
#include "support/private_cluster.hpp"

namespace hone::postgres {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

Deadline soon(double seconds = 60) {
    return Deadline::after(Seconds{seconds});
}

Server server_of(const test::PrivateCluster& cluster) {
    return locate_by_data_directory(cluster.data_directory(), "").value();
}

void append_line(const test::PrivateCluster& cluster, const std::string& line) {
    const std::string text = read_file(cluster.config_file()).value();
    ASSERT_TRUE(replace_file(cluster.config_file(), text + line + "\n").ok());
}

TEST(Control, StopsAndStarts) {
    test::PrivateCluster cluster;
    const Server server = server_of(cluster);
    EXPECT_TRUE(is_running(server));
    ASSERT_TRUE(stop(server, soon()).ok());
    EXPECT_FALSE(is_running(server));
    EXPECT_FALSE(cluster.running());
    ASSERT_TRUE(stop(server, soon()).ok()) << "stopping what is stopped is no error";
    ASSERT_TRUE(start(server, soon()).ok());
    EXPECT_EQ(cluster.sql("SELECT 1"), "1");
    ASSERT_TRUE(start(server, soon()).ok()) << "starting what runs is no error";
}

TEST(Control, RestartKeepsOptionsEnvironmentAndLog) {
    ::setenv("PGTZ", "Asia/Tokyo", 1);
    test::PrivateCluster cluster(
        {.separate_config = true,
         .start_options = "-c work_mem=5MB -c \"search_path='it''s', \\\"\\$user\\\"\""});
    ::unsetenv("PGTZ");
    ::setenv("PGPASSWORD", "not-for-servers", 1);
    const Server server = server_of(cluster);
    const std::string search_path = cluster.sql("SHOW search_path");
    const int first = cluster.pid();
    ASSERT_TRUE(restart(server, soon()).ok());
    ::unsetenv("PGPASSWORD");
    EXPECT_NE(cluster.pid(), first);
    EXPECT_EQ(cluster.sql("SHOW work_mem"), "5MB");
    EXPECT_EQ(cluster.sql("SHOW search_path"), search_path);
    const std::string environment =
        read_file("/proc/" + std::to_string(cluster.pid()) + "/environ").value();
    EXPECT_THAT(environment, HasSubstr("PGTZ=Asia/Tokyo"));
    EXPECT_THAT(environment, Not(HasSubstr("not-for-servers")));
    EXPECT_EQ(fs::read_symlink("/proc/" + std::to_string(cluster.pid()) + "/fd/2"),
              cluster.folder() / "server.log");
    EXPECT_FALSE(file_exists(cluster.data_directory() / "hone-start.log"));
    EXPECT_NE(::getsid(cluster.pid()), ::getsid(0)) << "a session of its own";
}

TEST(Control, AStartAfterAFailedRestartKeepsTheEnvironmentAndTheLog) {
    ::setenv("PGTZ", "Asia/Tokyo", 1);
    ::setenv("ARCHIVE_KEY", "of-the-server", 1);
    test::PrivateCluster cluster;
    ::unsetenv("PGTZ");
    ::unsetenv("ARCHIVE_KEY");
    const Server server = server_of(cluster);
    const std::string before = read_file(cluster.config_file()).value();
    append_line(cluster, "shared_preload_libraries = 'no_such_library'");
    ASSERT_FALSE(restart(server, soon()).ok());
    ASSERT_TRUE(replace_file(cluster.config_file(), before).ok());
    ASSERT_TRUE(start(server, soon()).ok());
    const std::string process = "/proc/" + std::to_string(cluster.pid());
    const std::string environment = read_file(process + "/environ").value();
    EXPECT_THAT(environment, HasSubstr("PGTZ=Asia/Tokyo"));
    EXPECT_THAT(environment, HasSubstr("ARCHIVE_KEY=of-the-server"));
    EXPECT_EQ(fs::read_symlink(process + "/fd/2"), cluster.folder() / "server.log");
}

TEST(Control, ServerThatCannotStartSaysWhy) {
    test::PrivateCluster cluster;
    const Server server = server_of(cluster);
    append_line(cluster, "shared_preload_libraries = 'no_such_library'");
    const Status status = restart(server, soon());
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(status.error().message(), HasSubstr("no_such_library"));
    EXPECT_FALSE(is_running(server));
}

TEST(Control, ReasonIsFoundBehindTheLoggingCollector) {
    test::PrivateCluster cluster({.config_lines = {"logging_collector = on"}});
    const Server server = server_of(cluster);
    append_line(cluster, "shared_preload_libraries = 'no_such_library'");
    EXPECT_THAT(restart(server, soon()).error().message(), HasSubstr("no_such_library"));
}

TEST(Control, ReloadIsOverWhenANewConnectionSeesIt) {
    test::PrivateCluster cluster;
    const Server server = server_of(cluster);
    for (const char* value : {"5MB", "6MB", "7MB", "8MB", "9MB"}) {
        append_line(cluster, std::string("work_mem = ") + value);
        ASSERT_TRUE(reload(server, soon()).ok());
        EXPECT_EQ(cluster.sql("SHOW work_mem"), value);
    }
}

TEST(Control, RefusedReloadNamesTheLine) {
    test::PrivateCluster cluster;
    const Server server = server_of(cluster);
    append_line(cluster, "no_such_setting = 1");
    const Status status = reload(server, soon());
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_THAT(status.error().wrong(), HasSubstr("unrecognized configuration parameter"));
    EXPECT_THAT(status.error().wrong(), HasSubstr(cluster.config_file().string() + " line "));
}

TEST(Control, ReloadOfAStoppedServerIsRefused) {
    test::PrivateCluster cluster({.started = false});
    const Status status = reload(server_of(cluster), soon());
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kFailedPrecondition);
}

TEST(Control, CrashedServerIsStartedAgain) {
    test::PrivateCluster cluster;
    const Server server = server_of(cluster);
    cluster.kill_hard();
    EXPECT_FALSE(is_running(server));
    ASSERT_TRUE(start(server, soon()).ok());
    EXPECT_EQ(cluster.sql("SELECT 1"), "1");
}

TEST(Control, FrozenServerIsNotWaitedForForever) {
    test::PrivateCluster cluster;
    const Server server = server_of(cluster);
    ::kill(cluster.pid(), SIGSTOP);
    const double began = monotonic_seconds();
    const Status status = stop(server, soon(1));
    EXPECT_LT(monotonic_seconds() - began, 30) << "pg_ctl itself waits for 60 s";
    ::kill(cluster.pid(), SIGCONT);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(status.error().outcome(), Outcome::kUnknown);
}

TEST(Control, ContainersAndPatroniAreLeftToTheirManagers) {
    Server server;
    server.data_directory = "/nonexistent";
    for (const ManagedBy manager : {ManagedBy::kPatroni, ManagedBy::kContainer}) {
        server.managed_by = manager;
        EXPECT_EQ(restart(server, soon()).error().code(), ErrorCode::kUnsupported);
        EXPECT_EQ(stop(server, soon()).error().code(), ErrorCode::kUnsupported);
    }
}

}  // namespace
}  // namespace hone::postgres
