// timescaledb-tune's formulas as of revision c7a642b (2026-05-27), default profile. Its line that loads
// TimescaleDB is left out: no build here has it, and none would start.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/tuners/tuner.hpp"

namespace hone::bench {

namespace {

constexpr int kBackgroundWorkers = 16;
constexpr int kBuiltInProcesses = 3;

double gigabytes(Bytes size) {
    return static_cast<double>(size.count()) / static_cast<double>(Bytes::giga(1).count());
}

// Whole units where there are any, else the next smaller unit, cut off.
std::string size_text(double bytes) {
    struct Unit {
        std::string_view name;
        std::string_view smaller;
        double size;
    };
    constexpr double kKilo = 1024;
    constexpr Unit kUnits[] = {{"GB", "MB", kKilo * kKilo * kKilo}, {"MB", "kB", kKilo * kKilo}};
    for (const Unit& unit : kUnits) {
        if (bytes < unit.size) continue;
        const double value = bytes / unit.size;
        if (value - std::floor(value) <= 0.001)
            return fmt::format("{:.0f}{}", std::floor(value), unit.name);
        return fmt::format("{:.0f}{}", std::floor(value * kKilo), unit.smaller);
    }
    return fmt::format("{:.0f}kB", std::max(1.0, std::round(bytes / kKilo)));
}

void add_memory(Settings& settings, const TunerInput& input) {
    constexpr double kMega = 1024 * 1024;
    constexpr double kLeastWorkMem = 64 * 1024;
    constexpr double kMostMaintenance = 2047 * kMega;
    constexpr double kWorkMemPerGigabyte = 400 * kMega;  // shared out among the connections
    const auto memory = static_cast<double>(input.memory.count());
    add(settings, "shared_buffers", size_text(std::floor(memory / 4)));
    add(settings, "effective_cache_size", size_text(std::floor(memory * 3 / 4)));
    add(settings, "maintenance_work_mem",
        size_text(std::min(gigabytes(input.memory) * 128 * kMega, kMostMaintenance)));
    const double share = gigabytes(input.memory) * kWorkMemPerGigabyte / input.connections /
                         std::round(input.cores / 2.0);
    add(settings, "work_mem", size_text(std::max(std::floor(share), kLeastWorkMem)));
}

// With one core it recommends nothing here.
void add_parallel(Settings& settings, const TunerInput& input) {
    if (input.cores < 2) return;
    add(settings, "timescaledb.max_background_workers", fmt::format("{}", kBackgroundWorkers));
    add(settings, "max_worker_processes",
        fmt::format("{}", kBuiltInProcesses + kBackgroundWorkers + input.cores));
    add(settings, "max_parallel_workers_per_gather",
        fmt::format("{:.0f}", std::round(input.cores / 2.0)));
    add(settings, "max_parallel_workers", fmt::format("{}", input.cores));
}

void add_wal(Settings& settings, const TunerInput& input) {
    const bool small = input.memory < Bytes::giga(2);
    add(settings, "wal_buffers",
        small ? size_text(std::floor(gigabytes(input.memory) * 7864 * 1024)) : "16MB");
    add(settings, "min_wal_size", "512MB");
    add(settings, "max_wal_size", "1GB");
}

std::string locks(Bytes memory) {
    if (memory >= Bytes::giga(32)) return "1024";
    if (memory >= Bytes::giga(16)) return "512";
    return memory >= Bytes::giga(8) ? "256" : "128";
}

}  // namespace

Settings timescaledb_tune_settings(const TunerInput& input) {
    Settings settings;
    add_memory(settings, input);
    add_parallel(settings, input);
    add_wal(settings, input);
    add(settings, "default_statistics_target", "100");
    add(settings, "random_page_cost", "1.1");
    add(settings, "checkpoint_completion_target", "0.9");
    add(settings, "max_connections", fmt::format("{}", input.connections));
    add(settings, "max_locks_per_transaction", locks(input.memory));
    add(settings, "autovacuum_max_workers", "10");
    add(settings, "autovacuum_naptime", "10");
    add(settings, "default_toast_compression", "lz4");
    add(settings, "jit", "off");
    add(settings, "effective_io_concurrency", "256");
    return settings;
}

}  // namespace hone::bench
