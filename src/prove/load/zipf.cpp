#include "prove/load/zipf.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"

namespace hone::prove {

namespace {

// Both ratios have the limit 1 at 0, where the plain quotient has no digits left: that is what makes
// an exponent of 1, and those near it, no special case.
constexpr double kNearZero = 1e-8;

double expm1_over(double x) {
    return std::abs(x) > kNearZero ? std::expm1(x) / x : 1 + x / 2;
}

double log1p_over(double x) {
    return std::abs(x) > kNearZero ? std::log1p(x) / x : 1 - x / 2;
}

}  // namespace

Zipf::Zipf(std::uint64_t ranks, double exponent) : ranks_(ranks), exponent_(exponent) {
    HONE_ASSERT(ranks > 0 && exponent > 0);
    // The first rank's bar is moved inside the area under the curve: the -1 is its height.
    area_from_ = area(1.5) - 1;
    area_to_ = area(static_cast<double>(ranks) + 0.5);
    always_accepted_ = 2 - inverse_area(area(2.5) - density(2));
}

double Zipf::density(double x) const {
    return std::exp(-exponent_ * std::log(x));
}

// The integral of the density from 1 to x: (x^(1 - exponent) - 1) / (1 - exponent).
double Zipf::area(double x) const {
    const double logarithm = std::log(x);
    return expm1_over((1 - exponent_) * logarithm) * logarithm;
}

double Zipf::inverse_area(double y) const {
    // Rounding may step over the pole at -1.
    const double scaled = std::max(-1.0, y * (1 - exponent_));
    return std::exp(log1p_over(scaled) * y);
}

std::uint64_t Zipf::operator()(Random& random) const {
    const double last = static_cast<double>(ranks_);
    for (;;) {
        const double y = area_to_ + random.unit() * (area_from_ - area_to_);
        const double x = inverse_area(y);
        const double rank = std::clamp(std::floor(x + 0.5), 1.0, last);
        // The first test spares the second, which costs two transcendental functions.
        if (rank - x <= always_accepted_ || y >= area(rank + 0.5) - density(rank))
            return std::min(static_cast<std::uint64_t>(rank), ranks_) - 1;
    }
}

}  // namespace hone::prove
