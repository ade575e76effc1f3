#include "prove/compare/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace hone::prove {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Costs {
    double cpu_seconds = 0;  // per operation
    double wal_bytes = 0;
    double buffers = 0;
};

// What all subjects of a test wrote down, in the order in which it happened.
using Diary = std::vector<std::string>;

// Does `rate` operations a second with a ripple from slice to slice.
class FakeSubject final : public Subject {
  public:
    FakeSubject(std::string name, double rate, double ripple = 0, std::optional<Costs> costs = {},
                Diary* diary = nullptr)
        : name_(std::move(name)), rate_(rate), ripple_(ripple), costs_(costs), diary_(diary) {}

    const std::string& name() const override { return name_; }
    Result<Slice> run_slice(double seconds, std::uint64_t seed, Deadline) override {
        note("run");
        if (fail_) return Error{ErrorCode::kUnavailable, "connecting", "nobody answers"};
        seeds_.push_back(seed);
        const double rate = rate_ * (1 + ripple_ * (static_cast<double>(seed % 3) - 1));
        if (costs_) {
            used_.cpu_seconds += rate * seconds * costs_->cpu_seconds;
            used_.wal_bytes += rate * seconds * costs_->wal_bytes;
            used_.buffers_hit += rate * seconds * costs_->buffers;
        }
        return Slice{.operations = rate * seconds * stretch_,
                     .rate = rate,
                     .p99_seconds = p99_seconds_,
                     .mean_seconds = p99_seconds_ / 4};
    }
    Result<std::optional<Usage>> usage(Deadline) override {
        return costs_ ? std::optional(used_) : std::nullopt;
    }
    Status settle(Deadline) override {
        note("settle");
        return {};
    }

    bool fail_ = false;
    double stretch_ = 1;  // how many times as long as asked a slice takes
    double p99_seconds_ = 0;
    std::vector<std::uint64_t> seeds_;

  private:
    void note(std::string_view what) {
        if (diary_ != nullptr) diary_->push_back(name_ + " " + std::string(what));
    }
    std::string name_;
    double rate_;
    double ripple_;
    std::optional<Costs> costs_;
    Diary* diary_;
    Usage used_{.cpu_seconds = 5, .wal_bytes = 1e6, .buffers_hit = 100};
};

Result<Measured> measure_all(std::vector<Subject*> subjects, const CompareOptions& options) {
    return measure(subjects, options, silent_progress(), Deadline::after(Seconds{60}));
}

CompareOptions ten_rounds(std::size_t subjects) {
    return {.seconds_at_most = 10 * static_cast<double>(subjects), .seed = 9};
}

TEST(Comparison, RoundsFillTheTimeAndGiveEverySubjectTheSameSeeds) {
    FakeSubject a("current", 100);
    FakeSubject b("control", 100);
    FakeSubject c("planned", 100);
    const auto measured = measure_all({&a, &b, &c}, {.seconds_at_most = 20, .seed = 30});
    ASSERT_TRUE(measured.ok()) << measured.error().message();
    EXPECT_EQ(measured->rounds, 6);
    EXPECT_EQ(measured->seconds, 18);
    EXPECT_FALSE(measured->narrow);
    EXPECT_THAT(a.seeds_, ElementsAre(29, 30, 31, 32, 33, 34, 35));
    EXPECT_EQ(a.seeds_, b.seeds_);
    EXPECT_EQ(a.seeds_, c.seeds_);
    for (const SubjectSeries& series : measured->subjects) {
        EXPECT_THAT(series.slices, SizeIs(6));
        EXPECT_THAT(series.usages, IsEmpty());
    }
}

TEST(Comparison, EverySubjectIsWarmedUpAndSettledBeforeTheFirstRound) {
    Diary diary;
    FakeSubject a("a", 100, 0, {}, &diary);
    FakeSubject b("b", 100, 0, {}, &diary);
    ASSERT_TRUE(measure_all({&a, &b}, {.seconds_at_most = 12}).ok());
    ASSERT_EQ(diary.size(), 16U);
    diary.resize(4);
    EXPECT_THAT(diary, ElementsAre("a run", "b run", "a settle", "b settle"));
}

TEST(Comparison, TooLittleTimeIsRefusedWithTheLeastThatWorks) {
    FakeSubject a("a", 100);
    FakeSubject b("b", 100);
    FakeSubject c("c", 100);
    const auto measured = measure_all({&a, &b, &c}, {.seconds_at_most = 17.5});
    ASSERT_FALSE(measured.ok());
    EXPECT_EQ(measured.error().message(),
              "planning 17.5 s of measuring: too short for 6 rounds of 3 slices of 1 s: allow 18 s "
              "or more");
    EXPECT_THAT(a.seeds_, IsEmpty());
}

