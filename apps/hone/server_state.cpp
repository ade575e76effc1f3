#include "server_state.hpp"

#include "change/store.hpp"
#include "context.hpp"

namespace hone::app {

Result<postgres::ServerState> read_server_state(const Context& context,
                                                const postgres::Server& server, Deadline deadline) {
    const bool runs =
        server.data_directory.empty() || postgres::running_pid(server.data_directory).has_value();
    if (!runs) return postgres::read_state_from_files(server, context.cache_directory(), deadline);
    HONE_TRY_ASSIGN(postgres::Connection connection, postgres::connect(server, deadline));
    return postgres::read_state(connection, server, deadline);
}

void mention_open_journal(Context& context, const postgres::Server& server) {
    const Status closed = change::refuse_open_journal(
        context.state_directory, server.data_directory, server.system_identifier);
    if (!closed.ok())
        context.say("Warning: " + closed.error().wrong() + ": " + closed.error().advice());
}

}  // namespace hone::app
