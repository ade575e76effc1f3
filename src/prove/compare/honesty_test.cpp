// How often the whole chain (order, ratios, stopping, interval, judgement) says what is not so, on
// machines that are noisy in known ways. The short suite looks at each kind of noise with a few
// trials; HONE_FULL=1 looks with as many as a share of 5 % needs.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <numbers>

#include "base/random.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::prove {
namespace {

constexpr std::uint64_t kSeed = 20261120;
constexpr int kFullTrials = 1000;

double normal(Random& random) {
    return std::sqrt(-2 * std::log(1 - random.unit())) *
           std::cos(2 * std::numbers::pi * random.unit());
}

struct Machine {
    double noise = 0.1;           // SD of the log rate of one slice
    double hog_share = 0;         // of the speed that a CPU hog takes while it is on
    double hog_period = 7.3;      // seconds, on for half of it
    bool hog_at_random = false;   // instead: on and off for exponential times of hog_period / 2
    double outliers = 0;          // share of slices that are hit eight times as hard by the noise
    double drift_per_second = 0;  // of the log rate: a machine that warms up
};

// The machine as all subjects of a trial find it: one clock, one hog.
class SimulatedMachine {
  public:
    SimulatedMachine(const Machine& machine, Random& random)
        : machine_(machine),
          random_(&random),
          now_(random.unit() * machine.hog_period),
          hogged_(random.unit() < 0.5),
          next_change_(random_time()) {}

    // The log rate of a slice of a server that does 1000 transactions a second when left alone.
    double log_rate(double seconds) {
        constexpr int kMoments = 10;
        double speed = 0;
        for (int moment = 0; moment < kMoments; ++moment, now_ += seconds / kMoments)
            speed += (is_hogged() ? 1 - machine_.hog_share : 1) / kMoments;
        const bool outlier = random_->unit() < machine_.outliers;
        return std::log(1000 * speed) + machine_.drift_per_second * now_ +
               machine_.noise * (outlier ? 8 : 1) * normal(*random_);
    }

  private:
    double random_time() { return -std::log(1 - random_->unit()) * machine_.hog_period / 2; }
    bool is_hogged() {
        if (!machine_.hog_at_random)
            return std::fmod(now_, machine_.hog_period) < machine_.hog_period / 2;
        while (next_change_ < now_) {
            hogged_ = !hogged_;
            next_change_ += random_time();
        }
        return hogged_;
    }
    Machine machine_;
    Random* random_;
    double now_;
    bool hogged_;
    double next_change_;
};

class SimulatedSubject final : public Subject {
  public:
    SimulatedSubject(SimulatedMachine& machine, double effect)
        : machine_(&machine), effect_(effect) {}
    const std::string& name() const override { return name_; }
    Result<Slice> run_slice(double seconds, std::uint64_t, Deadline) override {
        const double rate = std::exp(machine_->log_rate(seconds)) * effect_;
        return Slice{.operations = rate * seconds, .rate = rate};
    }
    Result<std::optional<Usage>> usage(Deadline) override { return std::optional<Usage>{}; }
    Status settle(Deadline) override { return {}; }

