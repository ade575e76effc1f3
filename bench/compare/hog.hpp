// bench/compare/hog.hpp - a neighbour on the same machine: burns CPU for a while, is quiet for a
// while, without any rhythm.
#pragma once

#include <cstdint>
#include <string>

#include "base/process.hpp"
#include "base/result.hpp"

namespace hone::bench {

struct HogOptions {
    int threads = 2;
    double mean_seconds = 4;  // of burning, and of quiet: exponential times
    std::uint64_t seed = 0;
};

// This program again, as a hog (its hidden subcommand); killed with the object.
Result<BackgroundProcess> start_hog(const HogOptions& options);
// The hog's own life. Returns when nobody is its parent any more.
void be_a_hog(const HogOptions& options);

}  // namespace hone::bench
