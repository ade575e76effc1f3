#include "prove/scratch_servers.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;
using postgres::ScratchServer;

constexpr Seconds kStartPatience{60};
// Kept free beside the load's clients: hone's own connections and autovacuum's.
constexpr int kSpareConnections = 3;

Result<ScratchServer> prepare(const ScratchServersOptions& options, const ServerSide& side,
                              const fs::path& template_data, Deadline deadline) {
    postgres::ScratchOptions scratch;
    scratch.bin_directory = options.bin_directory;
    scratch.owner = options.owner;
    scratch.parent_folder = options.parent_folder;
    scratch.cache_folder = options.cache_folder;
    scratch.template_data = template_data;
    scratch.settings = side.settings;
    return ScratchServer::prepare(scratch, deadline);
}

Status start(ScratchServer& server, const ServerSide& side, Deadline deadline) {
    return server.start(deadline.earlier_of(Deadline::after(kStartPatience)))
        .with_context("booting " + side.what);
}

Result<ScratchServer> make_original(const ScratchServersOptions& options, const ServerSide& side,
                                    const Filling& fill, Deadline deadline) {
    HONE_TRY_ASSIGN(auto server, prepare(options, side, options.template_data, deadline));
    HONE_TRY(start(server, side, deadline));
    HONE_TRY(fill(server, deadline));
    // Not every build has it.
    static_cast<void>(
        run_statements(server, {"CREATE EXTENSION IF NOT EXISTS pg_prewarm"}, deadline).ok());
    HONE_TRY(server.stop(deadline));
    return server;
}

Result<std::int64_t> number_from(const ScratchServer& server, const std::string& sql,
                                 Deadline deadline) {
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    HONE_TRY_ASSIGN(const auto rows, connection.query(sql, deadline));
    return parse_integer(rows.text(0, "number")).value_or(0);
}

}  // namespace

Result<std::vector<ScratchServer>> make_servers(const ScratchServersOptions& options,
                                                std::span<const ServerSide> sides,
                                                const Filling& fill, Progress& progress,
                                                Deadline deadline) {
    HONE_ASSERT(!sides.empty());
    std::vector<ScratchServer> servers;
    HONE_TRY_ASSIGN(auto original, make_original(options, sides[0], fill, deadline));
    servers.push_back(std::move(original));
    if (sides.size() > 1)
        progress.step(fmt::format("copying the data for {} more servers", sides.size() - 1));
    for (const ServerSide& side : sides.subspan(1)) {
        HONE_TRY_ASSIGN(auto copy,
                        prepare(options, side, servers.front().data_directory(), deadline));
        servers.push_back(std::move(copy));
    }
    progress.step(sides.size() > 1 ? fmt::format("booting all {}", sides.size())
                                   : "booting with " + sides[0].what);
    // The last first: the first has booted before, and the others are what may not boot.
    for (std::size_t left = sides.size(); left > 0; --left)
        HONE_TRY(start(servers[left - 1], sides[left - 1], deadline));
    return servers;
}

Status run_statements(const ScratchServer& server, const std::vector<std::string>& statements,
                      Deadline deadline) {
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    for (const std::string& statement : statements)
        HONE_TRY(
            connection.query(statement, deadline.earlier_of(Deadline::after(kStatementPatience))));
    return {};
}

bool prewarm(const ScratchServer& server, Deadline deadline) {
    return run_statements(server,
                          {"SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i') "
                           "AND relnamespace = 'public'::regnamespace"},
                          deadline)
        .ok();
}

Result<int> client_room(const ScratchServer& server, Deadline deadline) {
    HONE_TRY_ASSIGN(const std::int64_t connections,
                    number_from(server,
                                "SELECT current_setting('max_connections')::int - "
                                "current_setting('superuser_reserved_connections')::int AS number",
                                deadline));
    const std::int64_t room = connections - kSpareConnections;
    if (room >= 1) return static_cast<int>(room);
    return Error{ErrorCode::kFailedPrecondition, "connecting clients to the scratch servers",
                 "max_connections leaves no room for one", "plan with more --connections"};
}

Result<Bytes> data_size(const ScratchServer& server, Deadline deadline) {
    HONE_TRY_ASSIGN(
        const std::int64_t bytes,
        number_from(server, "SELECT pg_database_size(current_database()) AS number", deadline));
    return Bytes{bytes};
}

}  // namespace hone::prove
