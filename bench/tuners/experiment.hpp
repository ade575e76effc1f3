// bench/tuners/experiment.hpp - every tool's settings on a server of its own, all alive at once, measured
// in interleaved slices.
//
// Shape    for each data set one server for each tool, with a copy of the data; for each load they are
//          restarted with what their tool says for that kind of load. "default" comes twice: the
//          second one is the control.
// Errors   where nothing could be measured at all. A load that fails is "not run", with the reason; so
//          is a tool whose settings do not boot.
// Cost     the seconds of each load, and about a minute for each data set.
// Threads  one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "bench/tuners/bench_load.hpp"
#include "bench/tuners/hone_plan.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::bench {

inline constexpr std::string_view kDefault = "default";
inline constexpr std::string_view kControl = "default again";
inline constexpr std::string_view kHone = "hone";

// A tool's settings with some of them changed, measured beside it: "hone jit=on".
struct Variant {
    std::string tool;
    Settings changes;
};
Result<Variant> parse_variant(std::string_view text);
std::string name_of(const Variant& variant);

struct ExperimentOptions {
    std::filesystem::path bin_directory;
    std::filesystem::path scratch_folder = "/tmp";
    std::filesystem::path kept_data;  // filled data sets are kept here and found again; "": nowhere
    Bytes memory;                     // of each server; 0: no limit
    int disk_iops = 0;
    double scale = 1;
    double seconds = 150;  // of slices, for each load
    int connections = 40;  // that every tool is told; a quarter of them for reports
    std::uint64_t seed = 0;
    std::vector<std::string> loads;  // parts of their names; empty: all
    std::vector<Variant> variants;
    bool others = true;  // false: only default, hone and the variants
};

struct Contestant {
    std::string name;
    Settings settings;
    std::string does_not_boot;  // the server's words; "" where it does
};

struct LoadOutcome {
    std::string name;
    std::string meaning;
    std::string operation;
    bool writes = false;
    Bytes data;
    std::vector<Contestant> contestants;  // of all, in the order of the table
    // Its subjects are the contestants that boot. None where the load was not run.
    std::optional<prove::Measured> measured;
    std::string not_run_because;
};

struct Outcome {
    ExperimentOptions options;
    Machine machine;
    std::string server_build;
    std::string measured_at;  // RFC 3339 UTC
    Sizes sizes;
    bool memory_limited = false;
    std::vector<LoadOutcome> loads;
    std::vector<std::string> caveats;
};

Result<Outcome> run_experiment(const ExperimentOptions& options, Progress& progress,
                               Deadline deadline);

}  // namespace hone::bench
