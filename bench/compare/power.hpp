// bench/compare/power.hpp - how often a slowdown of 10 % is found, by noise and rounds. Simulated.
#pragma once

#include <cstdint>
#include <string>

namespace hone::bench {

// A Markdown table: the share of trials in which it was called slower, and the share of equal
// servers that were called faster or slower. Noise: normal, the SD of a slice's log rate.
std::string power_table(int trials, std::uint64_t seed);

}  // namespace hone::bench
