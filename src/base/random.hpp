// base/random.hpp - a seeded random source whose sequence is the same on every machine.
//
// Shape    xoshiro256** seeded by splitmix64 (Blackman, Vigna 2018; public domain algorithm).
// Threads  one source per thread.
#pragma once

#include <array>
#include <cstdint>

namespace hone {

class Random {
  public:
    explicit Random(std::uint64_t seed);
    // A seed from the operating system, for when none is asked for; print it.
    static std::uint64_t fresh_seed();

    std::uint64_t next();
    // Uniform in [0, bound). Requires bound > 0.
    std::uint64_t below(std::uint64_t bound);
    // Uniform in [0, 1).
    double unit();

  private:
    std::array<std::uint64_t, 4> state_;
};

}  // namespace hone
