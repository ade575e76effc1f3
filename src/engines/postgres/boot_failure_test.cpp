#include "engines/postgres/boot_failure.hpp"

#include <gtest/gtest.h>

#include "engines/postgres/scratch.hpp"

namespace hone::postgres {
namespace {

// As PostgreSQL 14, 15 and 18 said it.
TEST(BootFailure, NamesAnUnknownSettingAndLeavesTheScratchFileOut) {
    const auto failure = diagnose_boot_failure(
        "2026-11-20 13:46:27.871 GMT [10998] LOG:  unrecognized configuration parameter "
        "\"no_such_setting\" in file \"/tmp/x/conf\" line 817\n"
        "2026-11-20 13:46:27.871 GMT [10998] FATAL:  configuration file \"/tmp/x/conf\" contains "
        "errors\n");
    EXPECT_EQ(failure.rule, "boot.unknown_setting");
    EXPECT_EQ(failure.setting, "no_such_setting");
    EXPECT_EQ(failure.message, "this build of PostgreSQL has no setting named no_such_setting");
    EXPECT_EQ(failure.server_line,
              "LOG:  unrecognized configuration parameter \"no_such_setting\"");
}

TEST(BootFailure, GivesTheValuesThatThisBuildTakes) {
    const auto failure = diagnose_boot_failure(
        "LOG:  invalid value for parameter \"wal_compression\": \"lz4\"\n"
        "HINT:  Available values: pglz, on, off.\n"
        "FATAL:  configuration file \"/tmp/x/conf\" contains errors\n");
    EXPECT_EQ(failure.rule, "boot.invalid_value");
    EXPECT_EQ(failure.setting, "wal_compression");
    EXPECT_EQ(failure.message,
              "this build of PostgreSQL does not take 'lz4' as the value of wal_compression");
    EXPECT_EQ(failure.advice, "Available values: pglz, on, off.");
}

TEST(BootFailure, GivesTheReasonOfANumberThatIsRefused) {
    const auto failure = diagnose_boot_failure(
        "LOG:  invalid value for parameter \"max_stack_depth\": 102400\n"
        "DETAIL:  \"max_stack_depth\" must not exceed 7680kB.\n"
        "HINT:  Increase the platform's stack depth limit via \"ulimit -s\" or local "
        "equivalent.\n");
    EXPECT_EQ(failure.message,
              "this build of PostgreSQL does not take 102400 as the value of max_stack_depth");
    EXPECT_EQ(failure.advice, "\"max_stack_depth\" must not exceed 7680kB.");
}

TEST(BootFailure, SaysHowMuchSharedMemoryWasAskedFor) {
    const auto failure = diagnose_boot_failure(
        "FATAL:  could not map anonymous shared memory: Cannot allocate memory\n"
        "HINT:  This error usually means that PostgreSQL's request for a shared memory segment "
        "exceeded available memory, swap space, or huge pages. To reduce the request size "
        "(currently 218956005376 bytes), reduce PostgreSQL's shared memory usage\n"
        "LOG:  database system is shut down\n");
    EXPECT_EQ(failure.rule, "boot.shared_memory");
    EXPECT_EQ(failure.message,
              "the machine cannot give the server's shared memory (204 GB were asked for)");
}

TEST(BootFailure, ReadsWhatThePostmasterSaysBeforeItsLogWorks) {
    const auto failure = diagnose_boot_failure(
        "postgres: superuser_reserved_connections (99) must be less than max_connections (50)\n");
    EXPECT_EQ(failure.rule, "boot.reserved_connections");
    EXPECT_EQ(failure.server_line,
              "superuser_reserved_connections (99) must be less than max_connections (50)");
}

struct Case {
    std::string log;
    std::string rule;
    std::string setting;
};

class BootFailureOf : public testing::TestWithParam<Case> {};

TEST_P(BootFailureOf, HasItsOwnRule) {
    const auto failure = diagnose_boot_failure(GetParam().log);
    EXPECT_EQ(failure.rule, GetParam().rule);
    EXPECT_EQ(failure.setting, GetParam().setting);
    EXPECT_FALSE(failure.message.empty());
    EXPECT_FALSE(failure.advice.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Servers, BootFailureOf,
    testing::Values(
        Case{"LOG:  1 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)",
             "boot.out_of_range", "work_mem"},
        Case{"LOG:  parameter \"autovacuum\" requires a Boolean value", "boot.invalid_value",
             "autovacuum"},
        Case{"LOG:  syntax error in file \"/x\" line 817, near token \"5MB\"", "boot.syntax", ""},
        Case{"LOG:  could not open configuration file \"/x/y.conf\": No such file or directory",
             "boot.missing_include", ""},
        Case{"FATAL:  could not access file \"nope\": No such file or directory",
             "boot.missing_library", "shared_preload_libraries"},
        Case{"postgres: \"superuser_reserved_connections\" (40) plus \"reserved_connections\" (20) "
             "must be less than \"max_connections\" (50)",
             "boot.reserved_connections", "superuser_reserved_connections"},
        Case{"FATAL:  WAL streaming (max_wal_senders > 0) requires wal_level \"replica\" or "
             "\"logical\"",
             "boot.wal_level", "wal_level"},
        Case{"FATAL:  WAL streaming (\"max_wal_senders\" > 0) requires \"wal_level\" to be "
             "\"replica\" or \"logical\"",
             "boot.wal_level", "wal_level"},
        Case{"FATAL:  WAL archival cannot be enabled when wal_level is \"minimal\"",
             "boot.wal_level", "wal_level"},
        Case{"FATAL:  WAL cannot be summarized when \"wal_level\" is \"minimal\"", "boot.wal_level",
             "wal_level"},
        Case{"FATAL:  \"min_wal_size\" must be at least twice \"wal_segment_size\"",
             "boot.wal_segments", "min_wal_size"},
        Case{"FATAL:  could not create semaphores: No space left on device", "boot.semaphores",
             "max_connections"},
        Case{"FATAL:  insufficient file descriptors available to start server process\nDETAIL:  "
             "System allows 36, we need at least 58.",
             "boot.open_files", "max_files_per_process"},
        Case{"FATAL:  too many server processes configured", "boot.too_many_processes",
             "max_connections"},
        Case{"FATAL:  could not load server certificate file \"server.crt\": No such file or "
             "directory",
             "boot.ssl", "ssl"},
        Case{"LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use", "boot.port",
             "port"},
        Case{"FATAL:  recovery aborted because of insufficient parameter settings", "boot.standby",
             ""},
        Case{"FATAL:  could not write lock file \"postmaster.pid\": No space left on device",
             "boot.disk_full", ""},
        Case{"LOG:  parameter \"block_size\" cannot be changed", "boot.not_changeable",
             "block_size"},
        Case{"postgres: error while loading shared libraries: libpq.so.5: cannot open shared "
             "object file: No such file or directory",
             "boot.incomplete_programs", ""}));

TEST(BootFailure, FallsBackOnTheServersOwnLastFatalLine) {
    const auto failure = diagnose_boot_failure(
        "LOG:  starting PostgreSQL\nFATAL:  the moon is in the wrong phase\nDETAIL:  It is "
        "waning.\nHINT:  Wait.\nLOG:  database system is shut down\n");
    EXPECT_EQ(failure.rule, "boot.other");
    EXPECT_EQ(failure.message,
              "the server refused to start: the moon is in the wrong phase: It is waning.");
    EXPECT_EQ(failure.advice, "Wait.");
}

TEST(BootFailure, SaysSoWhenTheServerSaidNothing) {
    EXPECT_EQ(diagnose_boot_failure("").message, "the server ended without saying why");
}

TEST(BootFailure, AsAnErrorKeepsTheServersWords) {
    const Error error = explain_boot_failure(
        "FATAL:  WAL archival cannot be enabled when wal_level is \"minimal\"\n", "starting it");
    EXPECT_EQ(error.code(), ErrorCode::kFailedPrecondition);
    EXPECT_EQ(error.message(),
              "starting it: wal_level = minimal cannot be archived, and archive_mode is on (the "
              "server said: FATAL:  WAL archival cannot be enabled when wal_level is \"minimal\"): "
              "set wal_level = replica, or archive_mode = off");
}

TEST(DetachedSettings, LeaveOutWhatTiesThemToTheRealServerAndKeepTheOrder) {
    ConfigTree files;
    for (const auto* name : {"work_mem", "port", "ssl_cert_file", "shared_preload_libraries",
                             "archive_command", "unix_socket_directories", "fsync", "work_mem"})
        files.entries.push_back({.name = name, .value = "x", .file = "/f", .line = 1});
    std::vector<std::string> names;
    for (const auto& entry : detached_settings(files)) names.push_back(entry.name);
    EXPECT_EQ(names, (std::vector<std::string>{"work_mem", "shared_preload_libraries", "fsync",
                                               "work_mem"}));
}

}  // namespace
}  // namespace hone::postgres
