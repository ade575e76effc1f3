#include "prove/replay/statement_catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hone::prove {
namespace {

using ::testing::ElementsAre;

SeenStatement only(StatementCatalogue& catalogue, const std::string& sql) {
    auto seen = catalogue.see(sql);
    EXPECT_EQ(seen.size(), 1U) << sql;
    return seen.front();
}

TEST(StatementCatalogue, ConstantsBecomeParametersOfOneStatement) {
    StatementCatalogue catalogue;
    const auto first = only(catalogue, "SELECT a FROM t WHERE id = 7 AND name IN ('x', 'it''s')");
    const auto second = only(catalogue, "SELECT a FROM t WHERE id = 8 AND name IN ('', 'z') ;");
    EXPECT_EQ(first.statement, second.statement);
    EXPECT_THAT(first.constants, ElementsAre("7", "x", "it's"));
    EXPECT_THAT(second.constants, ElementsAre("8", "", "z"));
    ASSERT_EQ(catalogue.statements().size(), 1U);
    EXPECT_EQ(catalogue.statements()[0].sql, "SELECT a FROM t WHERE id = $1 AND name IN ($2, $3)");
    EXPECT_THAT(catalogue.statements()[0].parameter_types, ElementsAre(23U, 0U, 0U));
}

TEST(StatementCatalogue, ASignBelongsToItsNumber) {
    StatementCatalogue catalogue;
    const auto seen = only(catalogue, "UPDATE t SET a = a + -5, b = - 1.5 WHERE c > -3000000000");
    EXPECT_THAT(seen.constants, ElementsAre("-5", "-1.5", "-3000000000"));
    EXPECT_EQ(catalogue.statements()[0].sql, "UPDATE t SET a = a + $1, b = $2 WHERE c > $3");
    EXPECT_THAT(catalogue.statements()[0].parameter_types, ElementsAre(23U, 1700U, 20U));
}

TEST(StatementCatalogue, WhatChangesTheMeaningStaysInTheText) {
    StatementCatalogue catalogue;
    const std::string sql =
        "SELECT date_trunc('hour', at), data->>'name' FROM t WHERE at > now() - interval '1 day' "
        "AND kind = 3 GROUP BY 1, 2 ORDER BY 1";
    EXPECT_THAT(only(catalogue, sql).constants, ElementsAre("3"));
    EXPECT_EQ(catalogue.statements()[0].sql,
              "SELECT date_trunc('hour', at), data->>'name' FROM t WHERE at > now() - interval "
              "'1 day' AND kind = $1 GROUP BY 1, 2 ORDER BY 1");
}

TEST(StatementCatalogue, RowsOfAnInsertAreParameters) {
    StatementCatalogue catalogue;
    const auto seen =
        only(catalogue, "INSERT INTO t (a, b) VALUES (1, 'x'), (2, now()) ON CONFLICT DO NOTHING");
    EXPECT_EQ(seen.kind, StatementKind::kWrite);
    EXPECT_THAT(seen.constants, ElementsAre("1", "x", "2"));
}

TEST(StatementCatalogue, TextWithParametersIsLeftAlone) {
    StatementCatalogue catalogue;
    const auto seen = only(catalogue, "SELECT a FROM t WHERE id = $1 AND b = 5");
    EXPECT_EQ(seen.parameters, 1);
    EXPECT_TRUE(seen.constants.empty());
    EXPECT_EQ(catalogue.statements()[0].sql, "SELECT a FROM t WHERE id = $1 AND b = 5");
}

TEST(StatementCatalogue, KeepsNoMoreThanItsBound) {
    StatementCatalogue catalogue;
    for (std::size_t i = 0; i < kMostStatements; ++i)
        EXPECT_TRUE(only(catalogue, "SELECT a FROM t" + std::to_string(i)).statement);
    EXPECT_FALSE(only(catalogue, "SELECT a FROM another").statement);
    EXPECT_TRUE(only(catalogue, "SELECT a FROM t17").statement);
}

}  // namespace
}  // namespace hone::prove
