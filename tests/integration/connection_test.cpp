#include "engines/postgres/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "support/private_cluster.hpp"

namespace hone::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

Deadline soon(double seconds = 60) {
    return Deadline::after(Seconds{seconds});
}

class ConnectionTest : public testing::Test {
  protected:
    static test::PrivateCluster& cluster() {
        static test::PrivateCluster made({.listen_on_loopback = true});
        return made;
    }
    static Connection open() {
        return Connection::open(cluster().conninfo(), soon(), cluster().owner()).value();
    }
    static Error refusal(const std::string& conninfo) {
        auto connection = Connection::open(conninfo, soon());
        EXPECT_FALSE(connection.ok());
        return connection.ok() ? Error{ErrorCode::kInternal, "", ""} : connection.error();
    }
    // Lets password users in over TCP only with their password.
    static void require_passwords() {
        const auto file = cluster().data_directory() / "pg_hba.conf";
        const std::string hba = read_file(file).value();
        if (hba.starts_with("host all locked")) return;
        ASSERT_TRUE(replace_file(file, "host all locked all scram-sha-256\n" + hba).ok());
        cluster().sql("SELECT pg_reload_conf()");
        cluster().sql("CREATE ROLE locked LOGIN PASSWORD 'correct horse'");
    }
    static std::string over_tcp(const std::string& rest) {
        return "host=127.0.0.1 port=" + std::to_string(cluster().port()) + " " + rest;
    }
};

TEST_F(ConnectionTest, NullAndEmptyTextDiffer) {
    const Rows rows =
        open().query("SELECT NULL AS a, '' AS b, $1 || 'x' AS c", {"y"}, soon()).value();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows.cell(0, "a"), std::nullopt);
    EXPECT_EQ(rows.cell(0, "b"), "");
    EXPECT_EQ(rows.text(0, "c"), "yx");
}

TEST_F(ConnectionTest, ParametersAreNeverPasted) {
    const Rows rows = open().query("SELECT $1 AS a", {"'; DROP TABLE x; --"}, soon()).value();
    EXPECT_EQ(rows.text(0, "a"), "'; DROP TABLE x; --");
}

TEST_F(ConnectionTest, SaysWhoItIs) {
    const Connection connection = open();
    EXPECT_EQ(connection.server_version() / 10000, 15);
    EXPECT_EQ(connection.user(), "postgres");
    EXPECT_EQ(connection.database(), "postgres");
    EXPECT_EQ(connection.parameter("port"), std::to_string(cluster().port()));
    EXPECT_EQ(open().query("SHOW application_name", soon())->text(0, "application_name"), "hone");
}

TEST_F(ConnectionTest, ManyRowsComeWhole) {
    const Rows rows =
        open().query("SELECT repeat('x', 1000) AS x FROM generate_series(1, 5000)", soon()).value();
    EXPECT_EQ(rows.size(), 5000U);
    EXPECT_EQ(rows.text(4999, "x").size(), 1000U);
}

TEST_F(ConnectionTest, DeadlineCancelsOnTheServerAndTheConnectionGoesOn) {
    // A machine too busy to cancel within the patience gives "unknown", rightly: it is asked again.
    constexpr int kAttempts = 10;
    Connection connection = open();
    auto late = connection.query("SELECT pg_sleep(30)", soon(0.2));
    for (int more = 1; more < kAttempts && late.error().outcome() == Outcome::kUnknown; ++more) {
        connection = open();
        late = connection.query("SELECT pg_sleep(30)", soon(0.2));
    }
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(late.error().sqlstate(), "57014");
    EXPECT_EQ(late.error().outcome(), Outcome::kNotApplied);
    EXPECT_EQ(connection.query("SELECT 1 AS one", soon())->text(0, "one"), "1");
}

TEST_F(ConnectionTest, FrozenServerDoesNotHoldUsPastTheDeadline) {
    test::PrivateCluster frozen;
    Connection connection = Connection::open(frozen.conninfo(), soon(), frozen.owner()).value();
    ::kill(connection.backend_pid(), SIGSTOP);
    ::kill(frozen.pid(), SIGSTOP);
    const double began = monotonic_seconds();
    const auto late = connection.query("SELECT 1", soon(0.2));
    const auto opened = Connection::open(frozen.conninfo(), soon(0.2));
    EXPECT_LT(monotonic_seconds() - began, 60);
    ::kill(frozen.pid(), SIGCONT);
    ::kill(connection.backend_pid(), SIGCONT);
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(late.error().outcome(), Outcome::kUnknown);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(connection.query("SELECT 1", soon()).error().code(), ErrorCode::kUnavailable);
}

