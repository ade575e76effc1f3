#include "prove/load/histogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/assert.hpp"

namespace hone::prove {

namespace {

constexpr double kNanosecondsPerSecond = 1e9;
constexpr std::uint64_t kLongestNanoseconds = 3'600'000'000'000;
// Each power of two above 2 * kSteps is cut into so many buckets; below, a bucket is 1 ns wide.
constexpr std::uint64_t kSteps = 1024;
constexpr int kStepBits = 10;

int shift_of(std::uint64_t nanoseconds) {
    return std::max(0, static_cast<int>(std::bit_width(nanoseconds)) - kStepBits - 1);
}

std::size_t index_of(std::uint64_t nanoseconds) {
    const int shift = shift_of(nanoseconds);
    return static_cast<std::size_t>(shift) * kSteps + (nanoseconds >> shift);
}

std::uint64_t first_in(std::size_t index) {
    if (index < 2 * kSteps) return index;
    const std::size_t shift = index / kSteps - 1;
    return (index - shift * kSteps) << shift;
}

std::uint64_t nanoseconds_of(double seconds) {
    if (!(seconds > 0)) return 0;
    return static_cast<std::uint64_t>(std::llround(std::min(seconds, 1e9) * kNanosecondsPerSecond));
}

double seconds_of(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / kNanosecondsPerSecond;
}

// 0.99 * 1000 must not become 991 by the last bit.
std::uint64_t nearest_rank(double quantile, std::uint64_t count) {
    constexpr double kRounding = 1e-9;
    const double rank = std::ceil(quantile * static_cast<double>(count) - kRounding);
    return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count);
}

}  // namespace

LatencyHistogram::LatencyHistogram() = default;

void LatencyHistogram::record_nanoseconds_of(double seconds, std::uint64_t times) {
    if (times == 0) return;
    const std::uint64_t nanoseconds = nanoseconds_of(seconds);
    const std::size_t index = index_of(std::min(nanoseconds, kLongestNanoseconds));
    // By whole powers of two, so that it happens a few times in a run and never for each sample.
    if (index >= counts_.size()) counts_.resize((index / kSteps + 1) * kSteps);
    counts_[index] += times;
    min_nanoseconds_ = count_ == 0 ? nanoseconds : std::min(min_nanoseconds_, nanoseconds);
    max_nanoseconds_ = std::max(max_nanoseconds_, nanoseconds);
    count_ += times;
    sum_seconds_ += std::max(0.0, seconds) * static_cast<double>(times);
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
    if (other.count_ == 0) return;
    if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size());
    for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
    min_nanoseconds_ =
        count_ == 0 ? other.min_nanoseconds_ : std::min(min_nanoseconds_, other.min_nanoseconds_);
    max_nanoseconds_ = std::max(max_nanoseconds_, other.max_nanoseconds_);
    count_ += other.count_;
    sum_seconds_ += other.sum_seconds_;
}

void LatencyHistogram::clear() {
    std::fill(counts_.begin(), counts_.end(), 0);
    count_ = max_nanoseconds_ = min_nanoseconds_ = 0;
    sum_seconds_ = 0;
}

double LatencyHistogram::max_seconds() const {
    return seconds_of(max_nanoseconds_);
}

double LatencyHistogram::min_seconds() const {
    return seconds_of(min_nanoseconds_);
}

double LatencyHistogram::mean_seconds() const {
    return count_ == 0 ? 0 : sum_seconds_ / static_cast<double>(count_);
}

std::optional<double> LatencyHistogram::quantile_seconds(double quantile) const {
    HONE_ASSERT(quantile > 0 && quantile < 1);
    constexpr double kRounding = 1e-6;
    const double beyond = std::min(quantile, 1 - quantile) * static_cast<double>(count_);
    if (beyond + kRounding < kFewestSamplesBeyond) return std::nullopt;
    const std::uint64_t rank = nearest_rank(quantile, count_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen < rank) continue;
        return seconds_of(std::min(first_in(i + 1) - 1, max_nanoseconds_));
    }
    return max_seconds();
}

std::uint64_t LatencyHistogram::count_at_most(double seconds) const {
    if (seconds < 0) return 0;
    const std::size_t last = index_of(std::min(nanoseconds_of(seconds), kLongestNanoseconds));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < std::min(last + 1, counts_.size()); ++i) seen += counts_[i];
    return seen;
}

std::vector<LatencyHistogram::Bucket> LatencyHistogram::buckets() const {
    std::vector<Bucket> filled;
    for (std::size_t i = 0; i < counts_.size(); ++i)
        if (counts_[i] != 0)
            filled.push_back({seconds_of(first_in(i)), seconds_of(first_in(i + 1)), counts_[i]});
    return filled;
}

json::object to_json(const LatencyHistogram& histogram) {
    json::object document{{"count", histogram.count()},
                          {"min_seconds", histogram.min_seconds()},
                          {"max_seconds", histogram.max_seconds()},
                          {"mean_seconds", histogram.mean_seconds()}};
    constexpr std::array<std::pair<std::string_view, double>, 5> kPercentiles{
        {{"p50_seconds", 0.5},
         {"p90_seconds", 0.9},
         {"p99_seconds", 0.99},
         {"p999_seconds", 0.999},
         {"p9999_seconds", 0.9999}}};
    for (const auto& [name, quantile] : kPercentiles) {
        const auto value = histogram.quantile_seconds(quantile);
        document[name] = value ? json::value(*value) : json::value(nullptr);
    }
    json::array buckets;
    for (const auto& bucket : histogram.buckets())
        buckets.push_back(json::array{bucket.from_seconds, bucket.to_seconds, bucket.count});
    document["buckets"] = std::move(buckets);
    return document;
}

Result<LatencyHistogram> histogram_from_json(const JsonReader& reader) {
    HONE_TRY_ASSIGN(const double min, reader.number("min_seconds"));
    HONE_TRY_ASSIGN(const double max, reader.number("max_seconds"));
    HONE_TRY_ASSIGN(const double mean, reader.number("mean_seconds"));
    const json::value* buckets =
        reader.value().is_object() ? reader.value().as_object().if_contains("buckets") : nullptr;
    const auto damaged = [&] {
        return Error{ErrorCode::kInvalidArgument, "reading '" + reader.path() + ".buckets'",
                     "not a list of [from, to, count]"};
    };
    if (buckets == nullptr || !buckets->is_array()) return damaged();
    LatencyHistogram histogram;
    for (const json::value& entry : buckets->as_array()) {
        if (!entry.is_array() || entry.as_array().size() != 3) return damaged();
        boost::system::error_code wrong;
        const auto from = entry.as_array()[0].to_number<double>(wrong);
        if (wrong) return damaged();
        const auto count = entry.as_array()[2].to_number<std::uint64_t>(wrong);
        if (wrong || !(from >= 0)) return damaged();
        histogram.record(from, count);
    }
    histogram.restore_exact(min, max, mean);
    return histogram;
}

void LatencyHistogram::restore_exact(double min_seconds, double max_seconds, double mean_seconds) {
    min_nanoseconds_ = nanoseconds_of(min_seconds);
    max_nanoseconds_ = nanoseconds_of(max_seconds);
    sum_seconds_ = mean_seconds * static_cast<double>(count_);
}

}  // namespace hone::prove
