// The way from a log's bytes to transactions: records, files, sessions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "prove/replay/log_file.hpp"
#include "prove/replay/log_sessions.hpp"
#include "prove/replay/record_log.hpp"
#include "prove/replay/workload_file.hpp"

namespace hone::prove {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

std::string doubled(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + '"';
}

struct Line {
    std::string time = "12:00:00.000";
    std::string session = "s1";
    std::string vxid = "3/1";
    std::string severity = "LOG";
    std::string message;
    std::string detail = {};
    std::string query = {};
    std::string database = "shop";
    std::string application = "app";
};

std::string csv(const Line& line) {
    return "2026-05-01 " + line.time + " UTC,\"web\"," + doubled(line.database) +
           ",4711,\"[local]\"," + line.session + ",1,\"SELECT\",2026-05-01 11:00:00 UTC," +
           line.vxid + ",0," + line.severity + ",00000," + doubled(line.message) + "," +
           (line.detail.empty() ? "" : doubled(line.detail)) + ",,,,," +
           (line.query.empty() ? "" : doubled(line.query)) + ",,," + doubled(line.application) +
           ",\"client backend\",,0\n";
}

class Logs : public ::testing::Test {
  protected:
    std::filesystem::path write(const std::string& text) {
        const auto path = folder_->path() / "log";
        EXPECT_TRUE(replace_file(path, text).ok());
        return path;
    }
    Result<Recording> record(const std::string& text, const std::string& database = "") {
        return record_from_log({.files = {write(text)}, .database = database}, silent_progress());
    }
    Result<TemporaryFolder> folder_ = TemporaryFolder::create("/tmp", "hone-log-test-");
};

TEST(LogRecord, CsvFieldsFindTheirPlaces) {
    const auto record = record_from_csv(
        csv({.message = "statement: SELECT 'a \"b\"\n, c'", .detail = "parameters: $1 = 'x'"}));
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->user, "web");
    EXPECT_EQ(record->database, "shop");
    EXPECT_EQ(record->session, "s1");
    EXPECT_EQ(record->transaction, "3/1");
    EXPECT_EQ(record->severity, "LOG");
    EXPECT_EQ(record->message, "statement: SELECT 'a \"b\"\n, c'");
    EXPECT_EQ(record->detail, "parameters: $1 = 'x'");
    EXPECT_EQ(record->application, "app");
    EXPECT_EQ(record->backend_type, "client backend");
}

TEST(LogRecord, JsonMembersFindTheirPlaces) {
    const auto record = record_from_json(
        R"({"timestamp":"2026-05-01 12:00:00.250 CEST","user":"web","dbname":"shop","pid":7,)"
        R"("session_id":"6a.7","vxid":"3/9","error_severity":"LOG",)"
        R"("message":"duration: 1.500 ms  execute p1: SELECT $1","detail":"Parameters: $1 = NULL",)"
        R"("application_name":"app","backend_type":"client backend"})");
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->session, "6a.7");
    const auto event = event_of(*record);
    EXPECT_EQ(event.kind, LogEventKind::kStatement);
    EXPECT_EQ(event.sql, "SELECT $1");
    EXPECT_THAT(event.parameters, ElementsAre(std::nullopt));
    EXPECT_DOUBLE_EQ(event.began_at_seconds, 1777636800.2485);
}

TEST(LogRecord, ParametersAreReadAsTheServerQuotesThem) {
    EXPECT_THAT(parameters_from_detail("parameters: $1 = 'it''s, $2 = ''x''', $2 = NULL, $3 = ''"),
                Optional(ElementsAre("it's, $2 = 'x'", std::nullopt, "")));
    EXPECT_FALSE(parameters_from_detail("parameters: $1 = 'open").has_value());
    EXPECT_FALSE(parameters_from_detail("parameters: $2 = '1'").has_value());
    EXPECT_FALSE(parameters_from_detail("").has_value());
}

TEST(LogRecord, TimesThatAreNoneAreRefused) {
    EXPECT_EQ(log_time("1970-01-02 00:00:01.500 UTC"), 86401.5);
    for (const char* wrong : {"", "2026-13-01 00:00:00", "2026-02-30 00:00:00",
                              "2026-01-01 24:00:00", "2026-01-01T00:00:00", "26-1-1 0:0:0"})
        EXPECT_FALSE(log_time(wrong).has_value()) << wrong;
}

