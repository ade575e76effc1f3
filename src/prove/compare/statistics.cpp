#include "prove/compare/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace hone::prove {

namespace {

constexpr int kResamples = 3000;
// A resample that drew one value again and again has no spread to divide by.
constexpr double kSmallestSpread = 1e-12;

struct Moments {
    double mean = 0;
    double standard_error = 0;
};

Moments moments_of(std::span<const double> values) {
    const auto count = static_cast<double>(values.size());
    double sum = 0;
    for (const double value : values) sum += value;
    const double mean = sum / count;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    return {mean, std::sqrt(squares / (count - 1) / count)};
}

// |mean* - mean| / standard error*, sorted, of samples drawn from `values` with replacement. Sums of
// deviations from the mean do not cancel, so one pass is exact enough; most of a run's computing is
// here.
std::vector<double> studentized_deviations(std::span<const double> values, double mean,
                                           std::uint64_t seed) {
    Random random(seed);
    const auto count = static_cast<double>(values.size());
    std::vector<double> deviations;
    deviations.reserve(kResamples);
    for (int draw = 0; draw < kResamples; ++draw) {
        double sum = 0;
        double squares = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double deviation = values[random.below(values.size())] - mean;
            sum += deviation;
            squares += deviation * deviation;
        }
        const double variance = std::max(0.0, squares - sum * sum / count) / (count - 1);
        const double standard_error = std::sqrt(variance / count);
        if (standard_error > kSmallestSpread)
            deviations.push_back(std::abs(sum / count) / standard_error);
    }
    std::ranges::sort(deviations);
    return deviations;
}

double quantile(const std::vector<double>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
    return sorted[std::min(index, sorted.size() - 1)];
}

Interval around(double log_ratio, double half_width) {
    return {std::exp(log_ratio - half_width), std::exp(log_ratio + half_width)};
}

}  // namespace

double Estimate::ratio() const {
    return std::exp(log_ratio);
}

Interval Estimate::interval() const {
    return around(log_ratio, half_width);
}

Interval Estimate::strict_interval() const {
    return around(log_ratio, strict_half_width);
}

Estimate estimate(std::span<const double> log_ratios, int comparisons, std::uint64_t seed) {
    HONE_ASSERT(std::ssize(log_ratios) >= kFewestPairs);
    HONE_ASSERT(comparisons >= 1);
    const Moments moments = moments_of(log_ratios);
    const auto deviations = studentized_deviations(log_ratios, moments.mean, seed);
    const auto half_width = [&](double error_rate) {
        return quantile(deviations, 1 - error_rate) * moments.standard_error;
    };
    return {.pairs = static_cast<int>(log_ratios.size()),
            .log_ratio = moments.mean,
            .standard_error = moments.standard_error,
            .half_width = half_width(kErrorRate),
            .strict_half_width = half_width(kErrorRate / comparisons)};
}

std::vector<double> log_ratios(std::span<const double> a, std::span<const double> b) {
    HONE_ASSERT(a.size() == b.size());
    std::vector<double> ratios;
    ratios.reserve(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        HONE_ASSERT(a[i] > 0 && b[i] > 0);
        ratios.push_back(std::log(a[i] / b[i]));
    }
    return ratios;
}

std::vector<double> geometric_means(std::span<const double> a, std::span<const double> b) {
    HONE_ASSERT(a.size() == b.size());
    std::vector<double> means;
    means.reserve(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        HONE_ASSERT(a[i] > 0 && b[i] > 0);
        means.push_back(std::sqrt(a[i] * b[i]));
    }
    return means;
}

}  // namespace hone::prove
