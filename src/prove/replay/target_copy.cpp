#include "prove/replay/target_copy.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/process.hpp"
#include "base/text.hpp"
#include "prove/replay/server_syntax.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;
using postgres::ConfigEntry;
using postgres::ScratchServer;

constexpr Seconds kStatementPatience{60};
// Beside the data itself: WAL that is written while it is copied and booted.
constexpr std::int64_t kSpareBytes = std::int64_t{256} * 1024 * 1024;

// Libraries that do nothing by themselves once their workers are off. Others may run jobs, open
// ports or connect to other servers.
constexpr std::array kHarmlessLibraries =
    std::to_array<std::string_view>({"pg_stat_statements", "auto_explain", "pg_qualstats",
                                     "pg_hint_plan", "pg_stat_kcache", "timescaledb"});

Deadline patience(Deadline deadline) {
    return deadline.earlier_of(Deadline::after(kStatementPatience));
}

bool is_harmless(std::string_view library) {
    return std::ranges::find(kHarmlessLibraries, library) != kHarmlessLibraries.end();
}

// The harmless ones of "a, b"; the others are told.
std::string harmless_libraries(const std::string& value, std::vector<std::string>& caveats) {
    std::vector<std::string> kept;
    for (const std::string_view piece : split(value, ',')) {
        const std::string name{trim(piece)};
        if (name.empty()) continue;
        if (is_harmless(name))
            kept.push_back(name);
        else
            caveats.push_back(fmt::format(
                "The copy runs without the library '{}': it might act on its own", name));
    }
    return join(kept, ",");
}

Result<std::vector<ConfigEntry>> settings_of(const postgres::Server& server,
                                             std::vector<std::string>& caveats) {
    std::vector<ConfigEntry> settings;
    if (server.config_file.empty()) {
        caveats.emplace_back("The target's configuration is out of reach: the copy has defaults");
    } else {
        HONE_TRY_ASSIGN(const auto files,
                        postgres::read_config_tree(server.config_file, server.auto_config_file));
        settings = postgres::detached_settings(files);
    }
    for (ConfigEntry& entry : postgres::detached_start_settings(server.start_options))
        settings.push_back(std::move(entry));
    for (ConfigEntry& entry : settings)
        if (entry.name == "shared_preload_libraries")
            entry.value = harmless_libraries(entry.value, caveats);
    for (ConfigEntry& entry : quiet_settings()) settings.push_back(std::move(entry));
    return settings;
}

Status refuse_tablespaces(postgres::Connection& connection, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT count(*) AS n FROM pg_tablespace WHERE "
                                     "pg_tablespace_location(oid) <> ''",
                                     patience(deadline)));
    if (rows.text(0, "n") == "0") return {};
    return Error{ErrorCode::kUnsupported, "copying the server's data",
                 "it has tablespaces, whose files lie outside of the data folder",
                 "restore a dump into a server of your own and name that one"};
}

Status require_room(postgres::Connection& connection, const fs::path& folder, int copies,
                    Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT sum(pg_database_size(oid))::bigint AS bytes "
                                     "FROM pg_database",
                                     patience(deadline)));
    const Bytes size{parse_integer(rows.text(0, "bytes")).value_or(0)};
    struct statvfs facts{};
    if (::statvfs(folder.c_str(), &facts) != 0)
        return error_from_errno(errno, "looking at the free space of '" + folder.string() + "'");
    const Bytes free{static_cast<std::int64_t>(facts.f_bavail * facts.f_frsize)};
    const Bytes wanted = size * (copies + 2) + Bytes{kSpareBytes};
    if (free >= wanted) return {};
    return Error{ErrorCode::kExhausted, "copying the server's data to '" + folder.string() + "'",
                 fmt::format("the copies take {}, and {} are free", format_for_people(wanted),
                             format_for_people(free)),
                 "name a folder on a larger disk"};
}

struct OptionsCloser {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// What a program may see of a connection string on its command line, and the password that it gets
// in its environment.
struct SplitConninfo {
    std::string shown;
    std::string password;
};

Result<SplitConninfo> without_password(const std::string& conninfo) {
    const std::unique_ptr<PQconninfoOption, OptionsCloser> options(
        PQconninfoParse(conninfo.c_str(), nullptr));
    if (options == nullptr)
        return Error{ErrorCode::kInvalidArgument, "reading the connection string", "it is not one",
                     "write key=value pairs or a postgresql:// URI"};
    SplitConninfo split;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        if (std::string_view(option->keyword) == "password")
            split.password = option->val;
        else
            split.shown +=
                fmt::format("{}={} ", option->keyword, quoted_conninfo_value(option->val));
    }
    return split;
}

Status run_base_backup(const postgres::Server& server, const fs::path& to, Deadline deadline) {
    HONE_TRY_ASSIGN(const SplitConninfo conninfo, without_password(server.conninfo));
    ProcessOptions process;
    process.arguments = {(server.bin_directory / "pg_basebackup").string(),
                         "--pgdata=" + to.string(),
                         "--format=plain",
                         "--wal-method=stream",
                         "--checkpoint=fast",
                         "--no-sync",
                         "--no-password",
                         "--dbname=" + conninfo.shown};
    process.environment = {{"LC_ALL", "C"}};
    if (!conninfo.password.empty())
        process.environment.emplace_back("PGPASSWORD", conninfo.password);
    process.run_as = server.owner;
    HONE_TRY_ASSIGN(const ProcessResult result, run(process, deadline));
    if (result.succeeded()) return {};
    return Error{ErrorCode::kFailedPrecondition, "copying the server's data with pg_basebackup",
                 printable(result.standard_error, 600),
                 "the role needs REPLICATION, pg_hba.conf a line for the database 'replication', "
                 "and the server max_wal_senders above 2"};
}

