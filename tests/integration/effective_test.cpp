#include "engines/postgres/effective.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "base/text.hpp"
#include "engines/postgres/control.hpp"
#include "support/private_cluster.hpp"

namespace hone::postgres {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Deadline soon() {
    return Deadline::after(Seconds{60});
}

// A cluster as Debian lays it out, whose conf.d/90-hone.conf carries a plan of one change; the
// fixes are done to it as they are written, word for word.
class EffectiveTest : public testing::Test {
  protected:
    void use(test::ClusterOptions options = {}) {
        options.separate_config = true;
        cluster_.emplace(options);
        cluster_->sql("CREATE ROLE app LOGIN");
        cluster_->sql("CREATE DATABASE shop");
    }

    static Plan plan(const std::string& setting, const std::string& value,
                     SettingContext context = SettingContext::kSession) {
        Plan made;
        made.changes.push_back({.setting = setting, .from = {}, .to = value, .context = context});
        return made;
    }

    fs::path hone_file() const { return cluster_->config_folder() / "conf.d/90-hone.conf"; }
    fs::path main_file() const { return cluster_->config_file(); }

    static void write(const fs::path& file, const std::string& text) {
        ASSERT_TRUE(replace_file(file, text, FileAttributes{.mode = 0644}).ok());
    }
    void append(const fs::path& file, const std::string& lines) {
        write(file, read_file(file).value_or("") + lines);
    }
    void apply(const Plan& wanted) {
        for (const Change& change : wanted.changes)
            append(hone_file(), config_line(change.setting, change.to) + "\n");
        reload_server();
    }
    void reload_server() {
        const Server server = locate_by_data_directory(cluster_->data_directory(), "").value();
        static_cast<void>(reload(server, soon()).ok());
    }

    ServerState state(const std::string& rest = "") {
        Connection connection =
            Connection::open(cluster_->conninfo("app", "shop") + rest, soon()).value();
        const Server server = locate_by_data_directory(cluster_->data_directory(), "").value();
        ServerState read = read_state(connection, server, soon()).value();
        Connection owner = Connection::open(cluster_->conninfo(), soon()).value();
        read.catalogue = read_state(owner, server, soon())->catalogue;
        return read;
    }
    ConfigTree files() const {
        return read_config_tree(main_file(), cluster_->data_directory() / "postgresql.auto.conf")
            .value();
    }
    std::vector<Obstacle> predicted(const Plan& wanted) {
        return predict_obstacles(wanted, state(), files(), hone_file(), "app", "shop");
    }
    std::vector<Obstacle> found(const Plan& wanted, const std::string& rest = "") {
        return find_obstacles(wanted, state(rest), files(), hone_file());
    }

    static void delete_lines(const fs::path& file, const std::string& numbers) {
        const std::string text = read_file(file).value();
        std::vector<std::string> kept;
        int line = 0;
        for (const std::string_view content : split_lines(text)) {
            ++line;
            bool goes = false;
            for (const std::string_view number : split(numbers, ','))
                goes = goes || parse_integer(trim(number)) == line;
            if (!goes) kept.emplace_back(content);
        }
        write(file, join(kept, "\n") + "\n");
    }
    // Does what the fix says.
    void type(const std::string& fix) {
        static const std::regex kDeletion(
            "(?:delete|correct or delete|and) lines? ([0-9, ]+) of ([^ ,]+)");
        for (std::sregex_iterator at(fix.begin(), fix.end(), kDeletion), end; at != end; ++at)
            delete_lines((*at)[2].str(), (*at)[1].str());
        static const std::regex kStatement("((?:ALTER|SELECT) [^;]*;)");
        for (std::sregex_iterator at(fix.begin(), fix.end(), kStatement), end; at != end; ++at)
            cluster_->sql((*at)[1].str());
        reload_server();
    }

    // The whole story of one obstacle: foreseen, found, named, and gone once the fix is typed.
    void expect(const Plan& wanted, Override cause, const std::string& where,
                const std::string& fix, const std::string& effective) {
        const auto before = predicted(wanted);
        ASSERT_THAT(before, SizeIs(1));
        EXPECT_EQ(before[0].cause, cause) << describe(before[0]);
        apply(wanted);
        const auto after = found(wanted);
        ASSERT_THAT(after, SizeIs(1));
        EXPECT_EQ(after[0].cause, cause) << describe(after[0]);
        EXPECT_EQ(after[0].where, where);
        EXPECT_EQ(after[0].fix, fix);
        EXPECT_EQ(after[0].effective, effective);
        std::cout << describe(after[0]) << '\n';
        type(after[0].fix);
        for (const Obstacle& left : found(wanted)) ADD_FAILURE() << describe(left);
    }

