#include "prove/autotune/comparing_judge.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/random.hpp"

namespace hone::prove {
namespace {

// Simulated: a rate with noise, and no server.
class FakeSubject : public Subject {
  public:
    FakeSubject(std::string name, double rate, double noise, std::uint64_t seed)
        : name_(std::move(name)), rate_(rate), noise_(noise), random_(seed) {}
    const std::string& name() const override { return name_; }
    Result<Slice> run_slice(double seconds, std::uint64_t, Deadline) override {
        ++slices;
        const double rate = rate_ * std::exp(noise_ * (random_.unit() + random_.unit() - 1));
        return Slice{.operations = rate * seconds, .rate = rate};
    }
    Result<std::optional<Usage>> usage(Deadline) override { return std::optional<Usage>{}; }
    Status settle(Deadline) override { return {}; }
    int slices = 0;

  private:
    std::string name_;
    double rate_;
    double noise_;
    Random random_;
};

class FakeArena : public Arena {
  public:
    FakeArena(double candidate_rate, double noise)
        : subjects_{FakeSubject("incumbent", 1000, noise, 1),
                    FakeSubject("control", 1000, noise, 2),
                    FakeSubject("candidate", candidate_rate, noise, 3)} {}

    Result<Opened> open(const SettingValues&, const SettingValues&, Deadline) override {
        if (!refuses.empty()) return Opened{nullptr, refuses};
        return Opened{std::make_unique<FakeContest>(subjects_), {}};
    }
    int rounds() const { return subjects_[2].slices - 1; }  // one warms up
    std::string refuses;

  private:
    class FakeContest : public Contest {
      public:
        explicit FakeContest(std::array<FakeSubject, 3>& subjects)
            : subjects_{subjects.data(), &subjects[1], &subjects[2]} {}
        std::span<Subject* const> subjects() override { return subjects_; }

      private:
        std::array<Subject*, 3> subjects_;
    };
    std::array<FakeSubject, 3> subjects_;
};

JudgeOptions options() {
    return {.screening_seconds = 90, .now_seconds = [] { return 0.0; }};
}

Screening screened(FakeArena& arena) {
    ComparingJudge judge(arena, options());
    return judge.screen({}, {}, 7, silent_progress(), Deadline::after(Seconds{60})).value();
}

TEST(ComparingJudge, GivesALoserUpAfterFewRounds) {
    FakeArena arena(800, 0.05);
    EXPECT_EQ(screened(arena).standing, Standing::kNotBetter);
    EXPECT_LE(arena.rounds(), 10);  // of 30
}

TEST(ComparingJudge, GivesUpWhatIsEqual) {
    FakeArena arena(1000, 0.02);
    EXPECT_EQ(screened(arena).standing, Standing::kNotBetter);
    EXPECT_LT(arena.rounds(), 30);
}

TEST(ComparingJudge, SeesAWinnerEarly) {
    FakeArena arena(1300, 0.05);
    const Screening screening = screened(arena);
    EXPECT_EQ(screening.standing, Standing::kBetter);
    EXPECT_NEAR(screening.effect.ratio, 1.3, 0.08);
    EXPECT_LE(arena.rounds(), 10);
}

TEST(ComparingJudge, TakesAllItsTimeWhereItCannotTell) {
    FakeArena arena(1060, 0.5);
    EXPECT_EQ(screened(arena).standing, Standing::kUndecided);
    EXPECT_EQ(arena.rounds(), 30);
}

TEST(ComparingJudge, RefusesWhatDoesNotBoot) {
    FakeArena arena(1300, 0.05);
    arena.refuses = "shared memory could not be allocated";
    const Screening screening = screened(arena);
    EXPECT_EQ(screening.standing, Standing::kRefused);
    EXPECT_EQ(screening.note, "shared memory could not be allocated");
}

TEST(ComparingJudge, ChecksForAsLongAsItIsToldWhateverItSees) {
    FakeArena arena(1300, 0.05);
    ComparingJudge judge(arena, options());
    const auto check = judge.check({}, {}, 60, 7, silent_progress(), Deadline::after(Seconds{60}));
    ASSERT_TRUE(check.ok()) << check.error().message();
    EXPECT_EQ(check->effect.verdict, Verdict::kFaster);
    EXPECT_EQ(check->effect.pairs, 15);  // 60 s at 1.3 s for each second of slices
    EXPECT_EQ(arena.rounds(), 15);
}

}  // namespace
}  // namespace hone::prove
