// prove/load/tally.hpp - what became of every transaction, counted by one thread and added up.
//
// Shape    a run is cut into epochs, so that the warm-up can be left out when it is known how long
//          it was: a transaction belongs to the epoch in which it was meant to begin, and a rate
//          counts what ended in it.
// Units    seconds from the beginning of the run.
// Threads  one writer; merge when it has ended.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "prove/load/generator.hpp"

namespace hone::prove {

// A transaction that is to be sent.
struct Task {
    double at_seconds = 0;        // when it is meant to begin
    std::uint32_t operation = 0;  // of the workload
    std::uint32_t client = 0;     // closed loop: who waits for the answer
    std::uint64_t number = 0;     // within its operation
};

struct TallyOptions {
    std::size_t operations = 0;
    double seconds = 0;  // of arrivals
    double timeout_seconds = 0;
    // In the first half, where a warm-up ends at the latest; the second half is another. 0: one for
    // the whole run.
    int epochs_of_first_half = 0;
};

inline constexpr double kHalfSecond = 0.5;

// The mean logarithm of the latencies of half a second, which one slow answer hardly moves.
struct HalfSecond {
    std::uint64_t count = 0;
    double sum_of_logarithms = 0;
};

class Tally {
  public:
    explicit Tally(const TallyOptions& options);

    // `free_since`: since when a connection had been waiting for work; greater than the intended
    // start where there was none.
    void began(const Task& task, double now, double free_since);
    void completed(const Task& task, double began_at, double now);
    void failed(const Task& task, double now, const std::string& sqlstate,
                const std::string& words);
    void timed_out(const Task& task, double now);
    void dropped(const Task& task);
    void merge(const Tally& other);

    std::span<const HalfSecond> half_seconds() const { return half_seconds_; }
    // The first epoch that begins at that moment or later.
    std::size_t epoch_from(double seconds) const;
    std::uint64_t completed_so_far() const { return completed_so_far_; }
    // Fills all figures but those that the demand knows: what was before `first_epoch` left out.
    // `think_seconds` for Little's law.
    void report(std::size_t first_epoch, double think_seconds,
                std::span<const OperationInfo> operations, LoadReport& report) const;

  private:
    struct Epoch {
        std::vector<OperationReport> operations;
        LatencyHistogram schedule_error;
        // By the moment at which they ended.
        std::uint64_t completed = 0;
        std::uint64_t ended = 0;
        double residence_seconds = 0;
    };
    double first_half_epoch_seconds() const;
    double starts_at(std::size_t epoch) const;
    Epoch& epoch_at(double seconds);
    OperationReport& of(const Task& task);
    void ended(const Task& task, double now);
    TallyOptions options_;
    std::vector<Epoch> epochs_;
    std::vector<HalfSecond> half_seconds_;
    std::vector<std::uint64_t> completed_by_second_;
    std::uint64_t completed_so_far_ = 0;
};

}  // namespace hone::prove
