// pgconfig's formulas as of revision 6cd37be (2025-12-28), for Linux.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/tuners/tuner.hpp"

namespace hone::bench {

namespace {

struct Profile {
    double work_mem_share;    // of the memory, for all connections together
    double io_workers_share;  // of the cores
};

Profile profile_of(LoadKind kind) {
    constexpr Profile kWeb{0.25, 0.2};
    constexpr Profile kOltp{0.35, 0.3};
    constexpr Profile kWarehouse{0.5, 0.4};
    if (kind == LoadKind::kAnalytics) return kWarehouse;
    return kind == LoadKind::kReadMostly ? kWeb : kOltp;
}

// It prints whole numbers of the largest unit, rounded.
std::string size_text(double bytes) {
    constexpr std::array<std::string_view, 3> kUnits{"kB", "MB", "GB"};
    double value = bytes / 1024;
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.0f}{}", value, kUnits[unit]);
}

// Which limits and how many at once it leaves as they are, but for these profiles.
void add_asynchronous_io(Settings& settings, const TunerInput& input) {
    const double share =
        profile_of(input.kind).io_workers_share + (input.storage == StorageClass::kHdd ? 0.1 : 0);
    const int wanted = std::max(2, static_cast<int>(std::ceil(input.cores * share)));
    const bool warehouse = input.kind == LoadKind::kAnalytics;
    const bool web = input.kind == LoadKind::kReadMostly;
    add(settings, "io_method", "worker");
    add(settings, "io_workers", fmt::format("{}", std::min(wanted, input.cores)));
    add(settings, "io_max_combine_limit", warehouse ? "128" : "16");
    add(settings, "io_max_concurrency", warehouse ? "256" : web ? "64" : "128");
    add(settings, "file_copy_method", "copy");
}

}  // namespace

Settings pgconfig_settings(const TunerInput& input) {
    const auto memory = static_cast<double>(input.memory.count());
    const bool spinning = input.storage == StorageClass::kHdd;
    const std::string concurrency = spinning ? "2" : "200";
    Settings settings;
    add(settings, "shared_buffers", size_text(memory * 0.25));
    add(settings, "effective_cache_size", size_text(memory * 0.75));
    add(settings, "work_mem",
        size_text(memory * profile_of(input.kind).work_mem_share / input.connections));
    add(settings, "maintenance_work_mem", size_text(memory * 0.05));
    add(settings, "min_wal_size", "2GB");
    add(settings, "max_wal_size", "3GB");
    add(settings, "checkpoint_completion_target", "0.9");
    add(settings, "wal_buffers", "-1");
    add(settings, "max_connections", fmt::format("{}", input.connections));
    add(settings, "random_page_cost", spinning ? "4.0" : "1.1");
    add(settings, "effective_io_concurrency", concurrency);
    add(settings, "maintenance_io_concurrency", concurrency);
    add(settings, "max_worker_processes", "8");
    add(settings, "max_parallel_workers_per_gather", "2");
    add(settings, "max_parallel_workers", "2");
    if (input.version >= 18) add_asynchronous_io(settings, input);
    return settings;
}

}  // namespace hone::bench
