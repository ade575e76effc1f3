#include "prove/pgbench_loads.hpp"

#include <fmt/format.h>

#include <array>

namespace hone::prove {

namespace {

// Keys are SHA-256 of a number, so they fall on random leaves of the index as transaction hashes
// do. The step is a prime above any key space used here, so no key comes twice in one batch; rows
// come in key order, so that two batches cannot deadlock. About half of the keys exist already.
constexpr std::string_view kUpsertScript = R"(\set space 40000 * :scale
\set base random(1, :space)
INSERT INTO hone_upsert (key, owner, amount, touched, payload)
SELECT sha256(int8send(k)), k % 1000, k % 100000, :base, repeat('x', 100)
FROM (SELECT (:base + i * 2654435761) % :space AS k
      FROM generate_series(1::bigint, :batch) AS i) AS numbers
ORDER BY 1
ON CONFLICT (key) DO UPDATE
SET amount = hone_upsert.amount + excluded.amount, touched = excluded.touched;
)";

constexpr std::array kLoads{
    Load{.name = "read-only", .meaning = "one row by its key", .builtin = "select-only"},
    Load{.name = "read-write",
         .meaning = "a bank transfer: one select, three updates, one insert, one commit",
         .builtin = "tpcb-like",
         .writes = true},
    Load{.name = "bulk-upsert",
         .meaning = "batches of 500 rows with random 32-byte keys, inserted or merged",
         .script = kUpsertScript,
         .writes = true,
         .longest_slice_seconds = 5},
};

}  // namespace

std::span<const Load> all_loads() {
    return kLoads;
}

const Load* load_named(std::string_view name) {
    for (const Load& load : kLoads)
        if (load.name == name) return &load;
    return nullptr;
}

std::string upsert_table_sql() {
    return "CREATE TABLE hone_upsert (key bytea PRIMARY KEY, owner bigint NOT NULL, "
           "amount bigint NOT NULL, touched bigint NOT NULL, payload text NOT NULL)";
}

std::string upsert_fill_sql(int scale) {
    return fmt::format(
        "INSERT INTO hone_upsert (key, owner, amount, touched, payload) "
        "SELECT sha256(int8send(k * 2)), k % 1000, k, 0, repeat('x', 100) "
        "FROM generate_series(1::bigint, {}) AS k",
        static_cast<long>(scale) * kUpsertRowsPerScale);
}

std::string upsert_index_sql() {
    return "CREATE INDEX hone_upsert_owner ON hone_upsert (owner, touched)";
}

}  // namespace hone::prove