// For pg_basebackup to write in: the server's own user where we are root.
Result<TemporaryFolder> owned_folder(const fs::path& parent, const Identity& owner) {
    HONE_TRY_ASSIGN(TemporaryFolder folder, TemporaryFolder::create(parent, "hone-copy-"));
    if (::geteuid() == 0 && ::chown(folder.path().c_str(), owner.user, owner.group) != 0)
        return error_from_errno(errno, "handing '" + folder.path().string() + "' over");
    return folder;
}

Result<ScratchServer> prepared(const fs::path& data, const postgres::Server& server,
                               const std::vector<ConfigEntry>& settings, const fs::path& parent,
                               Deadline deadline) {
    postgres::ScratchOptions options;
    options.bin_directory = server.bin_directory;
    HONE_TRY_ASSIGN(options.owner, postgres::scratch_owner());
    options.parent_folder = parent;
    options.template_data = data;
    options.settings = settings;
    return ScratchServer::prepare(options, deadline);
}

Result<ScratchServer> copy_running(const postgres::Server& server, const TargetCopyOptions& options,
                                   const fs::path& parent, const std::vector<ConfigEntry>& settings,
                                   Progress& progress, Deadline deadline) {
    {
        HONE_TRY_ASSIGN(auto connection, postgres::connect(server, deadline));
        HONE_TRY(refuse_tablespaces(connection, deadline));
        HONE_TRY(require_room(connection, parent, options.copies, deadline));
    }
    progress.step("copying the data with pg_basebackup");
    HONE_TRY_ASSIGN(const TemporaryFolder folder, owned_folder(parent, server.owner));
    HONE_TRY(run_base_backup(server, folder.path() / "data", deadline));
    return prepared(folder.path() / "data", server, settings, parent, deadline);
}

// Foreign servers and dblink lead to other machines: in the copy they are dropped, with everything
// that stands on them.
Status cut_ties(const ScratchServer& server, const std::string& database, Deadline deadline) {
    HONE_TRY_ASSIGN(
        auto connection,
        postgres::Connection::open(server.conninfo() + " dbname=" + quoted_conninfo_value(database),
                                   deadline));
    HONE_TRY_ASSIGN(const auto servers,
                    connection.query("SELECT srvname FROM pg_foreign_server", patience(deadline)));
    for (std::size_t row = 0; row < servers.size(); ++row)
        HONE_TRY(
            connection.query(fmt::format("DROP SERVER {} CASCADE",
                                         postgres::quoted_identifier(servers.text(row, "srvname"))),
                             patience(deadline)));
    HONE_TRY(connection.query("DROP EXTENSION IF EXISTS dblink CASCADE", patience(deadline)));
    return {};
}

Status cut_all_ties(const ScratchServer& server, Deadline deadline) {
    std::vector<std::string> databases;
    {
        HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
        HONE_TRY_ASSIGN(const auto rows, connection.query("SELECT datname FROM pg_database WHERE "
                                                          "datallowconn AND NOT datistemplate",
                                                          patience(deadline)));
        for (std::size_t row = 0; row < rows.size(); ++row)
            databases.push_back(rows.text(row, "datname"));
    }
    for (const std::string& database : databases) HONE_TRY(cut_ties(server, database, deadline));
    return {};
}

}  // namespace

std::vector<ConfigEntry> quiet_settings() {
    std::vector<ConfigEntry> settings;
    const auto set = [&](std::string name, std::string value) {
        settings.push_back({std::move(name), std::move(value), {}, 0});
    };
    set("archive_mode", "off");
    set("max_logical_replication_workers", "0");  // no subscription pulls from its publisher
    set("timescaledb.max_background_workers", "0");
    return settings;
}

Result<TargetCopy> TargetCopy::make(const postgres::Server& server,
                                    const TargetCopyOptions& options, Progress& progress,
                                    Deadline deadline) {
    if (server.bin_directory.empty())
        return Error{ErrorCode::kNotFound, "copying the server's data",
                     fmt::format("there are no programs of PostgreSQL {} here", server.version),
                     "pass their folder with --bin-dir"};
    const fs::path parent = options.parent_folder.empty() ? "/tmp" : options.parent_folder;
    TargetCopy copy;
    copy.bin_directory_ = server.bin_directory;
    HONE_TRY_ASSIGN(copy.settings_, settings_of(server, copy.caveats_));
    const bool running =
        server.data_directory.empty() || postgres::running_pid(server.data_directory).has_value();
    if (!running) progress.step("copying the stopped server's files");
    auto made = running ? copy_running(server, options, parent, copy.settings_, progress, deadline)
                        : prepared(server.data_directory, server, copy.settings_, parent, deadline);
    if (!made.ok()) return std::move(made).error();
    progress.step("booting the copy once, apart from everything");
    HONE_TRY(made->start(deadline));
    HONE_TRY(cut_all_ties(*made, deadline));
    HONE_TRY(made->stop(deadline));
    copy.stopped_ = std::make_shared<ScratchServer>(std::move(*made));
    return copy;
}

}  // namespace hone::prove
