// prove/bench/contest.hpp - one configuration against another, under one load, in the same minutes.
//
// Shape    three servers with the same data: the baseline, its twin (the control) and the candidate,
//          measured in interleaved slices (prove/compare/comparison.hpp). What is compared is the
//          rate of the load's mix at full speed (closed loop), because an open loop's rate is what
//          was offered, on every server that keeps up.
// Errors   as prove/compare/comparison.hpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "prove/bench/servers.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::prove {

struct ContestOptions {
    // Of slices, for all three servers together. A slice is a second, or shorter where that would
    // leave too few rounds.
    double seconds = 120;
    double wanted_half_width = 0;  // stop when the interval is as narrow; 0: use the time
    std::optional<int> connections;
    std::uint64_t seed = 0;
};

struct ContestReport {
    BenchKey key;
    std::string measured_at;
    std::string baseline;  // configurations' names
    std::string candidate;
    std::uint64_t seed = 0;
    double seconds = 0;
    int connections = 0;
    double slice_seconds = 0;
    BenchMachine machine;
    CandidateEvidence evidence;
    std::vector<double> baseline_rates;
    std::vector<double> control_rates;
    std::vector<double> candidate_rates;
    std::vector<std::string> caveats;

    // Round by round: the candidate over the geometric mean of baseline and control.
    std::vector<double> log_ratios() const;
};

// The first three of `servers`: baseline, control, candidate.
Result<ContestReport> measure_contest(BenchSource& source,
                                      std::span<const postgres::ScratchServer> servers,
                                      const BenchPlace& place, const ContestOptions& options,
                                      Progress& progress, Deadline deadline);

Result<ContestReport> run_contest(BenchSource& source, const BenchPlace& place,
                                  const Configuration& baseline, const Configuration& candidate,
                                  const ContestOptions& options, Progress& progress,
                                  Deadline deadline);

json::object to_json(const ContestReport& report);

}  // namespace hone::prove
