// prove/autotune/comparing_judge.hpp - a judge that measures (prove/compare/comparison.hpp).
//
// Shape    a screening ends early where the candidate loses or cannot win enough, and where it is
//          better beyond doubt; that it may look at the ratio is why it gives no verdict. A check
//          has its length fixed before it begins, and gives one.
// Threads  one.
#pragma once

#include <functional>

#include "prove/autotune/arena.hpp"
#include "prove/autotune/judge.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::prove {

// A candidate that cannot be better by this much is given up.
inline constexpr double kSmallestGain = 0.02;

struct JudgeOptions {
    double screening_seconds = 24;  // of slices, all three subjects together
    double slice_seconds = 1;
    bool writes = true;
    std::string operation = "transaction";
    std::function<double()> now_seconds;
};

class ComparingJudge : public Judge {
  public:
    // The arena must outlive the judge.
    ComparingJudge(Arena& arena, JudgeOptions options)
        : arena_(arena), options_(std::move(options)) {}

    Result<Screening> screen(const SettingValues& incumbent, const SettingValues& candidate,
                             std::uint64_t seed, Progress& progress, Deadline deadline) override;
    Result<Check> check(const SettingValues& plan, const SettingValues& found, double seconds,
                        std::uint64_t seed, Progress& progress, Deadline deadline) override;

  private:
    CompareOptions compare_options(double seconds, std::uint64_t seed) const;
    Result<Measured> measure_and_time(Contest& contest, const CompareOptions& options,
                                      Progress& progress, Deadline deadline);
    Arena& arena_;
    JudgeOptions options_;
    double wall_per_second_ = 1.3;  // of slices: waiting, warming up, reading counters
};

// What so many rounds allow to say of subject 2. Pure.
Standing standing_of(const Measured& measured);

}  // namespace hone::prove
