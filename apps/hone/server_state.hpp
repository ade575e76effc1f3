// apps/hone/server_state.hpp - what a server is set to, whether it runs or not.
//
// Errors   as connect, read_state and read_state_from_files.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"

namespace hone::app {

struct Context;

Result<postgres::ServerState> read_server_state(const Context& context,
                                                const postgres::Server& server, Deadline deadline);

// Says so where an apply to this server was interrupted and is still open.
void mention_open_journal(Context& context, const postgres::Server& server);

}  // namespace hone::app