TEST(Comparison, WithoutAControlAndForeverAreRefused) {
    FakeSubject a("a", 100);
    FakeSubject b("b", 100);
    EXPECT_FALSE(measure_all({&a}, {}).ok());
    EXPECT_FALSE(measure_all({&a, &b}, {.seconds_at_most = 1e9}).ok());
    EXPECT_FALSE(measure_all({&a, &b}, {.seconds_at_most = std::nan("")}).ok());
    EXPECT_FALSE(measure_all({&a, &b}, {.slice_seconds = 0}).ok());
}

TEST(Comparison, SlicesThatRunLongerEatTheTime) {
    FakeSubject a("a", 100);
    FakeSubject b("b", 100);
    b.stretch_ = 3;
    const auto measured = measure_all({&a, &b}, {.seconds_at_most = 60});
    ASSERT_TRUE(measured.ok());
    EXPECT_EQ(measured->rounds, 15);
    EXPECT_EQ(measured->seconds, 60);
    const auto short_run = measure_all({&a, &b}, {.seconds_at_most = 12});
    ASSERT_TRUE(short_run.ok());
    EXPECT_EQ(short_run->rounds, 6) << "fewer rounds than these judge nothing";
}

TEST(Comparison, SubjectThatFailsEndsItWithItsName) {
    FakeSubject a("current", 100);
    FakeSubject b("control", 100);
    b.fail_ = true;
    const auto measured = measure_all({&a, &b}, {});
    ASSERT_FALSE(measured.ok());
    EXPECT_EQ(measured.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(measured.error().message(), "loading 'control': connecting: nobody answers");
}

TEST(Comparison, SliceWithoutAnyOperationIsAnErrorAndNoNumber) {
    FakeSubject a("a", 100);
    FakeSubject b("b", 0);
    const auto measured = measure_all({&a, &b}, {});
    ASSERT_FALSE(measured.ok());
    EXPECT_EQ(measured.error().code(), ErrorCode::kFailedPrecondition);
}

TEST(Comparison, DeadlineEndsItBetweenSlices) {
    FakeSubject a("a", 100);
    FakeSubject b("b", 100);
    std::vector<Subject*> subjects{&a, &b};
    const auto measured = measure(subjects, {}, silent_progress(), Deadline::after(Seconds{0}));
    ASSERT_FALSE(measured.ok());
    EXPECT_EQ(measured.error().code(), ErrorCode::kDeadlineExceeded);
    EXPECT_THAT(a.seeds_, IsEmpty());
}

TEST(Comparison, StopsWhenTheIntervalIsNarrowEnough) {
    FakeSubject a("a", 100, 0.002);
    FakeSubject b("b", 101, -0.002);
    FakeSubject c("c", 120, 0.002);
    const auto measured =
        measure_all({&a, &b, &c}, {.seconds_at_most = 300, .wanted_half_width = 0.02});
    ASSERT_TRUE(measured.ok());
    EXPECT_EQ(measured->rounds, 12);
    EXPECT_TRUE(measured->narrow);
}

TEST(Comparison, GoesOnToTheEndWhereTheIntervalStaysWide) {
    FakeSubject a("a", 100, 0.3);
    FakeSubject b("b", 100, -0.3);
    FakeSubject c("c", 100, -0.3);
    const auto measured =
        measure_all({&a, &b, &c}, {.seconds_at_most = 90, .wanted_half_width = 0.02});
    ASSERT_TRUE(measured.ok());
    EXPECT_EQ(measured->rounds, 30);
    EXPECT_FALSE(measured->narrow);
}

TEST(Comparison, LosersCanBeGivenUp) {
    FakeSubject a("a", 100, 0.01);
    FakeSubject b("b", 100, -0.01);
    FakeSubject c("c", 50, 0.01);
    CompareOptions options{.seconds_at_most = 300};
    options.give_up = [](const Measured& measured) {
        return effect_of(measured, 2).strict_interval().high < 1;
    };
    const auto measured = measure_all({&a, &b, &c}, options);
    ASSERT_TRUE(measured.ok());
    EXPECT_EQ(measured->rounds, 12);
    EXPECT_FALSE(measured->narrow);
}

TEST(Evidence, FasterCandidateIsToldWithItsCosts) {
    FakeSubject a("default", 1000, 0.01, Costs{0.001, 500, 20});
    FakeSubject b("control", 1000, -0.01, Costs{0.001, 500, 20});
    FakeSubject c("planned", 1300, 0.02, Costs{0.0009, 250, 15});
    const auto measured = measure_all({&a, &b, &c}, ten_rounds(3));
    ASSERT_TRUE(measured.ok());
    const CandidateEvidence evidence = judge_candidate(*measured, 2);
    EXPECT_EQ(evidence.candidate, "planned");
    EXPECT_EQ(evidence.effect.metric, "operations per second");
    EXPECT_EQ(evidence.effect.verdict, Verdict::kFaster);
    EXPECT_NEAR(evidence.effect.ratio, 1.3, 0.01);
    EXPECT_EQ(evidence.effect.pairs, 10);
    EXPECT_EQ(evidence.control.verdict, Verdict::kNoDifference);
    EXPECT_GT(evidence.effect.smallest_effect, 0);
    ASSERT_THAT(evidence.companions, SizeIs(3));
    EXPECT_EQ(evidence.companions[0].metric, "server CPU seconds per operation");
    EXPECT_NEAR(evidence.companions[0].ratio, 0.9, 1e-6);
    EXPECT_EQ(evidence.companions[1].metric, "WAL bytes per operation");
    EXPECT_NEAR(evidence.companions[1].ratio, 0.5, 1e-6);
    EXPECT_EQ(evidence.companions[2].metric, "buffers per operation");
    EXPECT_NEAR(evidence.companions[2].ratio, 0.75, 1e-6);
}

TEST(Evidence, CandidateIsComparedWithTheMeanOfBaselineAndControl) {
    FakeSubject a("a", 900);
    FakeSubject b("b", 1111.1111);
    FakeSubject c("c", 1000);
    const auto measured = measure_all({&a, &b, &c}, ten_rounds(3));
    ASSERT_TRUE(measured.ok());
    EXPECT_NEAR(judge_candidate(*measured, 2).effect.ratio, 1.0, 1e-6);
}

TEST(Evidence, CostsThatWereNotReadAreLeftOut) {
    FakeSubject a("a", 1000, 0.01, Costs{0, 100, 0});
    FakeSubject b("b", 1000, 0, Costs{0, 100, 0});
    FakeSubject c("c", 1000, 0, Costs{0, 100, 0});
    CompareOptions options = ten_rounds(3);
    options.operation = "transaction";
    const auto writing = measure_all({&a, &b, &c}, options);
    ASSERT_TRUE(writing.ok());
    ASSERT_THAT(judge_candidate(*writing, 2).companions, SizeIs(1));
    EXPECT_EQ(judge_candidate(*writing, 2).companions[0].metric, "WAL bytes per transaction");
    options.writes = false;
    const auto reading = measure_all({&a, &b, &c}, options);
    ASSERT_TRUE(reading.ok());
    EXPECT_THAT(judge_candidate(*reading, 2).companions, IsEmpty());
}

TEST(Evidence, AtAFixedRateTheShorterLatencyIsFaster) {
    FakeSubject a("a", 1000);
    FakeSubject b("b", 1000);
    FakeSubject c("c", 1000);
    a.p99_seconds_ = b.p99_seconds_ = 0.020;
    c.p99_seconds_ = 0.010;
    CompareOptions options = ten_rounds(3);
    options.judged = Judged::kP99Latency;
    const auto measured = measure_all({&a, &b, &c}, options);
    ASSERT_TRUE(measured.ok());
    const CandidateEvidence evidence = judge_candidate(*measured, 2);
    EXPECT_EQ(evidence.effect.metric, "speed by p99 latency");
    EXPECT_NEAR(evidence.effect.ratio, 2, 1e-6);
    EXPECT_EQ(evidence.effect.verdict, Verdict::kFaster);
    ASSERT_THAT(evidence.companions, SizeIs(2));
    EXPECT_EQ(evidence.companions[1].metric, "p99 latency");
    EXPECT_NEAR(evidence.companions[1].ratio, 0.5, 1e-6);
}

TEST(Evidence, LatencyThatIsJudgedMustBeTold) {
    FakeSubject a("a", 1000);
    FakeSubject b("b", 1000);
    CompareOptions options = ten_rounds(2);
    options.judged = Judged::kMeanLatency;
    const auto measured = measure_all({&a, &b}, options);
    ASSERT_FALSE(measured.ok());
    EXPECT_EQ(measured.error().code(), ErrorCode::kFailedPrecondition);
}

TEST(Evidence, AnySubjectIsComparedWithAnyOther) {
    FakeSubject a("default", 1000, 0.01);
    FakeSubject b("control", 1000, -0.01);
    FakeSubject c("pgtune", 1100, 0.02);
    FakeSubject d("hone", 1320, 0.02);
    const auto measured = measure_all({&a, &b, &c, &d}, ten_rounds(4));
    ASSERT_TRUE(measured.ok());
    const Comparison comparison = compare_subjects(*measured, 3, 2);
    EXPECT_NEAR(comparison.ratio, 1.2, 1e-6);
    EXPECT_EQ(comparison.pairs, 10);
    EXPECT_EQ(comparison.verdict, Verdict::kCannotTell);
}

}  // namespace
}  // namespace hone::prove
