#include "engines/postgres/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "engines/postgres/config_file.hpp"
#include "support/private_cluster.hpp"

namespace hone::postgres {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Deadline soon() {
    return Deadline::after(Seconds{60});
}

TEST(Server, RunningClusterIsFoundByItsDataFolder) {
    test::PrivateCluster cluster;
    const Server server = locate_by_data_directory(cluster.data_directory(), "").value();
    EXPECT_EQ(server.version, 15);
    EXPECT_THAT(server.version_text, testing::StartsWith("15."));
    EXPECT_EQ(server.config_file, cluster.config_file());
    EXPECT_EQ(server.auto_config_file, cluster.data_directory() / "postgresql.auto.conf");
    EXPECT_EQ(server.bin_directory, "/usr/lib/postgresql/15/bin");
    EXPECT_EQ(server.system_identifier,
              cluster.sql("SELECT system_identifier FROM pg_control_system()"));
    EXPECT_EQ(server.managed_by, ManagedBy::kPlain);
    EXPECT_EQ(server.owner, cluster.owner());
    EXPECT_EQ(server.port, cluster.port());
    EXPECT_EQ(server.socket_directory, cluster.folder());
    EXPECT_TRUE(server.files_in_reach());
    EXPECT_EQ(running_pid(cluster.data_directory()), cluster.pid());
    Connection connection = connect(server, soon()).value();
    EXPECT_EQ(connection.query("SELECT 1 AS one", soon())->text(0, "one"), "1");
}

TEST(Server, StoppedClusterHasThePortAndSocketOfItsFiles) {
    test::PrivateCluster cluster({.started = false});
    const Server server = locate_by_data_directory(cluster.data_directory(), "").value();
    EXPECT_EQ(server.port, cluster.port());
    EXPECT_EQ(server.socket_directory, cluster.folder());
    EXPECT_EQ(running_pid(cluster.data_directory()), std::nullopt);
    cluster.start();
    EXPECT_TRUE(connect(server, soon()).ok());
}

TEST(Server, ConfigurationFolderLeadsToTheSameServer) {
    test::PrivateCluster cluster({.separate_config = true});
    for (const fs::path& folder : {cluster.data_directory(), cluster.config_folder()}) {
        const Server server = locate_by_data_directory(folder, "").value();
        EXPECT_EQ(server.data_directory, cluster.data_directory()) << folder;
        EXPECT_EQ(server.config_file, cluster.config_file()) << folder;
        EXPECT_EQ(server.port, cluster.port()) << folder;
    }
}

TEST(Server, StartOptionsAreThoseOfTheLastStart) {
    test::PrivateCluster cluster({.start_options = "-c work_mem=5MB -c \"log_line_prefix=%m \""});
    const Server server = locate_by_data_directory(cluster.data_directory(), "").value();
    EXPECT_THAT(server.start_options,
                testing::ElementsAre("-D", cluster.data_directory().string(), "-c", "work_mem=5MB",
                                     "-c", "log_line_prefix=%m "));
}

TEST(Server, CopiedDataFolderDoesNotLeadToItsOriginal) {
    test::PrivateCluster cluster;
    cluster.stop();
    const fs::path copy = cluster.folder() / "copy";
    fs::copy(cluster.data_directory(), copy, fs::copy_options::recursive);
    cluster.start();
    const Server server = locate_by_data_directory(copy, "").value();
    EXPECT_EQ(server.config_file, copy / "postgresql.conf");
    EXPECT_THAT(server.start_options, testing::IsEmpty());
    EXPECT_EQ(running_pid(copy), std::nullopt);
}

TEST(Server, PidFileOfADeadServerCountsForNothing) {
    test::PrivateCluster cluster;
    cluster.kill_hard();
    EXPECT_TRUE(file_exists(cluster.data_directory() / "postmaster.pid"));
    EXPECT_EQ(running_pid(cluster.data_directory()), std::nullopt);
}

TEST(Server, ConnectionStringLeadsToTheFolders) {
    test::PrivateCluster cluster;
    const Server server = locate_by_conninfo(cluster.conninfo(), "", soon()).value();
    EXPECT_EQ(server.data_directory, cluster.data_directory());
    EXPECT_EQ(server.config_file, cluster.config_file());
    EXPECT_EQ(server.conninfo, cluster.conninfo());
    EXPECT_EQ(server.version, 15);
}

TEST(Server, RoleThatMaySeeLittleStillGetsAServer) {
    test::PrivateCluster cluster;
    cluster.sql("CREATE ROLE app LOGIN");
    const Server server = locate_by_conninfo(cluster.conninfo("app"), "", soon()).value();
    EXPECT_EQ(server.data_directory, "");
    EXPECT_FALSE(server.files_in_reach());
    EXPECT_EQ(server.version, 15);
    EXPECT_EQ(server.system_identifier,
              cluster.sql("SELECT system_identifier FROM pg_control_system()"));
}

TEST(Server, NobodyThereIsUnavailable) {
    const auto server = locate_by_conninfo("host=/nonexistent port=5999", "", soon());
    ASSERT_FALSE(server.ok());
    EXPECT_EQ(server.error().code(), ErrorCode::kUnavailable);
}

TEST(Server, WrongProgramFolderIsNotFound) {
    test::PrivateCluster cluster({.started = false});
    const auto server = locate_by_data_directory(cluster.data_directory(), "/usr/bin");
    ASSERT_FALSE(server.ok());
    EXPECT_EQ(server.error().code(), ErrorCode::kNotFound);
    EXPECT_THAT(server.error().advice(), HasSubstr("--bin-dir"));
}

// The same nasty file, read by the server and by us.
TEST(ConfigFileOnServer, WinnersAreThoseOfTheServer) {
    test::PrivateCluster cluster({.separate_config = true});
    const fs::path folder = cluster.config_folder() / "conf.d";
    const auto write = [&](const fs::path& file, std::string_view text) {
        ASSERT_TRUE(replace_file(file, text, FileAttributes{.mode = 0644}).ok());
    };
    write(folder / "10-first.conf", "Work_Mem '5MB' # no equals sign\r\nwork_mem=6MB");
    write(folder / "B.conf", "random_page_cost = 1.5e0\nseq_page_cost +1.25\n");
    write(folder / "a.conf",
          "random_page_cost = .5\nmy.own_value = 'it''s \\'odd\\' \\101\\ttab'\n");
    write(folder / ".hidden.conf", "work_mem = 99MB\n");
    write(folder / "note.txt", "work_mem = 98MB\n");
    write(cluster.config_folder() / "extra.conf",
          "\tcheckpoint_timeout\t=\t0x10min\ninclude_if_exists 'gone.conf'\n"
          "TimeZone = Etc/UTC\ntemp_buffers = '1.5GB'\n");
    const std::string main = read_file(cluster.config_file()).value();
    write(cluster.config_file(), main + "include 'extra.conf'\nlog_min_duration_statement = -1\n");
    cluster.sql("ALTER SYSTEM SET work_mem = '7MB'");

    Connection connection = Connection::open(cluster.conninfo(), soon()).value();
    const Rows rows = connection
                          .query(
                              "SELECT name, setting, sourcefile, sourceline, error FROM "
                              "pg_file_settings ORDER BY seqno",
                              soon())
                          .value();
    const ConfigTree tree =
        read_config_tree(cluster.config_file(), cluster.data_directory() / "postgresql.auto.conf")
            .value();
    std::vector<std::string> theirs;
    std::vector<std::string> ours;
    for (std::size_t row = 0; row < rows.size(); ++row)
        theirs.push_back(to_lower(rows.text(row, "name")) + "=" + rows.text(row, "setting") +
                         " at " + rows.text(row, "sourcefile") + ":" +
                         rows.text(row, "sourceline"));
    for (const ConfigEntry& entry : tree.entries)
        ours.push_back(entry.name + "=" + entry.value + " at " + entry.file.string() + ":" +
                       std::to_string(entry.line));
    EXPECT_EQ(ours, theirs);
}

// The server shows the first refused line only, so it is asked about one at a time.
TEST(ConfigFileOnServer, RefusedLinesAreThoseOfTheServer) {
    test::PrivateCluster cluster;
    const fs::path extra = cluster.data_directory() / "extra.conf";
    const std::string main = read_file(cluster.config_file()).value();
    ASSERT_TRUE(replace_file(cluster.config_file(), main + "include 'extra.conf'\n").ok());
    Connection connection = Connection::open(cluster.conninfo(), soon()).value();
    for (const char* line : {"work_mem = 1.5GB",
                             "search_path = a.b",
                             "work_mem = 4MB",
                             "= 3",
                             "cluster_name = 'open",
                             "port = 1 2",
                             "'port' = 3",
                             "bonjour",
                             "work_mem = 0x",
                             "work_mem 0x1MB",
                             "work_mem =4MB#x",
                             "cluster_name = \"x\"",
                             "work_mem == 4MB",
                             "cluster_name = a:b/c-d",
                             "cluster_name = 'a''",
                             "cluster_name = 'a'b",
                             "work_mem = 4 MB",
                             "cluster_name=+-1",
                             "geqo_seed = .",
                             "a.b.c = 1",
                             "include_if_exists gone.conf",
                             "include_if_exists gone/conf",
                             "cluster_name = '\\'",
                             "random_page_cost = 1e3",
                             "random_page_cost = 1.e3x",
                             "cluster_name = '\xff'"}) {
        ASSERT_TRUE(
            replace_file(extra, std::string(line) + "\n", FileAttributes{.mode = 0644}).ok());
        const Rows rows = connection
                              .query(
                                  "SELECT count(*) AS refused FROM pg_file_settings WHERE name "
                                  "IS NULL AND sourcefile LIKE '%extra.conf'",
                                  soon())
                              .value();
        const ConfigTree tree = read_config_tree(cluster.config_file(), "").value();
        EXPECT_EQ(std::to_string(tree.problems.size()), rows.text(0, "refused")) << line;
    }
}

}  // namespace
}  // namespace hone::postgres
