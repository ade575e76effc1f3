#include "prove/bench/figures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hone::prove {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

LoadReport report_of(double seconds, std::uint64_t times) {
    LoadReport report;
    OperationReport operation;
    operation.name = "page";
    operation.arrived = times;
    operation.latency.record(seconds, times);
    report.operations.push_back(std::move(operation));
    return report;
}

TargetFigures judged(const LoadReport& report, double at_most, const std::string& saturation) {
    const std::vector<BenchTarget> targets{{"page", 0.99, at_most}};
    return judge_targets(targets, report, saturation).at(0);
}

TEST(BenchTarget, IsMetOrNot) {
    EXPECT_EQ(judged(report_of(0.010, 2000), 0.050, "").verdict, TargetVerdict::kMet);
    const TargetFigures missed = judged(report_of(0.080, 2000), 0.050, "");
    EXPECT_EQ(missed.verdict, TargetVerdict::kNotMet);
    EXPECT_EQ(missed.target, "p99 of page at most 50.0 ms");
}

TEST(BenchTarget, IsNotReachableWhereTheMachineWasTheEndOfIt) {
    const TargetFigures missed = judged(report_of(0.080, 2000), 0.050, "all cores were busy");
    EXPECT_EQ(missed.verdict, TargetVerdict::kNotReachableHere);
    EXPECT_THAT(missed.reason, HasSubstr("all cores were busy"));
    EXPECT_EQ(judged(report_of(0.010, 2000), 0.050, "all cores were busy").verdict,
              TargetVerdict::kMet);
}

TEST(BenchTarget, IsNotRunWithTooFewSamplesOrInAClosedLoop) {
    const TargetFigures few = judged(report_of(0.010, 999), 0.050, "");
    EXPECT_EQ(few.verdict, TargetVerdict::kNotRun);
    EXPECT_EQ(few.reason, "999 samples are too few: 1000 are needed, so run it longer");
    LoadReport closed = report_of(0.010, 2000);
    closed.open_loop = false;
    EXPECT_EQ(judged(closed, 0.050, "").verdict, TargetVerdict::kNotRun);
    LoadReport none = report_of(0.010, 2000);
    none.operations[0].arrived = 0;
    EXPECT_EQ(judged(none, 0.050, "").reason, "it did not come in this preset");
}

TEST(Saturation, IsToldOfTheGeneratorTheMachineAndTheServer) {
    const RunSetting setting{.connections = 8, .threads = 1, .cores = 2};
    LoadFigures load;
    load.offered = 100;
    load.achieved = 99;
    CostFigures costs;
    EXPECT_EQ(saturation_of(load, costs, setting), "");
    costs.server_cores = 1.8;
    EXPECT_EQ(saturation_of(load, costs, setting), "1.8 of the machine's 2 cores were busy");
    costs.server_cores = 0.5;
    load.achieved = 80;
    EXPECT_EQ(saturation_of(load, costs, setting),
              "the server kept up with 80 % of what was offered");
    load.generator_cores = 0.95;
    EXPECT_EQ(saturation_of(load, costs, setting),
              "the load generator itself was busy all the time");
}

TEST(CostFigures, AreForEachOperation) {
    const Usage before{.cpu_seconds = 1, .wal_bytes = 1000, .buffers_hit = 10, .buffers_read = 10};
    const Usage after{.cpu_seconds = 3, .wal_bytes = 5000, .buffers_hit = 100, .buffers_read = 20};
    const CostFigures costs = cost_figures(before, after, 1000, 4);
    EXPECT_DOUBLE_EQ(costs.cpu_seconds, 0.002);
    EXPECT_DOUBLE_EQ(costs.wal_bytes, 4);
    EXPECT_DOUBLE_EQ(costs.server_cores, 0.5);
    EXPECT_DOUBLE_EQ(costs.buffers.value(), 0.1);
    EXPECT_DOUBLE_EQ(costs.cache_hit_ratio.value(), 0.9);
}

TEST(LoadCaveats, HoldLittlesLawAgainstAClosedLoopAlone) {
    LoadFigures load;
    load.clients = 1000;
    load.clients_by_little = 0.1;
    EXPECT_THAT(load_caveats(load), IsEmpty());
    load.open_loop = false;
    EXPECT_EQ(load_caveats(load).size(), 2U);
}

TEST(Durations, HaveThreeDigitsForPeople) {
    EXPECT_EQ(duration_for_people(0.0008504), "850 us");
    EXPECT_EQ(duration_for_people(0.01234), "12.3 ms");
    EXPECT_EQ(duration_for_people(0.09996), "100 ms");
    EXPECT_EQ(duration_for_people(1.254), "1.25 s");
    EXPECT_EQ(percentile_for_people(std::nullopt), "too few");
}

}  // namespace
}  // namespace hone::prove
