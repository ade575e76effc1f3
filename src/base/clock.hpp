// base/clock.hpp - deadlines on the steady clock, and times for people.
//
// Units    seconds as std::chrono durations; printed times are RFC 3339 UTC.
#pragma once

#include <chrono>
#include <string>

namespace hone {

using Seconds = std::chrono::duration<double>;

// A point on the steady clock after which a wait gives up. Every wait in hone takes one.
class Deadline {
  public:
    static Deadline after(Seconds patience);
    bool expired() const;
    // Never negative.
    Seconds remaining() const;
    // For poll(2): rounded up, at least 0, at most one hour.
    int remaining_milliseconds() const;
    Deadline earlier_of(Deadline other) const;

  private:
    std::chrono::steady_clock::time_point at_;
};

// "2026-11-20T13:05:01Z"
std::string utc_now_text();
// "20261120T130501Z": sorts by time, fits in a file name.
std::string utc_now_compact();
// Seconds since an arbitrary start that never goes backwards.
double monotonic_seconds();

}  // namespace hone
