// bench/compare/recording.hpp - slices of three equal servers, kept as they came: what trials of the
// statistics are drawn from (src/prove/compare/recorded_test.cpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "bench/compare/hog.hpp"
#include "prove/compare/comparison.hpp"

namespace hone::bench {

inline constexpr int kEqualServers = 3;

struct RecordingOptions {
    std::filesystem::path bin_directory;
    std::string load = "read-only";  // of prove/pgbench_loads.hpp
    int rounds = 100;
    int scale = 10;
    double cores = 2;
    std::optional<HogOptions> hog;
    std::uint64_t seed = 0;
};

struct Recording {
    RecordingOptions options;
    std::string server_build;
    std::string recorded_at;
    int clients = 0;
    prove::Measured measured;
};

Result<Recording> record(const RecordingOptions& options, Progress& progress, Deadline deadline);

// Rates round by round, one for each server; compact.
json::object to_json(const Recording& recording);
// What the slices say about each other.
std::string summary_of(const Recording& recording);

}  // namespace hone::bench
