// prove/replay/record_statements.hpp - a recording from pg_stat_statements.
//
// Shape    what was called between two looks at it, some time apart: texts, rates, rows. The
//          parameters were never kept by the server: they are drawn from the columns' statistics
//          (column_statistics.hpp), and a recording says so of each.
// Errors   failed_precondition: the extension is not there (with how to get it), or nothing that can
//          be replayed was called; cancelled (Ctrl-C); as postgres::Connection.
// Outcome  the server is only read.
// Cost     the seconds asked for, and a PREPARE for each different statement.
// Source   docs/reference/workload.md
#pragma once

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

// Of the connection's database.
Result<Recording> record_from_statements(postgres::Connection& connection, double seconds,
                                         Progress& progress, Deadline deadline);

}  // namespace hone::prove
