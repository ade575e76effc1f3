#include <gtest/gtest.h>

#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

using testing::machine;

std::string inferred(std::int64_t inserted, std::int64_t updated, std::int64_t fetched,
                     std::int64_t transactions) {
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
    input.statistics.rows_inserted = inserted;
    input.statistics.rows_updated = updated;
    input.statistics.rows_deleted = 0;
    input.statistics.rows_fetched = fetched;
    input.statistics.transactions = transactions;
    return make_plan(input)->workload;
}

TEST(Workload, BulkUpsertsAreIngest) {
    EXPECT_EQ(inferred(900000, 900000, 1000, 1000), "ingest");
}
TEST(Workload, SmallWritesAreOltp) {
    EXPECT_EQ(inferred(100000, 300000, 500000, 100000), "oltp");
}
TEST(Workload, LookupsAreReadMostly) {
    EXPECT_EQ(inferred(1000, 1000, 9000000, 900000), "read-mostly");
}
TEST(Workload, LongScansAreAnalytics) {
    EXPECT_EQ(inferred(1000, 1000, 900000000, 1000), "analytics");
}
TEST(Workload, ScansBesideWritesAreMixed) {
    EXPECT_EQ(inferred(50000000, 0, 100000000, 1000), "mixed");
}
TEST(Workload, ReasonHasRoundFigures) {
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
    input.statistics.rows_inserted = 390123;
    input.statistics.rows_fetched = 609877;
    input.statistics.transactions = 3197;
    EXPECT_EQ(make_plan(input)->workload_reason,
              "Inferred: about 40 % of the rows touched were written; a transaction writes about "
              "100 and reads about 200.");
}
TEST(Workload, TooFewRowsAreNotInferredFrom) {
    EXPECT_EQ(inferred(99999, 0, 0, 1), "mixed");
}

TEST(Workload, StatedOneWinsOverStatistics) {
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
    input.statistics.rows_inserted = 900000000;
    input.statistics.rows_fetched = 0;
    input.workload = Workload::kReadMostly;
    EXPECT_EQ(make_plan(input)->workload, "read-mostly");
    EXPECT_EQ(make_plan(input)->workload_reason, "Stated.");
}

TEST(Workload, EveryNameReadsBack) {
    for (const auto workload : {Workload::kIngest, Workload::kOltp, Workload::kReadMostly,
                                Workload::kAnalytics, Workload::kMixed})
        EXPECT_EQ(workload_named(to_string(workload)), workload);
    EXPECT_FALSE(workload_named("olap").has_value());
}

}  // namespace
}  // namespace hone::tune
