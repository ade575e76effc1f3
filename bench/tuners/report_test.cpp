#include <gtest/gtest.h>

#include "bench/tuners/bench_load.hpp"
#include "bench/tuners/experiment.hpp"
#include "bench/tuners/report.hpp"
#include "bench/tuners/resource_group.hpp"
#include "bench/tuners/standing.hpp"

namespace hone::bench {

namespace {

prove::SubjectSeries series(std::string name, double rate) {
    prove::SubjectSeries subject;
    subject.name = std::move(name);
    // A little noise, the same for all: ratios are exact.
    for (const double noise : {1.0, 1.02, 0.97, 1.01, 0.99, 1.03, 0.98, 1.0})
        subject.slices.push_back({.operations = rate * noise, .rate = rate * noise});
    return subject;
}

LoadOutcome load(double pgtune, double hone) {
    LoadOutcome outcome;
    outcome.name = "a load";
    outcome.operation = "transaction";
    outcome.contestants = {
        {"default", {}, {}}, {"default again", {}, {}}, {"pgtune", {}, {}}, {"hone", {}, {}}};
    prove::Measured measured;
    measured.rounds = 8;
    measured.subjects = {series("default", 100), series("default again", 100),
                         series("pgtune", pgtune), series("hone", hone)};
    outcome.measured = measured;
    return outcome;
}

}  // namespace

TEST(Standing, IsAheadLevelOrBehind) {
    EXPECT_EQ(standing_of({.ratio = 1.04, .interval = {1.01, 1.07}}), Standing::kAhead);
    EXPECT_EQ(standing_of({.ratio = 1.04, .interval = {0.99, 1.09}}), Standing::kLevel);
    EXPECT_EQ(standing_of({.ratio = 0.985, .interval = {0.98, 0.99}}), Standing::kLevel);
    EXPECT_EQ(standing_of({.ratio = 0.97, .interval = {0.9, 1.04}}), Standing::kBehind);
    EXPECT_EQ(standing_of({.ratio = 0.97, .interval = {0.95, 0.99}}), Standing::kSurelyBehind);
}

TEST(Standing, ComparesHoneWithEveryOther) {
    const LoadOutcome outcome = load(110, 121);
    EXPECT_NEAR(hone_against(outcome, "default")->ratio, 1.21, 1e-9);
    EXPECT_NEAR(hone_against(outcome, "pgtune")->ratio, 1.1, 1e-9);
    EXPECT_FALSE(hone_against(outcome, "pgconfig").has_value());
}

TEST(Standing, CountsAheadAndBehindOverAllLoads) {
    Outcome outcome;
    outcome.loads = {load(110, 121), load(110, 121), load(100, 90), LoadOutcome{}};
    const std::vector<Score> scores = scores_of(outcome);
    ASSERT_EQ(scores.size(), 2u);
    EXPECT_EQ(sentence_of(scores[0]),
              "Ahead of default on 2 of 3 loads, more than 2 % behind on 1, surely on 1.");
    EXPECT_EQ(scores[1].other, "pgtune");
    EXPECT_FALSE(scores[1].goal_met());
}

TEST(Report, ReplacesItsSectionAndLeavesTheRest) {
    const std::string first = with_section("# Benchmarks\n", "old\n");
    EXPECT_EQ(first,
              "# Benchmarks\n\n<!-- hone_tuners_bench: begin -->\nold\n"
              "<!-- hone_tuners_bench: end -->\n");
    EXPECT_EQ(with_section(first + "\nmore\n", "new\n"),
              "# Benchmarks\n\n<!-- hone_tuners_bench: begin -->\nnew\n"
              "<!-- hone_tuners_bench: end -->\n\nmore\n");
}

TEST(Variant, IsAToolAndItsChanges) {
    const auto variant = parse_variant("hone jit=on shared_buffers=1GB");
    ASSERT_TRUE(variant.ok());
    EXPECT_EQ(variant->tool, "hone");
    EXPECT_EQ(name_of(*variant), "hone jit=on shared_buffers=1GB");
    EXPECT_FALSE(parse_variant("hone").ok());
    EXPECT_FALSE(parse_variant("hone jit").ok());
    EXPECT_FALSE(parse_variant("").ok());
}

TEST(Sysbench, RateIsReadFromItsReport) {
    const auto slice = slice_from_sysbench(
        "    transactions:                        2031   (1012.34 per sec.)\n"
        "    queries:                             32496  (16197.4 per sec.)\n");
    ASSERT_TRUE(slice.ok());
    EXPECT_DOUBLE_EQ(slice->operations, 2031);
    EXPECT_DOUBLE_EQ(slice->rate, 1012.34);
    EXPECT_FALSE(slice_from_sysbench("FATAL: unable to connect").ok());
    EXPECT_FALSE(slice_from_sysbench("transactions: 0 (0.00 per sec.)").ok());
}

TEST(Sizes, FollowFromTheMemory) {
    const Sizes sizes = sizes_for(Bytes::giga(2), 1);
    EXPECT_EQ(sizes.pgbench_scale, 204);
    EXPECT_EQ(sizes.sysbench_rows, 1065220);
}

TEST(ResourceGroup, FindsTheControllersPath) {
    const std::string first =
        "4:memory:/job/one\n2:cpu,cpuacct:/\n1:name=systemd:/init.scope\n0::/user.slice\n";
    EXPECT_EQ(path_of_controller(first, "memory"), "/job/one");
    EXPECT_EQ(path_of_controller(first, "cpuacct"), "/");
    EXPECT_EQ(path_of_controller(first, ""), "/user.slice");
    EXPECT_FALSE(path_of_controller(first, "blkio").has_value());
}

}  // namespace hone::bench
