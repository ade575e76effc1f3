// prove/replay/server_judgement.hpp - what a server says of a recording's statements before any of
// them runs.
//
// Shape    each adds its reasons to `refused` (by statement; "": nothing against it). Statements are
//          prepared and forgotten, never executed.
// Errors   as postgres::Connection where the link is lost or the deadline comes.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

// "bigint" and so on, as the server infers them; "" in an element where it does not say.
Result<std::vector<std::string>> prepared_types(postgres::Connection& connection,
                                                const RecordedStatement& statement,
                                                Deadline deadline);

// What cannot be prepared: no such table, no such function, newer syntax.
Status refuse_what_fails(const Recording& recording, std::vector<std::string>& refused,
                         postgres::Connection& connection, Deadline deadline);

// What calls a volatile function that does not come with PostgreSQL itself.
Status refuse_side_effects(const Recording& recording, std::vector<std::string>& refused,
                           postgres::Connection& connection, Deadline deadline);

}  // namespace hone::prove
