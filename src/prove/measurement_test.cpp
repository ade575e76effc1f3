#include "prove/measurement.hpp"

#include <gtest/gtest.h>

namespace hone::prove {
namespace {

constexpr int kRounds = 8;

// `rate` with a ripple that differs between the servers, each transaction costing so much.
ArmSeries series(double rate, double ripple, double cpu_per_transaction,
                 double wal_per_transaction) {
    ArmSeries series;
    Usage usage{.cpu_seconds = 5, .wal_bytes = 1e6};
    for (int round = 0; round < kRounds; ++round) {
        const double here = rate * (1 + ripple * (round % 3 - 1));
        series.rates.push_back(here);
        series.transactions.push_back(here);
        series.usages.push_back(usage);
        usage.cpu_seconds += here * cpu_per_transaction;
        usage.wal_bytes += here * wal_per_transaction;
    }
    series.usages.push_back(usage);
    return series;
}

LoadSchedule schedule_of(std::string_view load) {
    return {
        .load = load_named(load),
        .slice_seconds = 1,
        .rounds = std::vector<Round>(kRounds, Round{Arm::kCurrent, Arm::kControl, Arm::kPlanned})};
}

WorkloadEvidence evidence_of(const Measurement& measurement, std::string_view load) {
    LoadRun run;
    run.clients = 4;
    run.seed = 11;
    return evidence_from(measurement, schedule_of(load), run, 3);
}

TEST(Measurement, FasterServerIsToldWithItsCosts) {
    const Measurement measurement{{series(1000, 0.01, 0.001, 500), series(1000, -0.01, 0.001, 500),
                                   series(1300, 0.02, 0.0009, 250)}};
    const WorkloadEvidence evidence = evidence_of(measurement, "read-write");
    EXPECT_EQ(evidence.workload, "read-write");
    EXPECT_EQ(evidence.effect.verdict, Verdict::kFaster);
    EXPECT_NEAR(evidence.effect.ratio, 1.3, 0.01);
    EXPECT_EQ(evidence.effect.pairs, 8);
    EXPECT_EQ(evidence.control.verdict, Verdict::kNoDifference);
    ASSERT_EQ(evidence.companions.size(), 2U);
    EXPECT_EQ(evidence.companions[0].metric, "server CPU seconds per transaction");
    EXPECT_NEAR(evidence.companions[0].ratio, 0.9, 1e-6);
    EXPECT_EQ(evidence.companions[1].metric, "WAL bytes per transaction");
    EXPECT_NEAR(evidence.companions[1].ratio, 0.5, 1e-6);
    EXPECT_EQ(evidence.control_rates.size(), 8U);
    EXPECT_EQ(evidence.clients, 4);
}

TEST(Measurement, PlannedIsComparedWithTheMeanOfBothCurrentServers) {
    const Measurement measurement{
        {series(900, 0, 0.001, 1), series(1111.1111, 0, 0.001, 1), series(1000, 0, 0.001, 1)}};
    EXPECT_NEAR(evidence_of(measurement, "read-write").effect.ratio, 1.0, 1e-6);
}

TEST(Measurement, ReadingLoadsHaveNoWalPerTransaction) {
    const Measurement measurement{
        {series(1000, 0.01, 0.001, 1), series(1000, 0, 0.001, 1), series(1000, 0, 0.001, 1)}};
    EXPECT_EQ(evidence_of(measurement, "read-only").companions.size(), 1U);
}

TEST(Measurement, CostThatCouldNotBeReadIsLeftOut) {
    const Measurement measurement{
        {series(1000, 0.01, 0, 100), series(1000, 0, 0, 100), series(1000, 0, 0, 100)}};
    const auto evidence = evidence_of(measurement, "bulk-upsert");
    ASSERT_EQ(evidence.companions.size(), 1U);
    EXPECT_EQ(evidence.companions[0].metric, "WAL bytes per transaction");
}

}  // namespace
}  // namespace hone::prove
