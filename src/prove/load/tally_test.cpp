#include "prove/load/tally.hpp"

#include <gtest/gtest.h>

namespace hone::prove {
namespace {

const std::vector<OperationInfo> kOperations{{.name = "read"}, {.name = "ingest", .units = 250}};

Task task(double at, std::uint32_t operation = 0) {
    return {.at_seconds = at, .operation = operation};
}

LoadReport report_of(const Tally& tally, std::size_t first_epoch = 0, double think = 0) {
    LoadReport report;
    tally.report(first_epoch, think, kOperations, report);
    return report;
}

TEST(Tally, CountsEachEndOnceAndFailuresAtTheTimeoutsValue) {
    Tally tally({.operations = 2, .seconds = 2, .timeout_seconds = 5});
    tally.completed(task(0.5), 0.6, 0.75);
    tally.failed(task(0.5), 0.75, "40001", "try again");
    tally.failed(task(0.6), 0.75, "40001", "and again");
    tally.timed_out(task(0.5), 5.5);
    tally.dropped(task(1.5));
    const OperationReport read = report_of(tally).operations[0];
    EXPECT_EQ(read.arrived, 5U);
    EXPECT_EQ(read.completed, 1U);
    EXPECT_EQ(read.failures, (std::map<std::string, std::uint64_t>{{"40001", 2}}));
    EXPECT_EQ(read.first_failure, "try again");
    EXPECT_EQ(read.latency.count(), 5U);
    EXPECT_DOUBLE_EQ(read.latency.min_seconds(), 0.25);
    EXPECT_DOUBLE_EQ(read.latency.max_seconds(), 5);
    EXPECT_DOUBLE_EQ(read.service.max_seconds(), 0.15);
}

TEST(Tally, AnswersAfterTheEndAreLatenciesButNoThroughput) {
    Tally tally({.operations = 2, .seconds = 2, .timeout_seconds = 5});
    tally.completed(task(0.1, 1), 0.1, 0.2);
    tally.completed(task(1.9, 1), 1.9, 2.4);
    const LoadReport report = report_of(tally);
    EXPECT_DOUBLE_EQ(report.offered, 1);
    EXPECT_DOUBLE_EQ(report.achieved, 0.5);
    EXPECT_EQ(report.achieved_by_second, (std::vector<double>{1, 0}));
    EXPECT_DOUBLE_EQ(report.operations[1].units, 500);
    EXPECT_DOUBLE_EQ(report.latency.max_seconds(), 0.5);
}

TEST(Tally, LeavesEpochsOut) {
    Tally tally({.operations = 2, .seconds = 8, .timeout_seconds = 5, .epochs_of_first_half = 4});
    for (const double at : {0.5, 1.5, 2.5, 3.5, 4.5, 7.5}) tally.completed(task(at), at, at + 0.1);
    EXPECT_EQ(tally.epoch_from(0), 0U);
    EXPECT_EQ(tally.epoch_from(1.2), 2U);
    EXPECT_EQ(tally.epoch_from(4), 4U);
    const LoadReport report = report_of(tally, 2);
    EXPECT_DOUBLE_EQ(report.warm_up_seconds, 2);
    EXPECT_DOUBLE_EQ(report.seconds, 6);
    EXPECT_EQ(report.operations[0].arrived, 4U);
    EXPECT_DOUBLE_EQ(report.achieved, 4.0 / 6);
}

// 2 clients, each inside for 0.3 s and thinking for 0.2 s, end 4 transactions in a second.
TEST(Tally, CountsClientsByLittlesLaw) {
    Tally tally({.operations = 2, .seconds = 1, .timeout_seconds = 5});
    for (const double at : {0.0, 0.0, 0.5, 0.5}) tally.completed(task(at), at, at + 0.3);
    EXPECT_DOUBLE_EQ(report_of(tally, 0, 0.2).clients_by_little, 2);
}

TEST(Tally, IsLateBehindAFreeConnectionOnlyByItsOwnFault) {
    Tally tally({.operations = 2, .seconds = 1, .timeout_seconds = 5});
    tally.began(task(0.5), 0.5004, 0.2);
    tally.began(task(0.5), 0.7, 0.7);  // none was free
    const LoadReport report = report_of(tally);
    EXPECT_EQ(report.schedule_error.count(), 1U);
    EXPECT_NEAR(report.schedule_error.max_seconds(), 0.0004, 1e-9);
    EXPECT_EQ(report.operations[0].late, 1U);
}

TEST(Tally, TwoAddUp) {
    const TallyOptions options{.operations = 2, .seconds = 1, .timeout_seconds = 5};
    Tally a(options);
    Tally b(options);
    a.completed(task(0.1), 0.1, 0.2);
    b.completed(task(0.1, 1), 0.1, 0.4);
    b.failed(task(0.3), 0.4, "XX000", "no");
    a.merge(b);
    const LoadReport report = report_of(a);
    EXPECT_EQ(report.latency.count(), 3U);
    EXPECT_EQ(report.operations[0].failed, 1U);
    EXPECT_DOUBLE_EQ(report.achieved, 2);
    EXPECT_EQ(a.half_seconds()[0].count, 2U);
    EXPECT_EQ(a.completed_so_far(), 2U);
}

}  // namespace
}  // namespace hone::prove
