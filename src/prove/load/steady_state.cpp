#include "prove/load/steady_state.hpp"

#include <limits>

namespace hone::prove {

SteadyState find_steady_state(std::span<const double> series) {
    const std::size_t half = series.size() / 2;
    if (series.size() < kShortestSeries) return {.reached = false, .first = half};
    double sum = 0;
    double sum_of_squares = 0;
    double smallest = std::numeric_limits<double>::infinity();
    std::size_t best = 0;
    // From the end, so that one pass is enough; the last few are too few for an error of their own.
    constexpr std::size_t kFewest = 5;
    for (std::size_t i = series.size(); i-- > 0;) {
        // Around the last value, which the mean of a settled series is near to: no digits are lost.
        const double value = series[i] - series.back();
        sum += value;
        sum_of_squares += value * value;
        const auto count = static_cast<double>(series.size() - i);
        if (series.size() - i < kFewest) continue;
        const double error = (sum_of_squares - sum * sum / count) / (count * count);
        if (error > smallest) continue;
        smallest = error;
        best = i;
    }
    if (best > half) return {.reached = false, .first = half};
    return {.reached = true, .first = best};
}

}  // namespace hone::prove
