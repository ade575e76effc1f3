// prove/autotune/judge.hpp - whether one set of values is better than another, asked by a search.
//
// Shape    a port: servers under load behind it (comparing_judge.hpp), or a function with noise in
//          tests.
// Threads  one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "model/verdict.hpp"
#include "prove/autotune/search_space.hpp"

namespace hone::prove {

enum class Standing {
    kBetter,     // sure enough to go on from; no verdict
    kNotBetter,  // given up: it loses, or cannot win enough
    kUndecided,  // time was up
    kRefused,    // not measured: it does not fit into memory, or does not boot
};
std::string_view to_string(Standing standing);
Standing standing_named(std::string_view name);

struct Screening {
    Standing standing = Standing::kUndecided;
    Comparison effect;  // candidate against incumbent; unset where refused
    std::string note;   // why it was refused
};

// On fresh servers, planned before it is looked at: this one is a verdict.
struct Check {
    Comparison effect;  // found against plan
    Comparison control;
    std::vector<Comparison> companions;
    std::string sentence;
    double seconds = 0;  // of slices
};

class Judge {
  public:
    virtual ~Judge() = default;
    // Errors: what is not the candidate's fault. One that does not boot is kRefused.
    virtual Result<Screening> screen(const SettingValues& incumbent, const SettingValues& candidate,
                                     std::uint64_t seed, Progress& progress, Deadline deadline) = 0;
    // `seconds`: all that it may take, its preparation included.
    virtual Result<Check> check(const SettingValues& plan, const SettingValues& found,
                                double seconds, std::uint64_t seed, Progress& progress,
                                Deadline deadline) = 0;
};

}  // namespace hone::prove
