#include "engines/postgres/state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "engines/postgres/data_folder.hpp"
#include "engines/postgres/settings_rows.hpp"
#include "engines/postgres/state_queries.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

constexpr Seconds kStatementPatience{5};

Result<Rows> ask(Connection& connection, const char* query, Deadline deadline) {
    return connection.query(query, deadline.earlier_of(Deadline::after(kStatementPatience)));
}

Result<std::vector<RoleSetting>> read_role_settings(Connection& connection, Deadline deadline) {
    HONE_TRY_ASSIGN(const Rows rows, ask(connection, queries::kRoleSettings, deadline));
    std::vector<RoleSetting> settings;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::string entry = rows.text(row, "entry");
        const std::size_t equals = std::min(entry.find('='), entry.size());
        settings.push_back({.database = rows.text(row, "database"),
                            .role = rows.text(row, "role"),
                            .setting = to_lower(entry.substr(0, equals)),
                            .value = entry.substr(std::min(equals + 1, entry.size()))});
    }
    return settings;
}

std::optional<std::int64_t> integer(const Rows& rows, std::string_view column) {
    return rows.empty() ? std::nullopt : parse_integer(rows.text(0, column));
}

std::optional<double> number(const Rows& rows, std::string_view column) {
    return rows.empty() ? std::nullopt : parse_number(rows.text(0, column));
}

// Reads what can be read; what cannot becomes a notice.
class StatisticsReader {
  public:
    StatisticsReader(Connection& connection, ServerState& state, Deadline deadline)
        : connection_(connection), state_(state), deadline_(deadline) {}

    void read() {
        ServerStatistics& found = state_.statistics;
        with("pg_stat_database", queries::kCounters, [&](const Rows& rows) {
            found.rows_inserted = integer(rows, "inserted");
            found.rows_updated = integer(rows, "updated");
            found.rows_deleted = integer(rows, "deleted");
            found.rows_fetched = integer(rows, "fetched");
            found.transactions = integer(rows, "transactions");
            found.temporary_bytes = integer(rows, "temporary_bytes");
            found.seconds_covered = number(rows, "seconds");
        });
        with("pg_stat_wal", queries::kWalRate, [&](const Rows& rows) {
            found.wal_bytes_per_second = number(rows, "bytes_per_second");
        });
        read_checkpoints();
        with("pg_stat_activity", queries::kConnections, [&](const Rows& rows) {
            found.client_connections = static_cast<int>(integer(rows, "connections").value_or(0));
        });
        with("the databases' sizes", queries::kDatabaseSize, [&](const Rows& rows) {
            if (const auto bytes = integer(rows, "bytes")) found.database_size = Bytes{*bytes};
        });
        with("pg_stat_replication", queries::kReplication, [&](const Rows& rows) {
            found.is_standby = rows.text(0, "is_standby") == "t";
            found.has_standbys = rows.text(0, "has_standbys") == "t";
        });
        with("pg_extension", queries::kExtensions, [&](const Rows& rows) {
            for (std::size_t row = 0; row < rows.size(); ++row)
                found.extensions.push_back(rows.text(row, "extname"));
        });
    }

  private:
    void read_checkpoints() {
        const bool own_view = connection_.server_version() >= 170000;
        with(own_view ? "pg_stat_checkpointer" : "pg_stat_bgwriter",
             own_view ? queries::kCheckpointsFrom17 : queries::kCheckpointsBefore17,
             [&](const Rows& rows) {
                 state_.statistics.checkpoints_timed = integer(rows, "timed");
                 state_.statistics.checkpoints_requested = integer(rows, "requested");
             });
    }

    template <class Take>
    void with(std::string_view what, const char* query, Take take) {
        const auto rows = ask(connection_, query, deadline_);
        if (rows.ok()) return take(*rows);
        const bool denied = rows.error().code() == ErrorCode::kPermissionDenied;
        state_.notices.push_back(
            {.severity = Severity::kNote,
             .rule = "state.statistics",
             .message = fmt::format("{} could not be read: {}", what, rows.error().wrong()),
             .advice = denied ? fmt::format("GRANT pg_monitor TO {};",
                                            quoted_identifier(connection_.user()))
                              : std::string()});
    }

    Connection& connection_;
    ServerState& state_;
    Deadline deadline_;
};

