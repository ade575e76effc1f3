// prove/load/steady_state.hpp - where the warm-up ends.
//
// Shape    pure. MSER: the warm-up is as long as makes the standard error of the mean of what
//          remains smallest; a longer one throws evidence away, a shorter one keeps a bias. A
//          minimum in the second half means that the series never settled.
// Source   White, "An effective truncation heuristic for bias reduction in simulation output"
//          (Simulation 69(6), 1997); the batches of MSER-5 are here the half seconds.
#pragma once

#include <cstddef>
#include <span>

namespace hone::prove {

// Shorter series never count as settled.
inline constexpr std::size_t kShortestSeries = 10;

struct SteadyState {
    bool reached = false;
    std::size_t first = 0;  // of the series; half of it where none was reached
};
SteadyState find_steady_state(std::span<const double> series);

}  // namespace hone::prove
