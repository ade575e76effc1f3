#include "model/verdict.hpp"

#include <gtest/gtest.h>

namespace hone {
namespace {

TEST(Verdict, NotRunWorkloadCarriesItsReasonAndNoNumber) {
    Evidence evidence;
    evidence.workloads.resize(1);
    evidence.workloads[0].workload = "read-only";
    evidence.workloads[0].effect.verdict = Verdict::kNotRun;
    evidence.workloads[0].not_run_because = "no pgbench";
    EXPECT_EQ(to_json_line(to_json(evidence).at("workloads")),
              R"([{"workload":"read-only","verdict":"not run","not_run_because":"no pgbench"}])");
}

TEST(Verdict, ComparisonNamesItsIntervalAndWhatItCouldHaveFound) {
    Comparison comparison{.metric = "transactions per second",
                          .ratio = 1.25,
                          .interval = {1.125, 1.5},
                          .smallest_effect = 0.0625,
                          .pairs = 13,
                          .verdict = Verdict::kFaster};
    const json::object object = to_json(comparison);
    EXPECT_EQ(object.at("verdict"), "faster");
    EXPECT_EQ(object.at("interval_low"), 1.125);
    EXPECT_EQ(object.at("interval_high"), 1.5);
    EXPECT_EQ(object.at("smallest_effect"), 0.0625);
    comparison.smallest_effect = 0;
    EXPECT_FALSE(to_json(comparison).contains("smallest_effect"));
}

TEST(Verdict, CostsCarryNoVerdict) {
    Evidence evidence;
    evidence.workloads.resize(1);
    evidence.workloads[0].companions.resize(1);
    const json::object document = to_json(evidence);
    const json::object& companion =
        document.at("workloads").as_array()[0].at("companions").as_array()[0].as_object();
    EXPECT_TRUE(companion.contains("ratio"));
    EXPECT_FALSE(companion.contains("verdict"));
}

}  // namespace
}  // namespace hone
