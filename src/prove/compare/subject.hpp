// prove/compare/subject.hpp - a side of a comparison: something that can be loaded for a slice, and
// that tells what it has consumed.
//
// Shape    an interface: a scratch server under pgbench, under sysbench, under the load generator, a
//          query set. All subjects of a comparison do the same work for the same seed.
// Threads  one: the comparison asks one subject at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "prove/compare/usage.hpp"

namespace hone::prove {

struct Slice {
    double operations = 0;  // completed in the slice
    double rate = 0;        // per second; the larger the better
    // Of this slice, where the load tells; 0: it does not.
    double p99_seconds = 0;
    double mean_seconds = 0;
};

class Subject {
  public:
    virtual ~Subject() = default;
    virtual const std::string& name() const = 0;  // "default", "planned", "control"
    // Loads it for about so long.
    virtual Result<Slice> run_slice(double seconds, std::uint64_t seed, Deadline deadline) = 0;
    // Since it started. A subject without a server behind it has none.
    virtual Result<std::optional<Usage>> usage(Deadline deadline) = 0;
    // Before the first round: finish what earlier loads left to do (a checkpoint).
    virtual Status settle(Deadline deadline) = 0;
};

}  // namespace hone::prove
