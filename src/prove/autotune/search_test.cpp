#include "prove/autotune/search.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/random.hpp"
#include "base/text.hpp"
#include "prove/autotune/test_plans.hpp"

namespace hone::prove {
namespace {

using testing::planned_machine;
using testing::PlannedMachine;

// A SIMULATION in the place of servers: the speed is a function of the values, and what is seen of
// it has noise. Time is counted, not waited for.
class SimulatedJudge : public Judge {
  public:
    using Speed = std::function<double(const SettingValues&)>;  // natural logarithm
    SimulatedJudge(Speed speed, double noise) : speed_(std::move(speed)), noise_(noise) {}

    Result<Screening> screen(const SettingValues& incumbent, const SettingValues& candidate,
                             std::uint64_t seed, Progress&, Deadline) override {
        ++screened;
        clock += 20;
        Screening screening;
        if (refuses && refuses(candidate))
            return Screening{Standing::kRefused, {}, "it does not boot"};
        screening.effect = seen(incumbent, candidate, noise_, seed);
        if (screening.effect.interval.low > 1) screening.standing = Standing::kBetter;
        if (screening.effect.interval.high < 1.02) screening.standing = Standing::kNotBetter;
        return screening;
    }

    Result<Check> check(const SettingValues& plan, const SettingValues& found, double seconds,
                        std::uint64_t seed, Progress&, Deadline) override {
        clock += seconds;
        Check check;
        check.effect = seen(plan, found, noise_ / 2, seed);
        if (check.effect.interval.low > 1) check.effect.verdict = Verdict::kFaster;
        return check;
    }

    double clock = 0;
    int screened = 0;
    std::function<bool(const SettingValues&)> refuses;

  private:
    Comparison seen(const SettingValues& from, const SettingValues& to, double standard_error,
                    std::uint64_t seed) const {
        const double log_ratio = speed_(to) - speed_(from) + standard_error * normal(seed);
        Comparison comparison;
        comparison.ratio = std::exp(log_ratio);
        comparison.interval = {std::exp(log_ratio - 1.96 * standard_error),
                               std::exp(log_ratio + 1.96 * standard_error)};
        return comparison;
    }
    static double normal(std::uint64_t seed) {
        Random random(seed);
        const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
        return radius * std::cos(2 * std::numbers::pi * random.unit());
    }
    Speed speed_;
    double noise_;
};

struct Kept : Recorder {
    Status evaluated(const Evaluation& evaluation) override {
        past.evaluations.push_back(evaluation);
        return {};
    }
    Status checking(const Point&) override { return {}; }
    Status checked(const Check& check, double) override {
        past.check = check;
        return {};
    }
    SearchPast past;
};

struct Bench {
    explicit Bench(int dimensions)
        : machine(planned_machine(Bytes::giga(16))),
          space(make_search_space(
              machine.plan, machine.catalogue, machine.planned,
              {.writes = true, .seconds_per_server = 600, .most_dimensions = dimensions})),
          guard(machine.plan, machine.catalogue, machine.planned) {}

    SearchOptions options(std::uint64_t seed, double budget, const SimulatedJudge& judge) const {
        return {.space = space,
                .seed = seed,
                .budget_seconds = budget,
                .evaluation_seconds = 20,
                .check_seconds = 60,
                .now_seconds = [&judge] { return judge.clock; }};
    }
    Result<SearchResult> run(SimulatedJudge& judge, std::uint64_t seed, double budget) {
        return search(options(seed, budget, judge), guard, judge, {}, kept, silent_progress());
    }

