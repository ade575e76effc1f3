// prove/pgbench.hpp - PostgreSQL's own load generator, run for one slice at a time.
//
// Errors   not_found: no pgbench, or one older than 14; failed_precondition: it ended with an
//          error, in its own words; deadline_exceeded.
// Limits   a closed loop: each client sends its next transaction when the last one is answered, so
//          rates are comparable and latencies under stalls are not (coordinated omission).
// Source   PostgreSQL manual, pgbench.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/identity.hpp"
#include "base/result.hpp"
#include "prove/pgbench_loads.hpp"

namespace hone::prove {

inline constexpr int kOldestPgbench = 14;

struct Pgbench {
    std::filesystem::path program;
    int version = 0;  // major
};

// The one beside the server's programs, else in PATH, else the newest installed.
Result<Pgbench> find_pgbench(const std::filesystem::path& bin_directory);

struct SliceOptions {
    std::string conninfo;
    Identity owner;                     // whom the server's socket lets in
    std::filesystem::path script_file;  // of a load with a script
    int clients = 1;
    int threads = 1;
    int seconds = 1;
    int scale = 1;
    std::uint64_t seed = 0;
};

struct SliceResult {
    double transactions = 0;
    double rate = 0;  // transactions per second, without the time to connect
};

// pgbench -i: makes and fills its four tables.
Status fill(const Pgbench& pgbench, const SliceOptions& options, Deadline deadline);
Result<SliceResult> run_slice(const Pgbench& pgbench, const Load& load, const SliceOptions& options,
                              Deadline deadline);

// Reads what pgbench printed. Errors: failed_precondition: no rate in it, or none above zero.
Result<SliceResult> slice_from_output(std::string_view output);

}  // namespace hone::prove
