// tune/budget.hpp - the most memory that a server can take, term by term.
//
// Shape    a worst case, not a mean: every connection and every parallel worker works at the same
//          time, each with as many sorts and hashes as its workload has, each of them full.
// Limits   not in it: temp_buffers (only sessions with temporary tables), what extensions take.
// Source   shared memory and processes measured on 15.20; see docs/reference/rules.md.
#pragma once

#include "tune/draft.hpp"
#include "tune/situation.hpp"

namespace hone::tune {

// The settings that memory depends on, as numbers.
struct MemoryShape {
    Bytes shared_buffers;
    Bytes wal_buffers;  // negative: automatic
    Bytes work_mem;
    Bytes maintenance_work_mem;
    Bytes autovacuum_work_mem;  // negative: maintenance_work_mem holds
    double hash_mem_multiplier = 1;
    int connections = 0;
    int parallel_workers = 0;
    int autovacuum_workers = 0;
    int io_workers = 0;
};

// What the draft has come to so far.
MemoryShape shape_of(const Draft& draft);

MemoryBudget budget_of(const Situation& situation, const MemoryShape& shape);

// The work_mem that is left when all other terms have had theirs; may be negative.
Bytes affordable_work_mem(const Situation& situation, const MemoryShape& shape);

}  // namespace hone::tune