TEST_F(Logs, ATransactionLastsFromBeginToCommit) {
    const auto recording = record(
        csv({.time = "12:00:01.000", .message = "statement: BEGIN"}) +
        csv({.time = "12:00:01.010", .message = "statement: UPDATE t SET a = 1 WHERE b = 2"}) +
        csv({.time = "12:00:01.015", .session = "s2", .message = "statement: SELECT 1"}) +
        csv({.time = "12:00:01.020",
             .message = "execute <unnamed>: SELECT a FROM t WHERE b = $1",
             .detail = "parameters: $1 = '5'"}) +
        csv({.time = "12:00:03.000", .message = "statement: COMMIT"}));
    ASSERT_TRUE(recording.ok()) << recording.error().message();
    ASSERT_EQ(recording->transactions.size(), 2U);
    const auto& first = recording->transactions[0];
    EXPECT_TRUE(first.atomic);
    EXPECT_DOUBLE_EQ(first.at_seconds, 0);
    ASSERT_EQ(first.calls.size(), 2U);
    EXPECT_EQ(recording->statements[first.calls[0].statement].sql,
              "UPDATE t SET a = $1 WHERE b = $2");
    EXPECT_THAT(first.calls[0].parameters, ElementsAre("1", "2"));
    EXPECT_THAT(first.calls[1].parameters, ElementsAre("5"));
    EXPECT_FALSE(recording->transactions[1].atomic);
    EXPECT_NEAR(recording->transactions[1].at_seconds, 0.015, 1e-6);
    EXPECT_NEAR(recording->seconds, 2, 1e-6);
    EXPECT_EQ(recording->sessions, 2U);
    EXPECT_EQ(recording->user, "web");
}

TEST_F(Logs, AStatementWithADurationBeganBefore) {
    const auto recording =
        record(csv({.time = "12:00:01.000", .message = "statement: SELECT 1"}) +
               csv({.time = "12:00:02.000", .vxid = "3/0", .message = "duration: 900.0 ms"}) +
               csv({.time = "12:00:03.000",
                    .vxid = "3/0",
                    .message = "duration: 500.000 ms  statement: SELECT 2"}) +
               csv({.time = "12:00:03.000",
                    .vxid = "3/0",
                    .message = "duration: 0.1 ms  parse <unnamed>: SELECT 3"}));
    ASSERT_TRUE(recording.ok()) << recording.error().message();
    ASSERT_EQ(recording->transactions.size(), 2U);
    EXPECT_NEAR(recording->transactions[1].at_seconds, 1.5, 1e-6);
}

TEST_F(Logs, WhatFailedOrWasRolledBackIsLeftOut) {
    const std::string bad = "SELECT 1 / a FROM t";
    const auto recording = record(
        csv({.message = "statement: " + bad}) +
        csv({.severity = "ERROR", .message = "division by zero", .query = bad}) +
        csv({.vxid = "3/2", .message = "statement: BEGIN"}) +
        csv({.vxid = "3/2", .message = "statement: DELETE FROM t"}) +
        csv({.vxid = "3/2", .message = "statement: ROLLBACK"}) +
        csv({.time = "12:00:01.000", .vxid = "3/3", .message = "statement: SELECT a FROM t"}));
    ASSERT_TRUE(recording.ok()) << recording.error().message();
    ASSERT_EQ(recording->statements.size(), 1U);
    EXPECT_EQ(recording->statements[0].sql, "SELECT a FROM t");
    EXPECT_THAT(recording->left_out, ElementsAre(Pair("failed", 1), Pair("rolled back", 1)));
}

TEST_F(Logs, PasswordsUtilitiesAndOwnQuestionsAreNotWritten) {
    const auto recording = record(
        csv({.message = "statement: ALTER ROLE web PASSWORD 'geheim'"}) +
        csv({.vxid = "3/2",
             .message = "statement: SELECT * FROM dblink('password=geheim', 'x') t"}) +
        csv({.vxid = "3/3", .message = "statement: SELECT geheim PASSWORD 'geheim'"}) +
        csv({.vxid = "3/4", .message = "statement: SELECT 'geheim'", .application = "hone"}) +
        csv({.time = "12:00:01.000", .vxid = "3/5", .message = "statement: SELECT a FROM t"}));
    ASSERT_TRUE(recording.ok()) << recording.error().message();
    EXPECT_THAT(workload_to_text(*recording), Not(HasSubstr("geheim")));
    EXPECT_EQ(recording->left_out.at("utility statement"), 1U);
    EXPECT_EQ(recording->left_out.at("reaches outside of the database"), 1U);
    EXPECT_EQ(recording->left_out.at("not understood"), 1U);
}

