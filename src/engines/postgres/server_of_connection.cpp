#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "engines/postgres/data_folder.hpp"
#include "engines/postgres/postmaster_process.hpp"
#include "engines/postgres/server.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

// Settings that the role may not see have no row here, where SHOW would fail.
constexpr const char* kWhichServer = R"(
    SELECT (SELECT setting FROM pg_settings WHERE name = 'server_version') AS version,
           (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data_directory,
           (SELECT setting FROM pg_settings WHERE name = 'config_file') AS config_file,
           extract(epoch FROM date_trunc('second', pg_postmaster_start_time()))::bigint AS started)";
constexpr const char* kSystemIdentifier =
    "SELECT system_identifier::text AS identifier FROM pg_control_system()";
// postmaster.pid is written a moment before the server takes its own start time.
constexpr std::int64_t kStartTimeTolerance = 2;

// Root has no role of its own on most servers; the user that servers run as does.
Result<Connection> open_as_somebody(const std::string& conninfo, Deadline deadline) {
    auto connection = Connection::open(conninfo, deadline);
    if (connection.ok() || ::geteuid() != 0 || connection.error().sqlstate() != "28000")
        return connection;
    const auto postgres = identity_named("postgres");
    if (!postgres.ok()) return connection;
    auto retried = Connection::open(conninfo, deadline, *postgres);
    return retried.ok() ? std::move(retried) : std::move(connection);
}

// The same path can lead to another server's folder here, and a standby has its primary's
// identifier: the session's own process tells them apart, or, where it is out of sight, the start
// time.
bool is_folder_of(const fs::path& folder, const std::string& identifier, std::int64_t started,
                  int backend) {
    if (folder.empty() || identifier.empty()) return false;
    const auto on_disk = read_system_identifier(folder);
    const auto file = read_postmaster_file(folder);
    const auto pid = running_pid(folder);
    if (!on_disk.ok() || *on_disk != identifier || !file || !pid) return false;
    return is_backend_of(backend, *pid) ||
           std::abs(file->start_time - started) <= kStartTimeTolerance;
}

Server remote_server(const Connection& connection) {
    Server server;
    server.owner = current_identity();
    if (const auto port = parse_integer(connection.parameter("port")))
        server.port = static_cast<int>(*port);
    if (const std::string host = connection.parameter("host"); host.starts_with('/'))
        server.socket_directory = host;
    return server;
}

}  // namespace

Result<Server> locate_by_conninfo(const std::string& conninfo, const fs::path& bin_directory,
                                  Deadline deadline) {
    HONE_TRY_ASSIGN(Connection connection, open_as_somebody(conninfo, deadline));
    const int version = connection.server_version() / 10000;
    if (version < kOldestVersion || version > kNewestVersion)
        return Error{ErrorCode::kUnsupported, "reading the server's version",
                     fmt::format("it is PostgreSQL {}", version),
                     fmt::format("hone knows PostgreSQL {} to {}", kOldestVersion, kNewestVersion)};
    HONE_TRY_ASSIGN(const Rows facts, connection.query(kWhichServer, deadline));
    std::string identifier;
    if (const auto rows = connection.query(kSystemIdentifier, deadline); rows.ok())
        identifier = rows->text(0, "identifier");

    const fs::path folder = facts.text(0, "data_directory");
    const auto started = parse_integer(facts.text(0, "started")).value_or(0);
    Server server = remote_server(connection);
    if (is_folder_of(folder, identifier, started, connection.backend_pid())) {
        HONE_TRY_ASSIGN(server, locate_by_data_directory(folder, bin_directory));
        if (const std::string file = facts.text(0, "config_file"); !file.empty())
            server.config_file = file;
    } else if (!bin_directory.empty()) {
        server.bin_directory = bin_directory;
    }
    server.version = version;
    server.version_text = facts.text(0, "version");
    server.system_identifier = identifier;
    server.conninfo = conninfo;
    return server;
}

}  // namespace hone::postgres
