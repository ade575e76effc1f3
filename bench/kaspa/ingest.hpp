// bench/kaspa/ingest.hpp - how many transactions a second the database takes: PostgreSQL's defaults
// against hone's plan.
//
// Shape    two measurements on the same servers. Catch-up, closed loop, in interleaved slices with a
//          control: the ratio with its interval. Then the knee, open loop: the rate is raised step
//          by step until the server falls behind.
#pragma once

#include <string>
#include <vector>

#include "bench/kaspa/laboratory.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::bench {

struct IngestSide {
    std::string name;
    double transactions_per_second = 0;  // catch-up, mean of the slices
    double wal_per_transaction = 0;      // bytes, every table's share included
    double cpu_per_thousand = 0;         // seconds of the server
    double hit_ratio = 0;                // of shared_buffers
    double knee = 0;                     // the highest offered transactions/s that it kept up with
    bool knee_found = false;             // false: it kept up with every rate that was tried
};

struct IngestReport {
    std::vector<IngestSide> sides;  // default, control, planned
    prove::CandidateEvidence evidence;
    Settings planned;
};

// hone's plan for this machine, for ingest over the indexer's connections.
Result<Settings> plan_for_ingest(const Laboratory& laboratory, Progress& progress);
// `planned` may come from a plan's file instead.
Result<IngestReport> measure_ingest(const Laboratory& laboratory, const Settings& planned,
                                    Progress& progress, Deadline deadline);
std::string ingest_text(const IngestReport& report);

}  // namespace hone::bench
