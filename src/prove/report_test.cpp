#include "prove/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "prove/html.hpp"

namespace hone::prove {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Comparison comparison(double ratio, double low, double high, Verdict verdict) {
    return {.metric = "transactions per second",
            .ratio = ratio,
            .interval = {low, high},
            .smallest_effect = 0.09,
            .pairs = 6,
            .verdict = verdict};
}

WorkloadEvidence faster_workload() {
    return {.workload = "read-write",
            .control = comparison(1.01, 0.97, 1.05, Verdict::kNoDifference),
            .effect = comparison(1.21, 1.12, 1.31, Verdict::kFaster),
            .companions = {{.metric = "server CPU seconds per transaction",
                            .ratio = 0.90,
                            .interval = {0.86, 0.94},
                            .smallest_effect = 0.05,
                            .pairs = 6,
                            .verdict = Verdict::kCannotTell}},
            .sentence = "21 % faster (95 % interval: 12 % faster to 31 % faster).",
            .slice_seconds = 1,
            .clients = 4,
            .current_rates = {1000, 1100, 900, 1050, 980, 1010},
            .control_rates = {1020, 1080, 930, 1040, 990, 1000},
            .planned_rates = {1220, 1310, 1150, 1240, 1190, 1230},
            .not_run_because = {}};
}

WorkloadEvidence missing_workload() {
    WorkloadEvidence workload;
    workload.workload = "bulk-upsert";
    workload.effect.verdict = Verdict::kNotRun;
    workload.not_run_because = "the planned settings do not boot";
    return workload;
}

Evidence sample_evidence() {
    return {.plan_id = "3f2a9c0d11e2",
            .server_build = "15.20",
            .measured_at = "2026-11-20T14:00:00Z",
            .seed = 42,
            .seconds = 120,
            .scale = 10,
            .workloads = {faster_workload(), missing_workload()},
            .caveats = {"All servers share 2 cores."}};
}

Plan sample_plan() {
    Plan plan;
    plan.server_version = 15;
    plan.machine = {Bytes::giga(16), "cgroup", 4, "quota", StorageClass::kNvme, "measured"};
    plan.profile = "high-performance";
    plan.workload = "ingest";
    Change change;
    change.setting = "shared_buffers";
    change.from = "128MB";
    change.to = "4GB";
    change.context = SettingContext::kRestart;
    change.reason = "A quarter of the memory.";
    change.source = "manual 20.4";
    plan.changes = {change};
    plan.budget = {Bytes::giga(16),
                   "cgroup",
                   {{"shared_buffers", Bytes::giga(4), "fixed"},
                    {"work_mem", Bytes::giga(5), "100 connections x 2 nodes"}}};
    return plan;
}

TEST(Report, PageSaysVerdictSettingsMemoryAndHowToRepeat) {
    const std::string page =
        report_html(sample_plan(), sample_evidence(), "hone prove plan.json --seed 42");
    EXPECT_THAT(page, HasSubstr("Of 2 workloads: 1 faster with the plan, 1 not run."));
    EXPECT_THAT(page, HasSubstr("<span class=\"pill verdict-faster\">faster</span>"));
    EXPECT_THAT(page, HasSubstr("the planned settings do not boot"));
    EXPECT_THAT(page, HasSubstr("128MB → <b>4GB</b>"));
    EXPECT_THAT(page, HasSubstr("A quarter of the memory."));
    EXPECT_THAT(page, HasSubstr("At worst 9 GB of 16 GB (cgroup): it fits."));
    EXPECT_THAT(page, HasSubstr("All servers share 2 cores."));
    EXPECT_THAT(page, HasSubstr("<code>hone prove plan.json --seed 42</code>"));
    EXPECT_THAT(page, HasSubstr("server CPU seconds per transaction: -10.0 % with the plan"));
}

TEST(Report, PageLoadsNothingAndRunsNothing) {
    const std::string page = report_html(sample_plan(), sample_evidence(), "hone prove p");
    for (const char* forbidden :
         {"<script", "<link", "<img", "<iframe", "url(", "@import", "src=", "href=", "onload="})
        EXPECT_THAT(page, Not(HasSubstr(forbidden)));
    EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'unsafe-inline'"));
    EXPECT_THAT(page, HasSubstr("prefers-color-scheme: dark"));
    EXPECT_THAT(page, HasSubstr("@media print"));
}

// Every text that comes from outside carries markup; none of it may reach the page as markup.
TEST(Report, MarkupInPlanAndEvidenceStaysText) {
    const std::string attack = "\"'><script>alert(1)</script><b onload=x>";
    Plan plan = sample_plan();
    Change& change = plan.changes[0];
    for (std::string* text :
         {&change.setting, &change.from, &change.to, &change.reason, &change.source,
          &plan.machine.memory_source, &plan.machine.cores_source, &plan.machine.storage_source,
          &plan.profile, &plan.profile_reason, &plan.workload, &plan.workload_reason,
          &plan.budget.limit_source, &plan.budget.terms[0].name, &plan.budget.terms[0].explanation})
        *text = attack;
    plan.notices = {{Severity::kCritical, attack, attack, attack}};
    Evidence evidence = sample_evidence();
    evidence.server_build = attack;
    evidence.measured_at = attack;
    evidence.caveats = {attack};
    evidence.workloads[0].workload = attack;
    evidence.workloads[0].sentence = attack;
    evidence.workloads[0].companions[0].metric = attack;
    evidence.workloads[1].not_run_because = attack;
    const std::string page = report_html(plan, evidence, attack);
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<b onload")));
    EXPECT_THAT(page, HasSubstr("&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(Report, NothingRunMakesNoCharts) {
    Evidence evidence = sample_evidence();
    evidence.workloads = {missing_workload()};
    const std::string page = report_html(sample_plan(), evidence, "hone prove p");
    EXPECT_THAT(page, HasSubstr("Of 1 workload: 1 not run."));
    EXPECT_THAT(page, Not(HasSubstr("Slice by slice")));
    EXPECT_THAT(page, Not(HasSubstr("relative to the current settings</title>")));
}

TEST(Report, TerminalTableHasVerdictRatioIntervalAndControl) {
    const std::string text = report_text(sample_evidence(), false);
    EXPECT_THAT(text, HasSubstr("  read-write   faster         1.210  1.12 to 1.31  "));
    EXPECT_THAT(text, HasSubstr("0.97 to 1.05        9 %"));
    EXPECT_THAT(text, HasSubstr("  bulk-upsert not run: the planned settings do not boot"));
    EXPECT_THAT(text, HasSubstr("Seed 42"));
    EXPECT_THAT(text, Not(HasSubstr("\033[")));
    EXPECT_THAT(report_text(sample_evidence(), true), HasSubstr("\033[1;32mfaster"));
}

TEST(Html, EscapesWhatHasAMeaningInMarkup) {
    EXPECT_EQ(escaped("<a href=\"x\">&'\x01"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;?");
}

TEST(Html, RatesAreReadable) {
    EXPECT_EQ(rate_for_people(0.4567), "0.46");
    EXPECT_EQ(rate_for_people(45.67), "45.7");
    EXPECT_EQ(rate_for_people(999), "999");
    EXPECT_EQ(rate_for_people(12345.6), "12 346");
    EXPECT_EQ(rate_for_people(1234567), "1 234 567");
}

}  // namespace
}  // namespace hone::prove
