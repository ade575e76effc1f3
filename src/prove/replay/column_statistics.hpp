// prove/replay/column_statistics.hpp - what the server knows of the values of a parameter.
//
// Shape    by the column that the parameter is compared with or stored in; LIMIT by the mean number
//          of rows that the statement returned. What stands elsewhere is unknown.
// Errors   as postgres::Connection.
// Limits   pg_stats shows only columns that the role may read, of tables that were analyzed.
// Source   pg_stats.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "prove/replay/recording.hpp"
#include "prove/replay/sql_statement.hpp"

namespace hone::prove {

// One source for each parameter of `facts`; `types` as prepared_types() says them.
Result<std::vector<ParameterSource>> parameter_sources(const SqlStatement& facts,
                                                       const std::vector<std::string>& types,
                                                       double rows_per_call,
                                                       postgres::Connection& connection,
                                                       Deadline deadline);

}  // namespace hone::prove
