#include "tune/budget.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hone::tune {

namespace {

// Measured on 15.20: 1.4 MB of private memory after simple transactions; the caches of relations
// and prepared plans double it on a real schema.
constexpr Bytes kProcessMemory = Bytes::mega(3);
constexpr int kBackgroundProcesses = 8;  // postmaster, checkpointer, writers, launchers, loggers
// Measured with postgres -C shared_memory_size over 16 MB to 32 GB and 20 to 2000 connections.
constexpr Bytes kSharedBase = Bytes::mega(8);
constexpr double kSharedPerBuffer = 0.025;
constexpr Bytes kSharedPerConnection = Bytes::kilo(48);
// One entry of 8 bytes for each page of 4 kB that a process has touched.
constexpr std::int64_t kMemoryPerPageTable = 512;
constexpr Bytes kLargestAutomaticWalBuffers = Bytes::mega(16);
constexpr std::int64_t kBuffersPerAutomaticWalBuffer = 32;

Bytes wal_buffers_of(const MemoryShape& shape) {
    if (shape.wal_buffers.count() >= 0) return shape.wal_buffers;
    return std::min(shape.shared_buffers / kBuffersPerAutomaticWalBuffer,
                    kLargestAutomaticWalBuffers);
}

Bytes autovacuum_memory_of(const MemoryShape& shape) {
    return shape.autovacuum_work_mem.count() < 0 ? shape.maintenance_work_mem
                                                 : shape.autovacuum_work_mem;
}

int workers_at_work(const MemoryShape& shape) {
    return shape.connections + shape.parallel_workers;
}

// Huge pages that are reserved need next to no page tables.
bool has_huge_pages(const Situation& situation, const MemoryShape& shape) {
    const TuneInput& input = situation.input;
    return input.huge_page_size && input.huge_pages_free &&
           *input.huge_page_size * *input.huge_pages_free >= shape.shared_buffers;
}

void add_shared_terms(const Situation& situation, const MemoryShape& shape, MemoryBudget& budget) {
    budget.terms.push_back({"shared_buffers", shape.shared_buffers, "one cache for all sessions"});
    budget.terms.push_back({"wal_buffers", wal_buffers_of(shape),
                            shape.wal_buffers.count() < 0
                                ? "automatic: 1/32 of shared_buffers, at most 16 MB"
                                : "as set"});
    budget.terms.push_back(
        {"other shared memory",
         kSharedBase + share_of(shape.shared_buffers, kSharedPerBuffer) +
             kSharedPerConnection * shape.connections,
         fmt::format("8 MB, 2.5 % of shared_buffers, 48 kB for each of {} connections",
                     shape.connections)});
    if (has_huge_pages(situation, shape)) return;
    const Bytes table = shape.shared_buffers / kMemoryPerPageTable;
    budget.terms.push_back({"page tables", table * workers_at_work(shape),
                            fmt::format("{} processes that have touched all of shared_buffers x {}",
                                        workers_at_work(shape), format_for_people(table))});
}

void add_private_terms(const Situation& situation, const MemoryShape& shape, MemoryBudget& budget) {
    const int processes =
        workers_at_work(shape) + shape.autovacuum_workers + shape.io_workers + kBackgroundProcesses;
    budget.terms.push_back(
        {"processes", kProcessMemory * processes,
         fmt::format("{} processes x 3 MB: {} connections, {} parallel "
                     "workers, {} autovacuum workers, {} others",
                     processes, shape.connections, shape.parallel_workers, shape.autovacuum_workers,
                     shape.io_workers + kBackgroundProcesses)});
    const int nodes = situation.workload_traits.nodes;
    const double areas = workers_at_work(shape) * nodes * shape.hash_mem_multiplier;
    budget.terms.push_back(
        {"work_mem", share_of(shape.work_mem, areas),
         fmt::format("({} connections + {} parallel workers) x {} {} x {} x hash_mem_multiplier {}",
                     shape.connections, shape.parallel_workers, nodes,
                     nodes == 1 ? "node" : "nodes", format_for_people(shape.work_mem),
                     shape.hash_mem_multiplier)});
    const int operations = situation.machine_traits.maintenance_operations;
    budget.terms.push_back({"maintenance_work_mem", shape.maintenance_work_mem * operations,
                            fmt::format("{} CREATE INDEX or VACUUM at a time x {}", operations,
                                        format_for_people(shape.maintenance_work_mem))});
    const Bytes vacuum = autovacuum_memory_of(shape);
    budget.terms.push_back(
        {"autovacuum_work_mem", vacuum * shape.autovacuum_workers,
         fmt::format("{} workers x {}", shape.autovacuum_workers, format_for_people(vacuum))});
}

}  // namespace

MemoryShape shape_of(const Draft& draft) {
    const auto count = [&](std::string_view setting) {
        return static_cast<int>(draft.number(setting));
    };
    const auto size = [&](std::string_view setting) {
        return draft.number(setting) < 0 ? Bytes{-1} : draft.bytes(setting);
    };
    return {.shared_buffers = size("shared_buffers"),
            .wal_buffers = size("wal_buffers"),
            .work_mem = size("work_mem"),
            .maintenance_work_mem = size("maintenance_work_mem"),
            .autovacuum_work_mem = size("autovacuum_work_mem"),
            .hash_mem_multiplier = draft.number("hash_mem_multiplier", 1),
            .connections = count("max_connections"),
            .parallel_workers = count("max_parallel_workers"),
            .autovacuum_workers = count("autovacuum_max_workers"),
            .io_workers = draft.effective("io_method") == "worker" ? count("io_workers") : 0};
}

MemoryBudget budget_of(const Situation& situation, const MemoryShape& shape) {
    MemoryBudget budget;
    budget.limit = situation.limit;
    budget.limit_source = situation.input.machine.memory_source;
    add_shared_terms(situation, shape, budget);
    add_private_terms(situation, shape, budget);
    for (const Tenant& tenant : situation.tenants)
        budget.terms.push_back({tenant.name, tenant.memory, "another program, as you named it"});
    budget.terms.push_back({"operating system", situation.system_memory,
                            "the kernel, other programs, and the file cache at its smallest"});
    return budget;
}

Bytes affordable_work_mem(const Situation& situation, const MemoryShape& shape) {
    MemoryShape without = shape;
    without.work_mem = Bytes{};
    const Bytes left = situation.limit - budget_of(situation, without).worst_case();
    const double areas = workers_at_work(shape) * situation.workload_traits.nodes *
                         std::max(shape.hash_mem_multiplier, 1.0);
    return Bytes{static_cast<std::int64_t>(static_cast<double>(left.count()) / areas)};
}

}  // namespace hone::tune