    PlannedMachine machine;
    SearchSpace space;
    MemoryGuard guard;
    Kept kept;
};

double log2_of(const SettingValues& values, std::string_view setting) {
    for (const auto& [name, value] : values)
        if (name == setting)
            return std::log2(static_cast<double>(parse_bytes(value).value().count()));
    return 0;
}

// A hill in the logarithms of the sizes: 8 % for each doubling away from 1 GB of shared_buffers
// (2^30), 4 % from 16 GB of WAL (2^34), squared.
double quadratic(const SettingValues& values) {
    const double buffers = log2_of(values, "shared_buffers") - 30;
    const double wal = log2_of(values, "max_wal_size") - 34;
    return -0.08 * buffers * buffers - 0.04 * wal * wal;
}

double flat(const SettingValues&) {
    return 0;
}

TEST(Search, FindsTheTopOfANoisyQuadraticWithinThirtyEvaluations) {
    Bench bench(3);
    SimulatedJudge judge(quadratic, 0.02);
    const auto result = bench.run(judge, 5, 30 * 20 + 60);
    ASSERT_TRUE(result.ok()) << result.error().message();
    EXPECT_LE(judge.screened, 30);
    ASSERT_TRUE(result->candidate.has_value());
    const auto found = values_at(bench.space, *result->candidate);
    // The plan's point stands at -0.36; within one step of the top is -0.12 or better.
    EXPECT_NEAR(quadratic(values_at(bench.space, plan_point(bench.space))), -0.36, 1e-9);
    EXPECT_GE(quadratic(found), -0.12);
    EXPECT_TRUE(result->better());
}

TEST(Search, EndsWithNothingBetterUnderPureNoise) {
    int false_finds = 0;
    Bench bench(4);
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        SimulatedJudge judge(flat, 0.05);
        const auto result = bench.run(judge, seed * 1000, 8 * 20 + 60);
        ASSERT_TRUE(result.ok());
        if (result->better()) ++false_finds;
    }
    EXPECT_LE(false_finds, 5);
}

// Whatever a screening says, the check decides: here every screening is far too rosy.
TEST(Search, CallsNothingBetterThatDoesNotHoldOnFreshServers) {
    class Rosy : public SimulatedJudge {
      public:
        Rosy() : SimulatedJudge(flat, 0.01) {}
        Result<Screening> screen(const SettingValues& incumbent, const SettingValues& candidate,
                                 std::uint64_t seed, Progress& progress, Deadline wait) override {
            auto screening = SimulatedJudge::screen(incumbent, candidate, seed, progress, wait);
            screening->standing = Standing::kBetter;
            screening->effect.ratio = 1.3;
            return screening;
        }
    };
    Bench bench(3);
    Rosy judge;
    const auto result = bench.run(judge, 3, 6 * 20 + 60);
    ASSERT_TRUE(result.ok());
    ASSERT_TRUE(result->check.has_value());
    EXPECT_FALSE(result->better());
}

TEST(Search, KeepsWithinItsBudget) {
    Bench bench(3);
    SimulatedJudge judge(quadratic, 0.02);
    const auto result = bench.run(judge, 5, 300);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(judge.screened, 12);  // (300 - 60) / 20; what is refused costs no time
    EXPECT_LE(judge.clock, 300);
    EXPECT_EQ(result->ended_because, "the time was used up");
}

TEST(Search, GoesOnAfterAnInterruptionAsIfThereHadBeenNone) {
    Bench whole(3);
    SimulatedJudge judge(quadratic, 0.02);
    const auto expected = whole.run(judge, 5, 400);
    ASSERT_TRUE(expected.ok());
    for (const std::size_t kept : {0U, 2U, 3U, 7U, 15U}) {
        SearchPast past;
        past.evaluations = whole.kept.past.evaluations;
        past.evaluations.resize(kept);
        Bench again(3);
        SimulatedJudge other(quadratic, 0.02);
        auto options = again.options(5, 400, other);
        if (kept > 0) options.spent_seconds = past.evaluations.back().spent_seconds;
        const auto resumed =
            search(options, again.guard, other, past, again.kept, silent_progress());
        ASSERT_TRUE(resumed.ok()) << resumed.error().message();
        ASSERT_EQ(resumed->evaluations.size(), expected->evaluations.size()) << kept;
        for (std::size_t i = 0; i < resumed->evaluations.size(); ++i)
            EXPECT_EQ(resumed->evaluations[i].proposed, expected->evaluations[i].proposed)
                << "evaluation " << i << " after " << kept;
        EXPECT_EQ(resumed->candidate, expected->candidate);
        EXPECT_EQ(other.clock + options.spent_seconds, judge.clock);
    }
}

TEST(Search, AsksNobodyAgainOnceItWasChecked) {
    Bench bench(3);
    SimulatedJudge judge(quadratic, 0.02);
    const auto first = bench.run(judge, 5, 300);
    ASSERT_TRUE(first.ok());
    ASSERT_TRUE(first->check.has_value());
    SimulatedJudge other(quadratic, 0.02);
    auto options = bench.options(5, 3000, other);
    const auto again =
        search(options, bench.guard, other, bench.kept.past, bench.kept, silent_progress());
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(other.clock, 0);
    EXPECT_EQ(again->candidate, first->candidate);
    EXPECT_EQ(again->better(), first->better());
    EXPECT_EQ(again->ended_because, "it had been checked");
}

TEST(Search, RefusesARecordOfAnotherSpace) {
    Bench bench(3);
    SimulatedJudge judge(flat, 0.02);
    SearchPast past;
    past.evaluations.push_back({.number = 1, .proposed = {0, 0, 0}, .point = {0, 0, 0}});
    const auto result = search(bench.options(5, 300, judge), bench.guard, judge, past, bench.kept,
                               silent_progress());
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ErrorCode::kFailedPrecondition);
}

TEST(Search, NeverMeasuresWhatDoesNotFitIntoMemory) {
    Bench bench(3);
    SimulatedJudge judge(
        [](const SettingValues& values) { return 0.1 * log2_of(values, "work_mem"); }, 0.02);
    judge.refuses = [&](const SettingValues& values) {
        EXPECT_TRUE(bench.guard.budget(values).closes());
        return false;
    };
    const auto result = bench.run(judge, 5, 20 * 20 + 60);
    ASSERT_TRUE(result.ok());
    int lowered = 0;
    for (const Evaluation& evaluation : result->evaluations)
        if (evaluation.point != evaluation.proposed) ++lowered;
    EXPECT_GT(lowered, 0);
}

TEST(Search, GoesOnWhereACandidateDoesNotBoot) {
    Bench bench(2);
    SimulatedJudge judge(quadratic, 0.02);
    judge.refuses = [](const SettingValues& values) { return values[1].second != "8GB"; };
    const auto result = bench.run(judge, 5, 300);
    ASSERT_TRUE(result.ok());
    int refused = 0;
    for (const Evaluation& evaluation : result->evaluations)
        if (evaluation.screening.standing == Standing::kRefused) ++refused;
    EXPECT_GT(refused, 0);
    ASSERT_TRUE(result->candidate.has_value());
    EXPECT_EQ(values_at(bench.space, *result->candidate)[1].second, "8GB");
}

}  // namespace
}  // namespace hone::prove
