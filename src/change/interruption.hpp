// change/interruption.hpp - Ctrl-C in the middle of an apply stops it at the next safe step, from
// where it is taken back, instead of killing it.
//
// Threads  one object per process; child programs get the signal's default action back.
#pragma once

#include <signal.h>

#include "base/result.hpp"

namespace hone::change {

class InterruptionGuard {
  public:
    InterruptionGuard();
    ~InterruptionGuard();
    InterruptionGuard(const InterruptionGuard&) = delete;
    InterruptionGuard& operator=(const InterruptionGuard&) = delete;

    // cancelled: SIGINT or SIGTERM came since the guard was made.
    static Status check();

  private:
    struct sigaction old_interrupt_{};
    struct sigaction old_terminate_{};
};

}  // namespace hone::change
