// pgtune's formulas as of revision 7caef27 (2026-07-30), for Linux.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/tuners/tuner.hpp"

namespace hone::bench {

namespace {

constexpr int kFewestCoresForParallel = 4;
constexpr int kDefaultWorkerProcesses = 8;

enum class DatabaseType { kWeb, kOltp, kWarehouse };

DatabaseType type_of(LoadKind kind) {
    if (kind == LoadKind::kAnalytics) return DatabaseType::kWarehouse;
    return kind == LoadKind::kReadMostly ? DatabaseType::kWeb : DatabaseType::kOltp;
}

void add_size(Settings& settings, std::string_view name, std::int64_t kilobytes) {
    add(settings, name, format_for_postgres(Bytes::kilo(kilobytes)));
}

std::int64_t wal_buffers(std::int64_t shared_buffers) {
    constexpr std::int64_t kMost = 16 * 1024;
    constexpr std::int64_t kNearlyMost = 14 * 1024;
    constexpr std::int64_t kLeast = 32;
    const std::int64_t wanted = 3 * shared_buffers / 100;
    return wanted > kNearlyMost ? kMost : std::max(wanted, kLeast);
}

bool fits_into_memory(const TunerInput& input) {
    return input.data < input.memory;
}

std::int64_t work_mem(const TunerInput& input, DatabaseType type, std::int64_t shared_buffers) {
    constexpr std::int64_t kLeast = 4 * 1024;
    const int workers =
        input.cores >= kFewestCoresForParallel ? input.cores : kDefaultWorkerProcesses;
    const double share = static_cast<double>(input.memory.whole_kilo() - shared_buffers) /
                         ((input.connections + workers) * 3);
    const double divided = std::floor(type == DatabaseType::kWarehouse ? share / 2 : share);
    const double scaled = std::floor(divided * (fits_into_memory(input) ? 1.3 : 0.9));
    return std::max(static_cast<std::int64_t>(scaled), kLeast);
}

void add_wal(Settings& settings, DatabaseType type) {
    const bool is_oltp = type == DatabaseType::kOltp;
    const bool is_web = type == DatabaseType::kWeb;
    add(settings, "min_wal_size", is_web ? "1GB" : is_oltp ? "2GB" : "4GB");
    add(settings, "max_wal_size", is_web ? "4GB" : is_oltp ? "8GB" : "16GB");
    add(settings, "checkpoint_completion_target", "0.9");
}

void add_storage(Settings& settings, const TunerInput& input, DatabaseType type) {
    const bool spinning = input.storage == StorageClass::kHdd;
    const bool is_costly =
        !fits_into_memory(input) && (spinning || type == DatabaseType::kWarehouse);
    add(settings, "random_page_cost", is_costly ? "4" : "1.1");
    add(settings, "effective_io_concurrency",
        spinning                               ? "2"
        : input.storage == StorageClass::kNvme ? "1000"
                                               : "200");
}

void add_parallel(Settings& settings, const TunerInput& input, DatabaseType type) {
    if (input.cores < kFewestCoresForParallel) return;
    const int half = (input.cores + 1) / 2;
    add(settings, "max_worker_processes", fmt::format("{}", input.cores));
    add(settings, "max_parallel_workers_per_gather",
        fmt::format("{}", type == DatabaseType::kWarehouse ? half : std::min(half, 4)));
    add(settings, "max_parallel_workers", fmt::format("{}", input.cores));
    add(settings, "max_parallel_maintenance_workers", fmt::format("{}", std::min(half, 4)));
}

void add_by_version(Settings& settings, const TunerInput& input) {
    add(settings, "wal_compression", input.version >= 15 ? "lz4" : "on");
    if (input.version >= 18) add(settings, "io_method", "io_uring");
}

void add_autovacuum(Settings& settings, const TunerInput& input, std::int64_t maintenance) {
    constexpr std::int64_t kMost = 2 * 1024 * 1024;
    if (input.cores >= 16) add(settings, "autovacuum_max_workers", input.cores >= 32 ? "5" : "4");
    if (maintenance >= kMost) add_size(settings, "autovacuum_work_mem", kMost);
}

}  // namespace

Settings pgtune_settings(const TunerInput& input) {
    constexpr std::int64_t kMostMaintenance = 8 * 1024 * 1024;
    constexpr std::int64_t kFewestForHugePages = 2 * 1024 * 1024;
    const DatabaseType type = type_of(input.kind);
    const bool is_warehouse = type == DatabaseType::kWarehouse;
    const std::int64_t memory = input.memory.whole_kilo();
    const std::int64_t shared_buffers = memory / 4;
    const std::int64_t maintenance = std::min(memory / (is_warehouse ? 8 : 16), kMostMaintenance);
    Settings settings;
    add(settings, "max_connections", fmt::format("{}", input.connections));
    add_size(settings, "shared_buffers", shared_buffers);
    add_size(settings, "effective_cache_size", memory * 3 / 4);
    add_size(settings, "maintenance_work_mem", maintenance);
    add_size(settings, "wal_buffers", wal_buffers(shared_buffers));
    add(settings, "default_statistics_target", is_warehouse ? "500" : "100");
    add_size(settings, "work_mem", work_mem(input, type, shared_buffers));
    add(settings, "huge_pages", shared_buffers >= kFewestForHugePages ? "try" : "off");
    if (!is_warehouse) add(settings, "jit", "off");
    add_wal(settings, type);
    add_storage(settings, input, type);
    add_parallel(settings, input, type);
    add_autovacuum(settings, input, maintenance);
    add_by_version(settings, input);
    return settings;
}

}  // namespace hone::bench
