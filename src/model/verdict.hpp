// model/verdict.hpp - what an experiment showed, and what it could have shown.
//
// Units    ratios are planned / current of a rate (above 1: faster); seconds; transactions per
//          second.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/units.hpp"

namespace hone {

enum class Verdict { kFaster, kSlower, kNoDifference, kCannotTell, kNotRun };
std::string_view to_string(
    Verdict verdict);  // "faster", "slower", "no difference", "cannot tell", "not run"

struct Interval {
    double low = 0;
    double high = 0;
};

struct Comparison {
    std::string metric;  // "transactions per second"
    double ratio = 1;    // geometric mean over pairs
    Interval interval;   // 95 %, of the ratio
    // The smallest change (0.05: 5 %) that this run could have found with 80 % power; 0 where
    // nothing is judged by it (the control, costs).
    double smallest_effect = 0;
    int pairs = 0;
    Verdict verdict = Verdict::kCannotTell;
};

struct WorkloadEvidence {
    std::string workload;  // "read-only", "read-write", "bulk-upsert"
    Comparison control;    // current against current
    Comparison effect;     // planned against current
    std::vector<Comparison>
        companions;  // costs per transaction (server CPU seconds, WAL bytes) where they were read:
                     // below 1 is cheaper; they carry no verdict
    std::string sentence;               // the verdict with its numbers, for people
    double slice_seconds = 0;           // how long each rate was measured
    int clients = 0;                    // that kept the server busy
    std::vector<double> current_rates;  // transactions per second, slice by slice
    std::vector<double> control_rates;  // of the second instance with the current settings
    std::vector<double> planned_rates;
    std::string not_run_because;  // only where the verdict is kNotRun
};

struct Evidence {
    std::string plan_id;
    std::string server_build;
    std::string measured_at;  // RFC 3339 UTC
    std::uint64_t seed = 0;
    double seconds = 0;  // how long the measuring took
    int scale = 0;       // of the data, as pgbench counts it
    std::vector<WorkloadEvidence> workloads;
    std::vector<std::string>
        caveats;  // "both instances share 2 cores", "shared_buffers was halved to fit twice"
};

json::object to_json(const Comparison& comparison);
json::object to_json(const Evidence& evidence);

}  // namespace hone
