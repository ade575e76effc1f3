// prove/pgbench_loads.hpp - what the servers are made to do while they are measured.
//
// Shape    three loads, each a pgbench script: a built-in one or SQL of our own.
// Source   PostgreSQL manual, pgbench: select-only and tpcb-like; bulk-upsert is modelled on what a
//          blockchain indexer does: batches of rows with random 32-byte keys, merged by INSERT ...
//          ON CONFLICT into a table with a second index.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hone::prove {

struct Load {
    std::string_view name;          // "read-only"
    std::string_view meaning;       // for people
    std::string_view builtin = {};  // pgbench's name of it; "" where `script` is set
    std::string_view script = {};
    bool writes = false;
    // Slices grow to this where the time allows, so that checkpoints and vacuum show themselves.
    int longest_slice_seconds = 1;
};

// Every load that hone knows, in the order in which they are measured.
std::span<const Load> all_loads();
// None where there is no such load.
const Load* load_named(std::string_view name);

// Rows of the bulk-upsert table for each unit of scale before the first batch.
inline constexpr int kUpsertRowsPerScale = 20000;
inline constexpr int kUpsertBatchRows = 500;
// The statements that make and fill the bulk-upsert table, in order.
std::string upsert_table_sql();
std::string upsert_fill_sql(int scale);
std::string upsert_index_sql();

}  // namespace hone::prove
