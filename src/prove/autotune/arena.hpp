// prove/autotune/arena.hpp - where two sets of values meet: subjects that can be loaded.
//
// Shape    a port; scratch_arena.hpp has servers behind it.
// Threads  one.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "prove/autotune/search_space.hpp"
#include "prove/compare/subject.hpp"

namespace hone::prove {

class Contest {
  public:
    virtual ~Contest() = default;
    // The baseline, its twin with the same values, the candidate.
    virtual std::span<Subject* const> subjects() = 0;
};

struct Opened {
    std::unique_ptr<Contest> contest;  // none: the candidate cannot be measured
    std::string refused_because;
};

class Arena {
  public:
    virtual ~Arena() = default;
    // All three fresh: new servers, and copies of the same data.
    virtual Result<Opened> open(const SettingValues& baseline, const SettingValues& candidate,
                                Deadline deadline) = 0;
};

}  // namespace hone::prove
