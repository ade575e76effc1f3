// prove/load/demand.hpp - what is to be sent next: from a schedule, or from clients that wait for
// their answers.
//
// Units    seconds from the beginning of the run.
// Threads  shared by all threads of a run.
// Limits   a schedule's queue is bounded: what comes while it is full is dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "prove/load/tally.hpp"

namespace hone::prove {

class Demand {
  public:
    virtual ~Demand() = default;
    // What is due and has waited longest. What waited in vain until now goes to the tally.
    virtual std::optional<Task> take(double now, Tally& tally) = 0;
    // The same without taking: for when no connection is free.
    virtual void tend(double now, Tally& tally) = 0;
    // When there will be something to take; infinity: only an answer can bring something.
    virtual double next_at() = 0;
    // Its client has its answer, or gave up.
    virtual void answered(const Task& task, double now) = 0;
    // Nothing waits, and nothing will come.
    virtual bool over(double now) = 0;

    struct Facts {
        std::uint64_t longest_queue = 0;
        std::vector<std::uint64_t> next_numbers;  // by operation
    };
    virtual Facts facts() = 0;
};

// Requires options that were validated.
std::unique_ptr<Demand> make_demand(const RunOptions& options, std::size_t operations);

}  // namespace hone::prove