    int line_of(const fs::path& file, std::string_view line) {
        const std::string text = read_file(file).value();
        int number = 0;
        int last = 0;
        for (const std::string_view content : split_lines(text)) {
            ++number;
            if (content == line) last = number;
        }
        return last;
    }

    std::optional<test::PrivateCluster> cluster_;
};

TEST_F(EffectiveTest, NothingInTheWayIsNoObstacle) {
    use();
    EXPECT_THAT(predicted(plan("work_mem", "16MB")), IsEmpty());
    apply(plan("work_mem", "16MB"));
    EXPECT_THAT(found(plan("work_mem", "16MB")), IsEmpty());
}

TEST_F(EffectiveTest, SameValueElsewhereIsNoObstacle) {
    use();
    cluster_->sql("ALTER ROLE app SET work_mem = '16384kB'");
    append(main_file(), "work_mem = 16MB\n");
    EXPECT_THAT(predicted(plan("work_mem", "16MB")), IsEmpty());
    apply(plan("work_mem", "16MB"));
    EXPECT_THAT(found(plan("work_mem", "16MB")), IsEmpty());
}

TEST_F(EffectiveTest, CommandLineWins) {
    use({.start_options = "-c work_mem=5MB"});
    const Plan wanted = plan("work_mem", "16MB");
    ASSERT_THAT(predicted(wanted), SizeIs(1));
    EXPECT_EQ(predicted(wanted)[0].cause, Override::kCommandLine);
    apply(wanted);
    const auto after = found(wanted);
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kCommandLine);
    EXPECT_EQ(after[0].where, "the command line");
    EXPECT_THAT(after[0].fix,
                HasSubstr("remove '-c work_mem=5MB' from the server's start options"));
    std::cout << describe(after[0]) << '\n';
    cluster_.reset();
}

TEST_F(EffectiveTest, AlterSystemWins) {
    use();
    cluster_->sql("ALTER SYSTEM SET work_mem = '5MB'");
    expect(plan("work_mem", "16MB"), Override::kAlterSystem,
           "ALTER SYSTEM (" + (cluster_->data_directory() / "postgresql.auto.conf").string() +
               " line 3)",
           "ALTER SYSTEM RESET work_mem; then SELECT pg_reload_conf();", "5MB");
}

TEST_F(EffectiveTest, AlterDatabaseWins) {
    use();
    cluster_->sql("ALTER DATABASE shop SET work_mem = '5MB'");
    expect(plan("work_mem", "16MB"), Override::kAlterDatabase, "ALTER DATABASE shop SET",
           "ALTER DATABASE shop RESET work_mem;", "5MB");
}

TEST_F(EffectiveTest, AlterRoleWins) {
    use();
    cluster_->sql("ALTER ROLE app SET work_mem = '5MB'");
    expect(plan("work_mem", "16MB"), Override::kAlterRole, "ALTER ROLE app SET",
           "ALTER ROLE app RESET work_mem;", "5MB");
}

TEST_F(EffectiveTest, AlterRoleAllWins) {
    use();
    cluster_->sql("ALTER ROLE ALL SET work_mem = '5MB'");
    expect(plan("work_mem", "16MB"), Override::kAlterRole, "ALTER ROLE ALL SET",
           "ALTER ROLE ALL RESET work_mem;", "5MB");
}

TEST_F(EffectiveTest, AlterRoleInDatabaseWins) {
    use();
    cluster_->sql("ALTER ROLE app IN DATABASE shop SET work_mem = '5MB'");
    expect(plan("work_mem", "16MB"), Override::kAlterRoleInDatabase,
           "ALTER ROLE app IN DATABASE shop SET", "ALTER ROLE app IN DATABASE shop RESET work_mem;",
           "5MB");
}

