// bench/load/cost.hpp - what a client spent on a number of transactions.
#pragma once

namespace hone::bench {

struct Cost {
    double transactions = 0;
    double cpu_seconds = 0;
    double microseconds_each() const { return cpu_seconds / transactions * 1e6; }
};

}  // namespace hone::bench
