// prove/load/arrivals.hpp - when transactions begin: a schedule that is fixed before the run.
//
// Shape    open loop: whatever the server does, arrivals come when the schedule says, and latency
//          counts from that moment. One stream for each operation, merged in the order of time.
// Units    seconds from the beginning of the run; arrivals per second.
// Source   Schroeder, Wierman, Harchol-Balter, "Open versus closed: a cautionary tale" (NSDI 2006).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace hone::prove {

struct Arrival {
    double at_seconds = 0;
    std::uint32_t operation = 0;
    std::uint64_t number = 0;  // of the transaction within its operation
};

class Arrivals {
  public:
    virtual ~Arrivals() = default;
    // In the order of time; none when the run is over.
    virtual std::optional<Arrival> next() = 0;
};

enum class Pacing { kPoisson, kConstant };

struct ArrivalOptions {
    std::vector<double> rates;  // by operation; 0: it does not come
    Pacing pacing = Pacing::kPoisson;
    double seconds = 0;
    std::uint64_t seed = 0;
    std::vector<std::uint64_t> first_numbers;  // by operation; empty: all from 0
};
// Requires rates >= 0, and first_numbers empty or as long as rates.
std::unique_ptr<Arrivals> make_arrivals(const ArrivalOptions& options);

// A schedule from elsewhere (a recording). Requires the order of time.
std::unique_ptr<Arrivals> recorded_arrivals(std::vector<Arrival> arrivals);

}  // namespace hone::prove
