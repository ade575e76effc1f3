// prove/bench/result.hpp - what one bench run showed, as it is kept, listed, compared and reported.
//
// Shape    values. A result stands by itself: what was run, against which settings, on which
//          machine, and what came out.
// Units    seconds, bytes, operations per second.
// Errors   result_from_text: data_loss (no JSON, or cut off), unsupported (another schema_version),
//          invalid_argument with the field's path.
// Source   docs/reference/bench.md
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "model/verdict.hpp"

namespace hone::prove {

// What was run: of equal keys, results may be compared.
struct BenchKey {
    std::string name;    // "kaspa", or the workload file's name
    std::string preset;  // "" for a workload file
    std::string volume;
    std::map<std::string, std::string> variants;
    std::string content_hash;  // of the pack or the file: another version is another bench
    double rate_factor = 1;    // of a recorded workload: the speed

    bool operator==(const BenchKey&) const = default;
    // "kaspa busy, laptop".
    std::string for_people() const;
};

struct BenchMachine {
    std::string hone_version;
    std::string server_build;
    std::string kernel;
    double cores = 0;
    Bytes memory_limit;
    std::string storage;                      // "nvme", as measured
    std::optional<double> fdatasync_seconds;  // median of an 8 kB append
    std::map<std::string, std::string>
        settings;  // of the server, where they differ from built-in ones
};

// A quantile of the latency, for the picture.
struct LatencyPoint {
    double quantile = 0;
    double seconds = 0;
};

// A percentile without a value had too few samples.
struct LatencyFigures {
    std::uint64_t samples = 0;
    std::optional<double> p50_seconds;
    std::optional<double> p95_seconds;
    std::optional<double> p99_seconds;
    std::optional<double> p999_seconds;
    double mean_seconds = 0;
    double max_seconds = 0;
    std::vector<LatencyPoint> points;
};

struct OperationFigures {
    std::string name;
    bool writes = false;
    std::uint64_t arrived = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t dropped = 0;
    std::uint64_t late = 0;
    double units_per_second = 0;                    // rows or records, in the pack's own unit
    std::map<std::string, std::uint64_t> failures;  // by SQLSTATE
    std::string first_failure;
    LatencyFigures latency;  // from the intended start
};

struct LoadFigures {
    bool open_loop = true;
    double seconds = 0;
    double warm_up_seconds = 0;
    bool steady = true;
    double offered = 0;   // arrivals per second
    double achieved = 0;  // completed per second
    int connections = 0;
    std::vector<OperationFigures> operations;
    LatencyFigures latency;         // of all operations
    LatencyFigures schedule_error;  // the generator's own lateness
    std::uint64_t longest_queue = 0;
    double generator_cores = 0;  // that the generator kept busy
    std::vector<double> achieved_by_second;
    double clients = 0;  // closed loop: as set, and by Little's law
    double clients_by_little = 0;
};

// Of the server, for each operation that was completed.
struct CostFigures {
    double cpu_seconds = 0;
    double wal_bytes = 0;
    std::optional<double> buffers;          // shared buffers looked at
    std::optional<double> cache_hit_ratio;  // of those, the share that was there
    double server_cores = 0;                // that the server kept busy
    Bytes data_size_before;
    Bytes data_size_after;
};

enum class TargetVerdict { kMet, kNotMet, kNotReachableHere, kNotRun };
std::string_view to_string(TargetVerdict verdict);  // "MET", "NOT MET", ...
TargetVerdict target_verdict_named(std::string_view name);

struct TargetFigures {
    std::string target;  // "p99 of address-page at most 50 ms"
    TargetVerdict verdict = TargetVerdict::kNotRun;
    std::string reason;  // what was measured, or why it could not be
};

// Against a server with PostgreSQL's defaults, measured in the same rounds; what makes results of
// different hours comparable.
struct ReferenceFigures {
    Comparison effect;               // the subject's rate over the reference's
    Comparison control;              // two references
    std::vector<double> log_ratios;  // by round
    double slice_seconds = 0;
};

struct BenchResult {
    std::string id;  // "" until it is stored
    std::string measured_at;
    BenchKey key;
    std::string configuration;  // "default", "plan 0123456789ab", "conf 'x.conf'"
    std::uint64_t seed = 0;
    BenchMachine machine;
    LoadFigures load;
    CostFigures costs;
    std::vector<TargetFigures> targets;
    std::optional<ReferenceFigures> reference;
    std::vector<std::string> caveats;
    std::string command;  // what repeats it
};

// With schema_version and kind.
json::object to_json(const BenchResult& result);
Result<BenchResult> result_from_text(std::string_view text, std::string_view what);

}  // namespace hone::prove