  private:
    std::string name_ = "simulated";
    SimulatedMachine* machine_;
    double effect_;
};

struct Trial {
    Machine machine;
    std::vector<double> effects{1, 1, 1};  // by subject: how fast it is
    double seconds = 39;                   // for all subjects together
    double wanted_half_width = 0;
};

Measured run(const Trial& trial, Random& random) {
    SimulatedMachine machine(trial.machine, random);
    std::vector<std::unique_ptr<Subject>> subjects;
    std::vector<Subject*> pointers;
    for (const double effect : trial.effects) {
        subjects.push_back(std::make_unique<SimulatedSubject>(machine, effect));
        pointers.push_back(subjects.back().get());
    }
    CompareOptions options;
    options.seconds_at_most = trial.seconds;
    options.warm_up_seconds = 0;
    options.wanted_half_width = trial.wanted_half_width;
    options.comparisons = static_cast<int>(trial.effects.size()) - 2;
    options.seed = random.next();
    return *measure(pointers, options, silent_progress(), Deadline::after(Seconds{600}));
}

struct Tally {
    int trials = 0;
    int faster = 0;  // of trials with at least one candidate so judged
    int slower = 0;
    int no_difference = 0;
    int found = 0;    // with at least one candidate called faster or slower
    int covered = 0;  // whose first candidate's interval holds its effect
    int narrow = 0;   // that ended because of it
    double share_covered() const { return covered / static_cast<double>(trials); }
};

void count(const Trial& trial, const Measured& measured, Tally& tally) {
    int faster = 0;
    int slower = 0;
    Interval interval;  // of the first candidate
    for (std::size_t candidate = trial.effects.size() - 1; candidate >= 2; --candidate) {
        const Comparison effect = judge_candidate(measured, candidate).effect;
        faster += effect.verdict == Verdict::kFaster;
        slower += effect.verdict == Verdict::kSlower;
        tally.no_difference += effect.verdict == Verdict::kNoDifference;
        interval = effect.interval;
    }
    tally.faster += faster > 0;
    tally.slower += slower > 0;
    tally.found += faster + slower > 0;
    tally.covered += interval.low <= trial.effects[2] && trial.effects[2] <= interval.high;
    tally.narrow += measured.narrow;
    ++tally.trials;
}

bool full() {
    return std::getenv("HONE_FULL") != nullptr;
}

Tally tally(const Trial& trial, int short_trials = 200) {
    Random random(kSeed);
    Tally tally;
    const int trials = full() ? kFullTrials : short_trials;
    for (int i = 0; i < trials; ++i) count(trial, run(trial, random), tally);
    ::testing::Test::RecordProperty("trials", tally.trials);
    ::testing::Test::RecordProperty("found", tally.found);
    ::testing::Test::RecordProperty("covered", tally.covered);
    if (full())
        std::printf("  %d trials: %d faster, %d slower, %d no difference, %.1f %% covered\n",
                    tally.trials, tally.faster, tally.slower, tally.no_difference,
                    tally.share_covered() * 100);
    return tally;
}

// 5 % of the trials, whatever else is judged in them.
void expect_few_false_verdicts(const Tally& result) {
    EXPECT_LE(result.found, result.trials * 5 / 100)
        << "of " << result.trials << ", seed " << kSeed;
}

// The kinds of noise, each as quiet or loud as it is nasty.
constexpr Machine kQuiet{.noise = 0.03};
constexpr Machine kNoisy{.noise = 0.30};
constexpr Machine kHogged{.noise = 0.05, .hog_share = 0.5};
// Each round of three lasts three seconds: the hog is in step with it, the drawn order is not.
constexpr Machine kInStep{.noise = 0.05, .hog_share = 0.5, .hog_period = 3};
constexpr Machine kHogAtRandom{.noise = 0.05, .hog_share = 0.5, .hog_at_random = true};
constexpr Machine kOutliers{.noise = 0.05, .outliers = 0.1};
constexpr Machine kWarming{.noise = 0.05, .drift_per_second = 0.02};

TEST(Honesty, EqualServersOnAQuietMachineAreNotToldApart) {
    const Tally result = tally({.machine = kQuiet});
    expect_few_false_verdicts(result);
    EXPECT_GT(result.no_difference, result.trials / 2) << "seed " << kSeed;
}

TEST(Honesty, EqualServersOnANoisyMachineAreNotToldApart) {
    expect_few_false_verdicts(tally({.machine = kNoisy}));
}

TEST(Honesty, AHogThatComesAndGoesMakesNoVerdict) {
    expect_few_false_verdicts(tally({.machine = kHogged}));
}

TEST(Honesty, AHogInStepWithTheRoundsMakesNoVerdict) {
    expect_few_false_verdicts(tally({.machine = kInStep}));
}

TEST(Honesty, AHogThatComesAtRandomMakesNoVerdict) {
    expect_few_false_verdicts(tally({.machine = kHogAtRandom}));
}

TEST(Honesty, OutliersMakeNoVerdict) {
    expect_few_false_verdicts(tally({.machine = kOutliers}));
}

TEST(Honesty, AMachineThatWarmsUpMakesNoVerdict) {
    expect_few_false_verdicts(tally({.machine = kWarming}));
}

TEST(Honesty, FourEqualCandidatesAreNotToldApartEither) {
    expect_few_false_verdicts(
        tally({.machine = kHogAtRandom, .effects = {1, 1, 1, 1, 1, 1}, .seconds = 78}, 60));
}

// Up to eight looks at the width.
TEST(Honesty, StoppingWhenNarrowMakesNoVerdict) {
    std::vector<Machine> machines{kHogAtRandom};
    if (full()) machines = {kQuiet, kNoisy, kHogged, kInStep, kHogAtRandom, kOutliers, kWarming};
    for (const Machine& machine : machines)
        expect_few_false_verdicts(
            tally({.machine = machine, .seconds = 120, .wanted_half_width = 0.05}, 100));
}

TEST(Honesty, StoppingWhenNarrowStillCovers) {
    const Tally result =
        tally({.machine = {.noise = 0.08}, .seconds = 180, .wanted_half_width = 0.04}, 100);
    EXPECT_GT(result.narrow, result.trials * 9 / 10);
    EXPECT_GE(result.share_covered(), full() ? 0.93 : 0.90) << "seed " << kSeed;
}

TEST(Honesty, TenPercentAreFoundOrNotJudgedButNeverTurnedAround) {
    const Tally quiet = tally({.machine = {.noise = 0.05}, .effects = {1, 1, 1.10}});
    EXPECT_GE(quiet.faster, quiet.trials * 8 / 10) << "seed " << kSeed;
    EXPECT_EQ(quiet.slower, 0);
    const Tally noisy =
        tally({.machine = {.noise = 0.30, .hog_share = 0.3}, .effects = {1, 1, 1.10}});
    EXPECT_LE(noisy.slower, noisy.trials * 25 / 1000) << "seed " << kSeed;
}

// 66 rounds.
TEST(Honesty, TenPercentSlowerAreFoundInThreeMinutesOfOrdinaryNoise) {
    const Tally result =
        tally({.machine = {.noise = 0.15}, .effects = {1, 1, 1 / 1.10}, .seconds = 200}, 60);
    EXPECT_GE(result.slower, result.trials * 8 / 10) << "seed " << kSeed;
    EXPECT_EQ(result.faster, 0);
}

}  // namespace
}  // namespace hone::prove