TEST_F(EffectiveTest, OtherRolesAndDatabasesDoNotMatter) {
    use();
    cluster_->sql("ALTER DATABASE postgres SET work_mem = '5MB'");
    cluster_->sql("ALTER ROLE postgres SET work_mem = '6MB'");
    EXPECT_THAT(predicted(plan("work_mem", "16MB")), IsEmpty());
    apply(plan("work_mem", "16MB"));
    EXPECT_THAT(found(plan("work_mem", "16MB")), IsEmpty());
}

TEST_F(EffectiveTest, LaterLinesOfTheMainFileWin) {
    use();
    append(main_file(), "work_mem = 4MB\nWork_Mem = 5MB\n");
    const int first = line_of(main_file(), "work_mem = 4MB");
    expect(plan("work_mem", "16MB"), Override::kLaterFile,
           main_file().string() + " line " + std::to_string(first + 1),
           "delete lines " + std::to_string(first) + ", " + std::to_string(first + 1) + " of " +
               main_file().string() + ", then SELECT pg_reload_conf();",
           "5MB");
}

TEST_F(EffectiveTest, LaterFileOfTheSameFolderWinsAndAnEarlierDoesNot) {
    use();
    const fs::path later = cluster_->config_folder() / "conf.d/99-admin.conf";
    write(later, "\nwork_mem = 5MB\n");
    write(cluster_->config_folder() / "conf.d/10-early.conf", "work_mem = 6MB\n");
    expect(plan("work_mem", "16MB"), Override::kLaterFile, later.string() + " line 2",
           "delete line 2 of " + later.string() + ", then SELECT pg_reload_conf();", "5MB");
}

TEST_F(EffectiveTest, DuplicateKeyInTheSameFileWins) {
    use();
    const Plan wanted = plan("work_mem", "16MB");
    apply(wanted);
    append(hone_file(), "work_mem = 5MB\n");
    reload_server();
    const auto after = found(wanted);
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kDuplicateKey);
    EXPECT_EQ(after[0].where, hone_file().string() + " line 2");
    std::cout << describe(after[0]) << '\n';
    type(after[0].fix);
    EXPECT_THAT(found(wanted), IsEmpty());
}

TEST_F(EffectiveTest, RestartIsPending) {
    use();
    const Plan wanted = plan("shared_buffers", "64MB", SettingContext::kRestart);
    EXPECT_THAT(predicted(wanted), IsEmpty());
    apply(wanted);
    const auto after = found(wanted);
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kPendingRestart);
    EXPECT_EQ(after[0].effective, "128MB");
    EXPECT_THAT(after[0].fix, HasSubstr("restart the server"));
    std::cout << describe(after[0]) << '\n';
    ASSERT_TRUE(
        restart(locate_by_data_directory(cluster_->data_directory(), "").value(), soon()).ok());
    EXPECT_THAT(found(wanted), IsEmpty());
}

TEST_F(EffectiveTest, UnknownParameterElsewhereHoldsEverythingBack) {
    use();
    append(main_file(), "no_such_setting = 1\n");
    const int line = line_of(main_file(), "no_such_setting = 1");
    expect(plan("work_mem", "16MB"), Override::kNotApplied,
           main_file().string() + " line " + std::to_string(line) +
               ": the server knows no 'no_such_setting'; because of it it ignores all changes in "
               "its files",
           "correct or delete line " + std::to_string(line) + " of " + main_file().string() +
               ", then SELECT pg_reload_conf();",
           "4MB");
}

TEST_F(EffectiveTest, IncludeOfAMissingFileHoldsEverythingBack) {
    use();
    append(main_file(), "include 'gone.conf'\n");
    const int line = line_of(main_file(), "include 'gone.conf'");
    const Plan wanted = plan("work_mem", "16MB");
    ASSERT_THAT(predicted(wanted), SizeIs(1));
    apply(wanted);
    const auto after = found(wanted);
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kNotApplied);
    EXPECT_THAT(after[0].where, HasSubstr(main_file().string() + " line " + std::to_string(line)));
    EXPECT_THAT(after[0].where, HasSubstr("gone.conf"));
    std::cout << describe(after[0]) << '\n';
    type(after[0].fix);
    EXPECT_THAT(found(wanted), IsEmpty());
}

