// prove/load/histogram.hpp - latencies counted in buckets that keep three significant digits.
//
// Shape    buckets as wide as 1/1024 of their power of two at most, from 1 ns to 1 h; anything
//          longer counts as 1 h and keeps its maximum. Two histograms add up to what one would have
//          counted.
// Units    nanoseconds inside, seconds at the edges.
// Cost     record: a few ns; memory grows to what the longest latency needs, 270 kB at most.
// Threads  one writer; merge when it has ended.
// Source   Gil Tene's HdrHistogram for the idea; the code is our own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace hone::prove {

// A percentile is refused below this many samples beyond it: p99 wants 1000 samples in all.
inline constexpr double kFewestSamplesBeyond = 10;

class LatencyHistogram {
  public:
    LatencyHistogram();
    void record(double seconds) { record_nanoseconds_of(seconds, 1); }
    void record(double seconds, std::uint64_t times) { record_nanoseconds_of(seconds, times); }
    void merge(const LatencyHistogram& other);
    void clear();

    std::uint64_t count() const { return count_; }
    double max_seconds() const;  // exact; 0 when empty
    double min_seconds() const;  // exact; 0 when empty
    double mean_seconds() const;
    // Nearest rank, at most 0.1 % above the truth. None where fewer than kFewestSamplesBeyond
    // samples lie beyond it, on its thinner side. Requires 0 < quantile < 1.
    std::optional<double> quantile_seconds(double quantile) const;
    // How many are at most so long, to the width of a bucket.
    std::uint64_t count_at_most(double seconds) const;

    struct Bucket {
        double from_seconds = 0;
        double to_seconds = 0;
        std::uint64_t count = 0;
    };
    // Those that hold something, shortest first.
    std::vector<Bucket> buckets() const;

  private:
    friend Result<LatencyHistogram> histogram_from_json(const JsonReader& reader);
    // What the buckets alone do not keep.
    void restore_exact(double min_seconds, double max_seconds, double mean_seconds);
    void record_nanoseconds_of(double seconds, std::uint64_t times);
    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::uint64_t max_nanoseconds_ = 0;
    std::uint64_t min_nanoseconds_ = 0;
    double sum_seconds_ = 0;
};

// {"count","min_seconds","max_seconds","mean_seconds","p50_seconds",...,"buckets":[[from,to,count]]};
// a percentile that is refused is null.
json::object to_json(const LatencyHistogram& histogram);
Result<LatencyHistogram> histogram_from_json(const JsonReader& reader);

}  // namespace hone::prove
