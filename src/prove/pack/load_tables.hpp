// prove/pack/load_tables.hpp - fills the tables of a pack by COPY, and checks what is in them.
//
// Shape    each table in one transaction, frozen as it is written. The check adds up 60 bits of
//          SHA-256 of every row's fields, here and in SQL: the order of the rows does not matter.
// Errors   as postgres::Connection; cancelled; invalid_argument where a number does not fit into its
//          column.
// Cost     one core of this process and one of the server; docs/reference/packs.md has rows/s.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "prove/pack/pack.hpp"
#include "prove/pack/table_load.hpp"

namespace hone::prove {

Status load_tables(postgres::Connection& connection, const std::vector<TableLoad>& loads,
                   Progress& progress, Deadline deadline);

Result<std::vector<PackTableCheck>> check_tables(postgres::Connection& connection,
                                                 const std::vector<TableLoad>& loads,
                                                 Progress& progress, Deadline deadline);

}  // namespace hone::prove
