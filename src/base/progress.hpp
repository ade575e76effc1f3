// base/progress.hpp - how long-running work says where it is; the command line decides how to show
// it.
//
// Threads  called from the thread that does the work.
#pragma once

#include <string_view>

namespace hone {

class Progress {
  public:
    virtual ~Progress() = default;
    // A new step has begun: "booting the plan in a scratch instance".
    virtual void step(std::string_view what) = 0;
    // How far the current step is, 0 to 1, and a short detail ("pair 7 of 20"). May be called
    // often.
    virtual void update(double fraction, std::string_view detail) = 0;
};

// Says nothing; for tests and --quiet.
Progress& silent_progress();

}  // namespace hone