std::string grants_for_changing(const Rows& rights, const std::string& role, int version) {
    std::vector<std::string> grants;
    if (version >= 150000)
        grants.push_back(fmt::format(
            "GRANT ALTER SYSTEM ON PARAMETER ... TO {}; (for each setting of the plan)", role));
    if (rights.text(0, "reloads") != "t")
        grants.push_back(fmt::format("GRANT EXECUTE ON FUNCTION pg_reload_conf() TO {};", role));
    if (rights.text(0, "reads_files") != "t")
        grants.push_back(
            fmt::format("GRANT SELECT ON pg_file_settings TO {0}; GRANT EXECUTE ON "
                        "FUNCTION pg_show_all_file_settings() TO {0};",
                        role));
    return join(grants, " ");
}

Status note_missing_grants(Connection& connection, ServerState& state, Deadline deadline) {
    HONE_TRY_ASSIGN(const Rows rights, ask(connection, queries::kRole, deadline));
    if (rights.text(0, "superuser") == "t") return {};
    const std::string role = quoted_identifier(rights.text(0, "role"));
    if (rights.text(0, "reads_all") != "t")
        state.notices.push_back(
            {.severity = Severity::kWarning,
             .rule = "state.grants_to_read",
             .message = fmt::format("the role {} may not see all settings and statistics, so the "
                                    "plan leaves out what it cannot see",
                                    role),
             .advice = fmt::format("GRANT pg_monitor TO {};", role)});
    state.notices.push_back(
        {.severity = Severity::kNote,
         .rule = "state.grants_to_change",
         .message = fmt::format("the role {} is no superuser: it can plan, but not apply", role),
         .advice = "connect as a superuser, or: " +
                   grants_for_changing(rights, role, connection.server_version())});
    return {};
}

// Where a server was started from differs between its first start and the next, and means nothing
// to a plan.
bool is_place(std::string_view setting) {
    return setting == "config_file" || setting == "data_directory" || setting == "hba_file" ||
           setting == "ident_file" || setting == "external_pid_file" ||
           setting == "unix_socket_directories";
}

Status add_files(std::string& text, const Server& server) {
    HONE_TRY_ASSIGN(const ConfigTree tree,
                    read_config_tree(server.config_file, server.auto_config_file));
    for (const fs::path& file : tree.files) {
        HONE_TRY_ASSIGN(const std::string bytes, read_file(file));
        text += fmt::format("file {} {}\n", file.string(), sha256_hex(bytes));
    }
    return {};
}

// Out of the files' reach, the server's word on what stands in them must do.
void add_configured_settings(std::string& text, const ServerState& state) {
    for (const auto& [name, setting] : state.settings)
        if (setting.source != "default" && setting.source != "client" &&
            setting.source != "override" && setting.source != "session")
            text +=
                fmt::format("setting {}={} from {}\n", name, setting.reset_value, setting.source);
}

}  // namespace

Result<ServerState> read_state(Connection& connection, const Server& server, Deadline deadline) {
    ServerState state;
    HONE_TRY_ASSIGN(const Rows settings, ask(connection, queries::kSettings, deadline));
    state.catalogue = catalogue_from(settings);
    state.settings = settings_from(settings);
    HONE_TRY_ASSIGN(state.role_settings, read_role_settings(connection, deadline));
    HONE_TRY(note_missing_grants(connection, state, deadline));
    StatisticsReader(connection, state, deadline).read();
    if (!server.bin_directory.empty())
        state.available_libraries = available_libraries(server.bin_directory);
    return state;
}

Result<std::string> state_hash(const Server& server, const ServerState& state) {
    std::string text =
        fmt::format("version {}\nidentifier {}\n", server.version_text, server.system_identifier);
    if (server.config_file.empty())
        add_configured_settings(text, state);
    else
        HONE_TRY(add_files(text, server));
    for (const RoleSetting& setting : state.role_settings)
        text += fmt::format("role setting {}@{} {}={}\n", setting.role, setting.database,
                            setting.setting, setting.value);
    for (const auto& [name, value] : start_option_settings(server.start_options))
        if (!is_place(name)) text += fmt::format("start option {}={}\n", name, value);
    return sha256_hex(text);
}

std::vector<std::string> available_libraries(const fs::path& bin_directory) {
    constexpr std::string_view kSuffix = ".so";
    const fs::path root = bin_directory.parent_path();
    for (const fs::path& folder : {root / "lib/postgresql", root / "lib"}) {
        std::vector<std::string> libraries;
        for (const std::string& name : list_folder(folder).value_or(std::vector<std::string>{}))
            if (name.ends_with(kSuffix))
                libraries.push_back(name.substr(0, name.size() - kSuffix.size()));
        if (!libraries.empty()) return libraries;
    }
    return {};
}

}  // namespace hone::postgres
