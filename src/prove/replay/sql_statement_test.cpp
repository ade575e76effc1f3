#include "prove/replay/sql_statement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prove/replay/sql_tokens.hpp"

namespace hone::prove {
namespace {

using ::testing::ElementsAre;

StatementKind kind_of(const std::string& sql) {
    return read_statement(sql).kind;
}

TEST(SqlStatement, PlainSelectsRead) {
    EXPECT_EQ(kind_of("SELECT * FROM orders WHERE id = 1"), StatementKind::kRead);
    EXPECT_EQ(kind_of("/* hi */ with x as (select 1) select * from x"), StatementKind::kRead);
    EXPECT_EQ(kind_of("VALUES (1), (2)"), StatementKind::kRead);
    EXPECT_EQ(kind_of("TABLE orders"), StatementKind::kRead);
}

TEST(SqlStatement, WhatLooksLikeASelectAndIsNoneWrites) {
    EXPECT_EQ(kind_of("SELECT * FROM orders FOR UPDATE"), StatementKind::kWrite);
    EXPECT_EQ(kind_of("SELECT * FROM (SELECT * FROM orders FOR SHARE) o"), StatementKind::kWrite);
    EXPECT_EQ(kind_of("SELECT * INTO copy FROM orders"), StatementKind::kWrite);
    EXPECT_EQ(kind_of("WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone"),
              StatementKind::kWrite);
    EXPECT_EQ(kind_of("SELECT 1 WHERE EXISTS (WITH n AS (INSERT INTO t VALUES (1) RETURNING 1) "
                      "SELECT * FROM n)"),
              StatementKind::kWrite);
    EXPECT_EQ(kind_of("SELECT pg_catalog.NextVal('ids')"), StatementKind::kWrite);
    EXPECT_EQ(kind_of("SELECT set_config('transaction_read_only', 'off', false)"),
              StatementKind::kWrite);
    EXPECT_EQ(kind_of("SELECT pg_advisory_lock(1)"), StatementKind::kWrite);
}

TEST(SqlStatement, WhatLeavesTheDatabaseIsForbidden) {
    EXPECT_EQ(kind_of("SELECT pg_terminate_backend(1)"), StatementKind::kForbidden);
    EXPECT_EQ(kind_of("SELECT * FROM dblink('host=other', 'select 1') AS t(a int)"),
              StatementKind::kForbidden);
    EXPECT_EQ(kind_of("INSERT INTO t SELECT pg_read_file('/etc/passwd')"),
              StatementKind::kForbidden);
}

TEST(SqlStatement, UtilitiesAreNeverReplayed) {
    EXPECT_EQ(kind_of("EXPLAIN ANALYZE DELETE FROM orders"), StatementKind::kUtility);
    EXPECT_EQ(kind_of("CREATE ROLE x PASSWORD 'secret'"), StatementKind::kUtility);
    EXPECT_EQ(kind_of("COPY orders TO STDOUT"), StatementKind::kUtility);
    EXPECT_EQ(kind_of("DO $$ BEGIN DELETE FROM orders; END $$"), StatementKind::kUtility);
    EXPECT_EQ(kind_of("SET work_mem = '1GB'"), StatementKind::kUtility);
    EXPECT_EQ(kind_of("CALL pay(1)"), StatementKind::kUtility);
}

TEST(SqlStatement, TransactionsAreRecognised) {
    EXPECT_EQ(kind_of("BEGIN ISOLATION LEVEL REPEATABLE READ"), StatementKind::kBegin);
    EXPECT_EQ(kind_of("start transaction read only"), StatementKind::kBegin);
    EXPECT_EQ(kind_of("END"), StatementKind::kCommit);
    EXPECT_EQ(kind_of("ABORT"), StatementKind::kRollback);
    EXPECT_EQ(kind_of("ROLLBACK TO SAVEPOINT a"), StatementKind::kSavepoint);
}

TEST(SqlStatement, WhatTheGrammarRefusesIsUnreadable) {
    EXPECT_EQ(kind_of("SELECT FROM WHERE"), StatementKind::kUnreadable);
    EXPECT_EQ(kind_of("SELECT 1; SELECT 2"), StatementKind::kUnreadable);
    EXPECT_EQ(kind_of(""), StatementKind::kUnreadable);
    EXPECT_EQ(kind_of(std::string("SELECT 1\0; DROP TABLE t", 23)), StatementKind::kUnreadable);
    EXPECT_EQ(kind_of(std::string(50000, '(')), StatementKind::kUnreadable);
}

TEST(SqlStatement, SeveralStatementsAreCutApart) {
    const auto statements = read_sql("BEGIN; UPDATE t SET a = 1 WHERE b = 2; COMMIT;");
    ASSERT_EQ(statements.size(), 3U);
    EXPECT_EQ(statements[0].kind, StatementKind::kBegin);
    EXPECT_EQ(statements[1].kind, StatementKind::kWrite);
    EXPECT_EQ(statements[1].short_name(), "UPDATE t");
    EXPECT_EQ(statements[2].kind, StatementKind::kCommit);
    EXPECT_TRUE(read_sql(" ; ").empty());
}

TEST(SqlStatement, AParameterBelongsToTheColumnItMeets) {
    const auto statement = read_statement(
        "SELECT o.id FROM shop.orders o JOIN users ON users.id = o.owner "
        "WHERE o.state = $1 AND $2::bigint < owner AND o.id = ANY ($3) LIMIT $4");
    EXPECT_EQ(statement.parameters, 4);
    std::vector<std::string> slots;
    for (const ValueSlot& slot : statement.slots)
        if (slot.parameter > 0)
            slots.push_back(std::to_string(slot.parameter) + " " + slot.qualifier + "." +
                            slot.column + (slot.in_array ? "[]" : "") +
                            (slot.use == SlotUse::kLimit ? "LIMIT" : ""));
    EXPECT_THAT(slots, ElementsAre("1 o.state", "2 .owner", "3 o.id[]", "4 .LIMIT"));
    ASSERT_EQ(statement.tables.size(), 2U);
    EXPECT_EQ(statement.tables[0].schema, "shop");
    EXPECT_EQ(statement.tables[0].alias, "o");
}

TEST(SqlTokens, EqualSkeletonsDifferInConstantsOnly) {
    const auto skeleton = [](const std::string& sql) { return skeleton_of(sql, *scan_sql(sql)); };
    EXPECT_EQ(skeleton("SELECT a FROM t WHERE b=1 AND c = 'x''y' -- why"),
              "SELECT a FROM t WHERE b=?i AND c = ?s");
    EXPECT_EQ(skeleton("SELECT\n a FROM t WHERE b=22 /* x */ AND c = ''"),
              "SELECT a FROM t WHERE b=?i AND c = ?s");
    EXPECT_EQ(skeleton("SELECT 3000000000, 1.5, 1e3, $1"), "SELECT ?b, ?n, ?n, $1");
    EXPECT_EQ(skeleton("SELECT E'a\\n', $$b$$"), "SELECT E'a\\n', $$b$$");
    EXPECT_FALSE(scan_sql("SELECT 'open").has_value());
}

TEST(SqlTokens, AQuoteInAStringIsUndoubled) {
    EXPECT_EQ(unquoted("'it''s'"), "it's");
    EXPECT_EQ(unquoted("''"), "");
}

}  // namespace
}  // namespace hone::prove