TEST_F(EffectiveTest, ValueOutOfRangeIsRefusedAndTheOthersAreApplied) {
    use();
    Plan wanted = plan("work_mem", "16MB");
    wanted.changes.push_back({.setting = "maintenance_work_mem", .from = {}, .to = "1kB"});
    apply(wanted);
    const auto after = found(wanted);
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].setting, "maintenance_work_mem");
    EXPECT_EQ(after[0].cause, Override::kNotApplied);
    EXPECT_THAT(after[0].where, HasSubstr("minimum"));
    std::cout << describe(after[0]) << '\n';
}

TEST_F(EffectiveTest, FileThatNobodyIncludesIsNotApplied) {
    use();
    const fs::path lonely = cluster_->config_folder() / "lonely.conf";
    write(lonely, "work_mem = 16MB\n");
    reload_server();
    const auto after = find_obstacles(plan("work_mem", "16MB"), state(), files(), lonely);
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kNotApplied);
    EXPECT_EQ(after[0].fix, "add the line include '" + lonely.string() + "' to " +
                                main_file().string() + ", then SELECT pg_reload_conf();");
}

TEST_F(EffectiveTest, OptionsOfTheClientWin) {
    use();
    const Plan wanted = plan("work_mem", "16MB");
    apply(wanted);
    ::setenv("PGOPTIONS", "-c work_mem=5MB", 1);
    const auto after = found(wanted);
    ::unsetenv("PGOPTIONS");
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kClient);
    EXPECT_THAT(after[0].fix, HasSubstr("unset PGOPTIONS;"));
    EXPECT_EQ(after[0].effective, "5MB");
    std::cout << describe(after[0]) << '\n';
    EXPECT_THAT(found(wanted, " options='-c work_mem=6MB'"), SizeIs(1));
    EXPECT_THAT(found(wanted), IsEmpty());
}

TEST_F(EffectiveTest, EnvironmentOfTheClientWins) {
    use();
    const Plan wanted = plan("TimeZone", "Europe/Berlin");
    // initdb writes a zone further down in the main file's stead.
    const int line = line_of(main_file(), "timezone = 'Etc/UTC'");
    if (line > 0) delete_lines(main_file(), std::to_string(line));
    apply(wanted);
    ::setenv("PGTZ", "Asia/Tokyo", 1);
    const auto after = found(wanted);
    ::unsetenv("PGTZ");
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kClient);
    EXPECT_THAT(after[0].fix, HasSubstr("unset PGTZ;"));
    EXPECT_THAT(found(wanted), IsEmpty());
}

TEST_F(EffectiveTest, EnvironmentOfTheServerIsNamedWhereNoFileSaysOtherwise) {
    ::setenv("PGDATESTYLE", "SQL, DMY", 1);
    use();
    ::unsetenv("PGDATESTYLE");
    delete_lines(main_file(), std::to_string(line_of(main_file(), "datestyle = 'iso, mdy'")));
    reload_server();
    const auto after = found(plan("DateStyle", "German, DMY"));
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_EQ(after[0].cause, Override::kEnvironment);
    EXPECT_EQ(after[0].effective, "SQL, DMY");
    EXPECT_EQ(after[0].where, "the environment of the server's process");
    std::cout << describe(after[0]) << '\n';
    apply(plan("DateStyle", "German, DMY"));
    EXPECT_THAT(found(plan("DateStyle", "German, DMY")), IsEmpty()) << "a file is stronger";
}

TEST_F(EffectiveTest, EverythingInTheWayIsListedStrongestFirst) {
    use();
    const Plan wanted = plan("work_mem", "16MB");
    cluster_->sql("ALTER ROLE app SET work_mem = '5MB'");
    cluster_->sql("ALTER SYSTEM SET work_mem = '6MB'");
    append(main_file(), "work_mem = 7MB\n");
    apply(wanted);
    const auto after = found(wanted);
    ASSERT_THAT(after, SizeIs(3));
    EXPECT_EQ(after[0].cause, Override::kAlterRole);
    EXPECT_EQ(after[1].cause, Override::kAlterSystem);
    EXPECT_EQ(after[2].cause, Override::kLaterFile);
    for (const Obstacle& obstacle : after) type(obstacle.fix);
    EXPECT_THAT(found(wanted), IsEmpty());
}

}  // namespace
}  // namespace hone::postgres
