#include "prove/instances.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;
using postgres::ScratchServer;

constexpr Seconds kStartPatience{60};
constexpr Seconds kStatementPatience{600};  // filling a large table, a checkpoint of it
// Kept free beside the load's clients: hone's own connection and autovacuum's.
constexpr int kSpareConnections = 3;

postgres::ScratchOptions scratch_options(const InstanceOptions& options, Arm arm,
                                         const fs::path& template_data) {
    postgres::ScratchOptions scratch;
    scratch.bin_directory = options.bin_directory;
    scratch.owner = options.owner;
    scratch.parent_folder = options.parent_folder;
    scratch.cache_folder = options.cache_folder;
    scratch.template_data = template_data;
    scratch.settings = arm == Arm::kPlanned ? options.settings.planned : options.settings.current;
    return scratch;
}

Status start(ScratchServer& server, std::string_view what, Deadline deadline) {
    return server.start(deadline.earlier_of(Deadline::after(kStartPatience)))
        .with_context(std::string(what));
}

Status run_statements(const ScratchServer& server, const std::vector<std::string>& statements,
                      Deadline deadline) {
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    for (const std::string& statement : statements)
        HONE_TRY(
            connection.query(statement, deadline.earlier_of(Deadline::after(kStatementPatience))));
    return {};
}

Status write_scripts(const ScratchServer& server) {
    for (const Load& load : all_loads()) {
        if (load.script.empty()) continue;
        HONE_TRY(replace_file(
            server.socket_directory() / (std::string(load.name) + ".sql"), load.script,
            FileAttributes{
                .mode = 0600, .user = server.owner().user, .group = server.owner().group}));
    }
    return {};
}

// The stopped server whose folder the others are copied from.
Result<ScratchServer> make_original(const InstanceOptions& options, Progress& progress,
                                    Deadline deadline) {
    progress.step(fmt::format("making the data (pgbench scale {})", options.scale));
    HONE_TRY_ASSIGN(auto server,
                    ScratchServer::prepare(scratch_options(options, Arm::kCurrent, {}), deadline));
    HONE_TRY(start(server, "booting the current settings", deadline));
    SliceOptions filling;
    filling.conninfo = server.conninfo();
    filling.owner = server.owner();
    filling.scale = options.scale;
    HONE_TRY(fill(options.pgbench, filling, deadline));
    HONE_TRY(run_statements(server,
                            {upsert_table_sql(), upsert_fill_sql(options.scale), upsert_index_sql(),
                             "VACUUM (ANALYZE)", "CHECKPOINT"},
                            deadline));
    // Not every build has it.
    static_cast<void>(run_statements(server, {"CREATE EXTENSION pg_prewarm"}, deadline).ok());
    HONE_TRY(server.stop(deadline));
    return server;
}

// Fills the caches, so that a large one is not measured while it is still cold. Without the
// extension the discarded slices have to do.
bool prewarm(postgres::Connection& connection, Deadline deadline) {
    const Deadline patience = deadline.earlier_of(Deadline::after(kStatementPatience));
    return connection
        .query(
            "SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i') "
            "AND relnamespace = 'public'::regnamespace",
            patience)
        .ok();
}

}  // namespace

Result<Instances> Instances::make(const InstanceOptions& options, Progress& progress,
                                  Deadline deadline) {
    HONE_TRY_ASSIGN(auto original, make_original(options, progress, deadline));
    const fs::path data = original.data_directory();
    progress.step("copying the data for two more servers");
    HONE_TRY_ASSIGN(auto control, ScratchServer::prepare(
                                      scratch_options(options, Arm::kControl, data), deadline));
    HONE_TRY_ASSIGN(auto planned, ScratchServer::prepare(
                                      scratch_options(options, Arm::kPlanned, data), deadline));
    progress.step("booting all three");
    HONE_TRY(start(planned, "booting the planned settings", deadline));
    HONE_TRY(start(original, "booting the current settings", deadline));
    HONE_TRY(start(control, "booting the current settings a second time", deadline));
    std::vector<ScratchServer> servers;
    servers.push_back(std::move(original));
    servers.push_back(std::move(control));
    servers.push_back(std::move(planned));
    std::vector<postgres::Connection> connections;
    for (const ScratchServer& server : servers) {
        HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
        connections.push_back(std::move(connection));
    }
    HONE_TRY(write_scripts(servers.front()));
    bool warm = true;
    for (auto& connection : connections) warm = prewarm(connection, deadline) && warm;
    return Instances(std::move(servers), std::move(connections), warm);
}

fs::path Instances::script_file(const Load& load) const {
    return servers_.front().socket_directory() / (std::string(load.name) + ".sql");
}

Result<Usage> Instances::usage(Arm arm, Deadline deadline) {
    return read_usage(servers_[index(arm)].postmaster_pid(), connections_[index(arm)], deadline);
}

Status Instances::checkpoint(Deadline deadline) {
    for (auto& connection : connections_)
        HONE_TRY(connection.query("CHECKPOINT",
                                  deadline.earlier_of(Deadline::after(kStatementPatience))));
    return {};
}

Result<int> Instances::client_room(Deadline deadline) {
    std::int64_t room = std::numeric_limits<int>::max();
    for (auto& connection : connections_) {
        HONE_TRY_ASSIGN(const auto rows,
                        connection.query("SELECT current_setting('max_connections')::int - "
                                         "current_setting('superuser_reserved_connections')::int "
                                         "AS room",
                                         deadline));
        room = std::min(room, parse_integer(rows.text(0, "room")).value_or(0) - kSpareConnections);
    }
    if (room < 1)
        return Error{ErrorCode::kFailedPrecondition, "connecting clients to the scratch servers",
                     "max_connections leaves no room for one", "plan with more --connections"};
    return static_cast<int>(room);
}

Result<Bytes> Instances::data_size(Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows,
                    connections_.front().query(
                        "SELECT pg_database_size(current_database()) AS bytes", deadline));
    return Bytes{parse_integer(rows.text(0, "bytes")).value_or(0)};
}

}  // namespace hone::prove
