#include "prove/pgbench.hpp"

#include <gtest/gtest.h>

#include <set>

namespace hone::prove {
namespace {

TEST(Pgbench, RateAndCountAreReadFromVersion15) {
    const auto slice = slice_from_output(
        "pgbench (15.20 (Debian 15.20-0+deb12u1))\n"
        "transaction type: <builtin: TPC-B (sort of)>\n"
        "number of transactions actually processed: 5264\n"
        "number of failed transactions: 0 (0.000%)\n"
        "latency average = 0.760 ms\n"
        "initial connection time = 6.512 ms\n"
        "tps = 5291.338211 (without initial connection time)\n");
    ASSERT_TRUE(slice.ok());
    EXPECT_EQ(slice->transactions, 5264);
    EXPECT_DOUBLE_EQ(slice->rate, 5291.338211);
}

TEST(Pgbench, CountWithAPlannedTotalIsReadToo) {
    const auto slice = slice_from_output(
        "number of transactions actually processed: 100/100\n"
        "tps = 50.5 (without initial connection time)\n");
    ASSERT_TRUE(slice.ok());
    EXPECT_EQ(slice->transactions, 100);
}

TEST(Pgbench, SliceWithoutATransactionIsNoNumber) {
    const auto slice = slice_from_output(
        "number of transactions actually processed: 0\n"
        "tps = 0.000000 (without initial connection time)\n");
    ASSERT_FALSE(slice.ok());
    EXPECT_EQ(slice.error().wrong(), "no transaction was finished");
}

TEST(Pgbench, OutputWithoutARateIsAnError) {
    EXPECT_FALSE(slice_from_output("").ok());
    EXPECT_FALSE(slice_from_output("tps = nan (x)\n").ok());
    EXPECT_FALSE(slice_from_output("number of transactions actually processed: 5\n").ok());
}

TEST(Load, NamesAreFoundAndOthersAreNot) {
    for (const Load& load : all_loads()) EXPECT_EQ(load_named(load.name), &load);
    EXPECT_EQ(load_named("tpcc"), nullptr);
}

// The upsert script draws its keys as (base + i * 2654435761) % space: the same key twice in one
// statement would make PostgreSQL refuse it.
TEST(Load, UpsertBatchHasNoKeyTwiceAtAnyScale) {
    for (const std::uint64_t scale : {1U, 7U, 10U, 9999U}) {
        const std::uint64_t space = 40000 * scale;
        for (const std::uint64_t base : {std::uint64_t{1}, space / 2, space}) {
            std::set<std::uint64_t> keys;
            for (std::uint64_t i = 1; i <= kUpsertBatchRows; ++i)
                keys.insert((base + i * 2654435761U) % space);
            EXPECT_EQ(keys.size(), 500U) << "scale " << scale << " base " << base;
        }
    }
}

}  // namespace
}  // namespace hone::prove
