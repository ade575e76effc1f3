// prove/bench/figures.hpp - from what the load generator and the server tell to the figures of a
// result.
//
// Shape    pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "prove/bench/result.hpp"
#include "prove/bench/source.hpp"
#include "prove/compare/usage.hpp"
#include "prove/load/generator.hpp"

namespace hone::prove {

LatencyFigures latency_figures(const LatencyHistogram& histogram);

struct RunSetting {
    int connections = 1;
    int threads = 1;
    double cores = 1;  // of the machine, shared by server and generator
};
LoadFigures load_figures(const LoadReport& report, const Workload& workload,
                         const RunSetting& setting);

// `operations`: transactions that were completed between the two readings, `seconds` apart.
CostFigures cost_figures(const Usage& before, const Usage& after, double operations,
                         double seconds);

// Why the figures say more of the machine than of the server's settings; "" where they do not.
std::string saturation_of(const LoadFigures& load, const CostFigures& costs,
                          const RunSetting& setting);

// One for each target. A target that was missed while something was saturated is not reachable
// here; one without enough samples, or of a closed loop, was not run.
std::vector<TargetFigures> judge_targets(std::span<const BenchTarget> targets,
                                         const LoadReport& report, const std::string& saturation);

// What the reader should know of the load itself.
std::vector<std::string> load_caveats(const LoadFigures& load);

// "850 us", "12.3 ms", "1.25 s".
std::string duration_for_people(double seconds);
// The same, or "too few" samples.
std::string percentile_for_people(const std::optional<double>& seconds);

}  // namespace hone::prove