TEST_F(Logs, WhatIsNoUtf8CouldNotBeWritten) {
    const auto recording =
        record(csv({.message = "statement: SELECT a FROM t WHERE b = '\xe9'"}) +
               csv({.vxid = "3/2", .message = "statement: SELECT '\xe9'::text || a FROM t"}) +
               csv({.time = "12:00:01.000",
                    .vxid = "3/3",
                    .message = "statement: SELECT a FROM t WHERE b = '\xc3\xa9'"}));
    ASSERT_TRUE(recording.ok()) << recording.error().message();
    EXPECT_EQ(recording->left_out.at("not valid UTF-8"), 2U);
    ASSERT_EQ(recording->transactions.size(), 1U);
    EXPECT_THAT(recording->transactions[0].calls[0].parameters, ElementsAre("\xc3\xa9"));
}

TEST_F(Logs, TheBusiestDatabaseIsMeantUnlessOneIsNamed) {
    const std::string log =
        csv({.message = "statement: SELECT 1", .database = "a"}) +
        csv({.vxid = "3/2", .message = "statement: SELECT 1", .database = "a"}) +
        csv({.time = "12:00:01.000",
             .session = "s2",
             .message = "statement: SELECT b FROM t",
             .database = "b"});
    EXPECT_EQ(record(log)->database, "a");
    const auto other = record(log, "b");
    EXPECT_EQ(other->database, "b");
    EXPECT_EQ(other->transactions.size(), 1U);
    EXPECT_EQ(other->statements.size(), 1U);
}

TEST_F(Logs, ATornRecordCostsOnlyItself) {
    std::string torn = csv({.message = "statement: SELECT 'torn'"});
    torn.resize(torn.find("torn") + 2);
    auto file = LogFile::open(write(csv({.message = "statement: SELECT 1"}) + torn + "\n" +
                                    csv({.message = "statement: SELECT\n2"})));
    ASSERT_TRUE(file.ok());
    EXPECT_EQ((*file->next())->message, "statement: SELECT 1");
    EXPECT_EQ((*file->next())->message, "statement: SELECT\n2");
    EXPECT_FALSE(file->next()->has_value());
    EXPECT_EQ(file->damaged(), 1U);
}

TEST_F(Logs, ARecordThatIsTooLongIsSkipped) {
    const std::string endless(6U << 20, 'x');
    auto file = LogFile::open(write(csv({.message = "statement: SELECT '" + endless + "'"}) +
                                    csv({.message = "statement: SELECT 2"})));
    ASSERT_TRUE(file.ok());
    EXPECT_EQ((*file->next())->message, "statement: SELECT 2");
    EXPECT_EQ(file->damaged(), 1U);
}

TEST_F(Logs, AnEmptyOrForeignLogSaysWhatTheServerNeeds) {
    for (const char* text : {"", "\n\n", "hello\n", "{}\n", "{\"timestamp\":5}\n", "\"", "\0\0"}) {
        const auto recording = record(text);
        ASSERT_FALSE(recording.ok()) << text;
        EXPECT_EQ(recording.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_THAT(recording.error().advice(), HasSubstr("log_min_duration_statement"));
    }
}

// Whatever a log holds, reading it ends and breaks nothing.
TEST_F(Logs, SurviveAnyDamage) {
    std::string whole;
    for (int i = 0; i < 20; ++i)
        whole += csv({.time = "12:00:0" + std::to_string(i % 10) + ".000",
                      .session = "s" + std::to_string(i % 3),
                      .message = "execute a: SELECT 'q\n' || b FROM t WHERE c = $1 AND d = -5.5",
                      .detail = "parameters: $1 = 'it''s'"});
    const std::uint64_t seed = Random::fresh_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    for (int round = 0; round < 60; ++round) {
        std::string text = whole;
        for (std::uint64_t i = 0; i < 1 + random.below(30); ++i)
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        if (round % 3 == 0) text.resize(random.below(text.size()) + 1);
        const auto recording = record(text);
        if (recording.ok()) {
            const auto again = workload_from_text(workload_to_text(*recording), "again");
            EXPECT_TRUE(again.ok()) << again.error().message();
        }
    }
}

}  // namespace
}  // namespace hone::prove
