#include "prove/autotune/report.hpp"

#include <gtest/gtest.h>

#include "prove/autotune/test_plans.hpp"

namespace hone::prove {
namespace {

AutotuneReport report(Verdict verdict) {
    const auto machine = testing::planned_machine(Bytes::giga(16));
    AutotuneReport report;
    report.id = "20261120T130501Z-0000";
    report.job.load = "pgbench read-write, scale 10";
    report.job.budget_seconds = 480;
    report.plan = machine.plan;
    report.space =
        make_search_space(machine.plan, machine.catalogue, machine.planned,
                          {.writes = true, .seconds_per_server = 8, .most_dimensions = 2});
    Evaluation evaluation;
    evaluation.number = 1;
    evaluation.point = evaluation.proposed = {1, 2};
    evaluation.screening.standing = Standing::kBetter;
    evaluation.score = 0.405465;  // ln 1.5
    report.result.evaluations.push_back(evaluation);
    report.result.candidate = evaluation.point;
    Check check;
    check.effect.ratio = 1.2;
    check.effect.interval = {1.1, 1.3};
    check.effect.verdict = verdict;
    check.effect.smallest_effect = 0.25;
    check.control.interval = {0.97, 1.02};
    report.result.check = check;
    report.result.spent_seconds = 474;
    report.result.ended_because = "the time was used up";
    return report;
}

TEST(AutotuneReport, SaysWhatHeldOnFreshServersBesideWhatTheSearchSaw) {
    const AutotuneReport better = report(Verdict::kFaster);
    EXPECT_EQ(
        headline(better),
        "Better than the plan: 20 % faster (95 % interval: 10 % faster to 30 % faster) on fresh "
        "servers.");
    EXPECT_EQ(
        explanations(better)[0],
        "In the search it looked 50 % faster. On fresh servers with fresh data it was 20 % "
        "faster (95 % interval: 10 % faster to 30 % faster); two servers with equal settings in "
        "the same minutes: 3.0 % slower to 2.0 % faster.");
}

TEST(AutotuneReport, DoesNotPraiseWhatDidNotHold) {
    const AutotuneReport worse = report(Verdict::kNoDifference);
    EXPECT_EQ(headline(worse), "Nothing better than the plan found.");
    EXPECT_EQ(explanations(worse)[1], "What was found in the search did not hold: the plan stays.");
}

TEST(AutotuneReport, SaysWhenNoiseHidWhatItLookedFor) {
    const AutotuneReport unknown = report(Verdict::kCannotTell);
    EXPECT_EQ(headline(unknown), "Nothing better than the plan found.");
    EXPECT_EQ(explanations(unknown)[1],
              "Whether it is better cannot be told: this check could have found a change of 25 % "
              "or more. The plan stays; a longer --budget or a quieter hour sees more.");
}

TEST(AutotuneReport, NamesEverySettingWithBothValues) {
    const auto settings = found_settings(report(Verdict::kFaster));
    ASSERT_EQ(settings.size(), 2U);
    EXPECT_EQ(settings[0].setting, "shared_buffers");
    EXPECT_EQ(settings[0].planned, "4GB");
    EXPECT_EQ(settings[0].found, "512MB");
    EXPECT_EQ(settings[1].found, "8GB");
}

TEST(AutotuneReport, ItsDocumentHasTheVersionAndTheVerdict) {
    const json::object document = to_json(report(Verdict::kFaster));
    EXPECT_EQ(document.at("schema_version"), 1);
    EXPECT_EQ(document.at("better"), true);
    EXPECT_EQ(document.at("checked").at("shared_buffers"), "512MB");
    EXPECT_EQ(document.at("planned").at("shared_buffers"), "4GB");
    EXPECT_EQ(document.at("evaluations").at(0).at("screening").at("standing"), "better");
    EXPECT_TRUE(document.at("plan_file").is_null());
}

}  // namespace
}  // namespace hone::prove
