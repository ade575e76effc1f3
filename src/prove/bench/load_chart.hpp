// prove/bench/load_chart.hpp - pictures of one run as inline SVG.
//
// Shape    as prove/chart.hpp: one <svg> each, colours from the page's style sheet. Pure.
#pragma once

#include <string>
#include <vector>

#include "prove/bench/result.hpp"

namespace hone::prove {

// The operations that are drawn, those that came most often first; the rest would only be clutter.
std::vector<const OperationFigures*> pictured_operations(const LoadFigures& load);

// Latency by percentile, both axes logarithmic. Requires an operation with samples.
std::string latency_chart(const LoadFigures& load);
// What was achieved in each second, against what was offered. Requires a second.
std::string throughput_chart(const LoadFigures& load);

}  // namespace hone::prove