TEST_F(ConnectionTest, LostLinkLeavesTheOutcomeUnknown) {
    Connection connection = open();
    cluster().sql("SELECT pg_terminate_backend(" + std::to_string(connection.backend_pid()) + ")");
    const auto lost = connection.query("CREATE TABLE never_made(a int)", soon());
    ASSERT_FALSE(lost.ok());
    EXPECT_EQ(lost.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(lost.error().outcome(), Outcome::kUnknown);
}

TEST_F(ConnectionTest, StatementErrorsKeepTheirSqlstate) {
    const auto failed = open().query("SELECT * FROM nowhere", soon());
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code(), ErrorCode::kFailedPrecondition);
    EXPECT_EQ(failed.error().sqlstate(), "42P01");
    EXPECT_EQ(failed.error().wrong(), "relation \"nowhere\" does not exist");
}

TEST_F(ConnectionTest, CopyIsRefusedWithoutHanging) {
    Connection connection = open();
    EXPECT_EQ(connection.query("COPY pg_class TO STDOUT", soon()).error().code(),
              ErrorCode::kInvalidArgument);
}

TEST_F(ConnectionTest, WrongPasswordIsPermissionDeniedAndNotRepeated) {
    require_passwords();
    const Error error = refusal(over_tcp("user=locked dbname=postgres password=wrong-secret"));
    EXPECT_EQ(error.code(), ErrorCode::kPermissionDenied);
    EXPECT_EQ(error.sqlstate(), "28P01");
    EXPECT_THAT(error.wrong(), HasSubstr("password authentication failed for user \"locked\""));
    EXPECT_THAT(error.message(), Not(HasSubstr("wrong-secret")));
    EXPECT_THAT(error.message(), Not(HasSubstr("auth.c")));
}

TEST_F(ConnectionTest, MissingPasswordSaysWhereToGiveIt) {
    require_passwords();
    const Error error = refusal(over_tcp("user=locked dbname=postgres"));
    EXPECT_EQ(error.code(), ErrorCode::kPermissionDenied);
    EXPECT_THAT(error.advice(), HasSubstr("PGPASSWORD"));
}

TEST_F(ConnectionTest, MissingDatabaseIsUnavailableWithAdvice) {
    const Error error = refusal(cluster().conninfo("postgres", "nowhere"));
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_EQ(error.sqlstate(), "3D000");
    EXPECT_THAT(error.advice(), HasSubstr("dbname"));
}

TEST_F(ConnectionTest, MissingRoleIsPermissionDenied) {
    const Error error = refusal(cluster().conninfo("nobody_at_all"));
    EXPECT_EQ(error.code(), ErrorCode::kPermissionDenied);
    EXPECT_EQ(error.sqlstate(), "28000");
}

TEST_F(ConnectionTest, TooManyClientsIsSaidSo) {
    test::PrivateCluster small(
        {.config_lines = {"max_connections = 4", "superuser_reserved_connections = 3",
                          "max_wal_senders = 0"}});
    small.sql("CREATE ROLE app LOGIN");
    // The place of the session before is free only once its process has ended.
    auto first = Connection::open(small.conninfo("app"), soon());
    for (const Deadline patience = soon(); !first.ok() && !patience.expired();)
        first = Connection::open(small.conninfo("app"), soon());
    ASSERT_TRUE(first.ok()) << first.error().message();
    const Error error = refusal(small.conninfo("app"));
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_EQ(error.sqlstate(), "53300");
    EXPECT_THAT(error.advice(), HasSubstr("superuser"));
}

TEST_F(ConnectionTest, ConnectTimeoutOfTheUserHolds) {
    test::PrivateCluster frozen;
    ::kill(frozen.pid(), SIGSTOP);
    const double began = monotonic_seconds();
    const auto opened = Connection::open(frozen.conninfo() + " connect_timeout=1", soon(120));
    EXPECT_LT(monotonic_seconds() - began, 60);
    ::kill(frozen.pid(), SIGCONT);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), ErrorCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace hone::postgres
