#include "change/alter_system.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/failpoint.hpp"
#include "base/text.hpp"

namespace hone::change {

namespace {

constexpr int kParameterGrantsVersion = 150000;

// The server's GUC_LIST_QUOTE settings (guc_tables.c).
bool is_quoted_list(std::string_view setting) {
    static constexpr std::array<std::string_view, 6> kNames{
        "local_preload_libraries",  "search_path",      "session_preload_libraries",
        "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories"};
    return std::find(kNames.begin(), kNames.end(), setting) != kNames.end();
}

std::string allow_alter_system(postgres::Connection& connection, Deadline deadline) {
    const auto rows =
        connection.query("SELECT current_setting('allow_alter_system', true) AS allowed", deadline);
    return rows.ok() && !rows->empty() ? rows->text(0, "allowed") : "";
}

// GRANT statements for what the role may not do yet.
Result<std::vector<std::string>> missing_grants(postgres::Connection& connection, const Plan& plan,
                                                Deadline deadline) {
    const std::string role = postgres::quoted_identifier(connection.user());
    std::vector<std::string> grants;
    if (connection.server_version() >= kParameterGrantsVersion)
        for (const Change& change : plan.changes) {
            HONE_TRY_ASSIGN(
                const auto rows,
                connection.query("SELECT has_parameter_privilege($1, 'ALTER SYSTEM') AS may",
                                 {change.setting}, deadline));
            if (rows.text(0, "may") != "t")
                grants.push_back(
                    fmt::format("GRANT ALTER SYSTEM ON PARAMETER {} TO {}", change.setting, role));
        }
    for (const char* function : {"pg_reload_conf()", "pg_show_all_file_settings()"}) {
        HONE_TRY_ASSIGN(const auto rows,
                        connection.query("SELECT has_function_privilege($1, 'EXECUTE') AS may",
                                         {std::string("pg_catalog.") + function}, deadline));
        if (rows.text(0, "may") != "t")
            grants.push_back(fmt::format("GRANT EXECUTE ON FUNCTION {} TO {}", function, role));
    }
    HONE_TRY_ASSIGN(
        const auto rows,
        connection.query("SELECT has_table_privilege('pg_catalog.pg_file_settings', 'SELECT') "
                         "AND pg_has_role('pg_read_all_settings', 'USAGE') AS may",
                         deadline));
    if (rows.text(0, "may") != "t")
        grants.push_back(
            fmt::format("GRANT SELECT ON pg_file_settings TO {0}; GRANT "
                        "pg_read_all_settings TO {0}",
                        role));
    return grants;
}

}  // namespace

std::string alter_system_set(std::string_view setting, std::string_view display_value) {
    std::string value;
    if (is_quoted_list(setting) && !trim(display_value).empty()) {
        for (const std::string_view name : split(display_value, ','))
            value += (value.empty() ? "" : ", ") + postgres::quoted_literal(trim(name));
    } else {
        value = postgres::quoted_literal(display_value);
    }
    return fmt::format("ALTER SYSTEM SET {} = {}", postgres::quoted_identifier(setting), value);
}

std::string alter_system_reset(std::string_view setting) {
    return fmt::format("ALTER SYSTEM RESET {}", postgres::quoted_identifier(setting));
}

Status require_alter_system(postgres::Connection& connection, const Plan& plan, Deadline deadline) {
    const std::string tried = "looking whether ALTER SYSTEM may be used";
    if (allow_alter_system(connection, deadline) == "off")
        return Error{ErrorCode::kUnsupported, tried, "the server has allow_alter_system = off",
                     "run hone where the configuration files are, or hand the lines of hone plan "
                     "--format conf to whoever manages them"};
    HONE_TRY_ASSIGN(
        const auto rows,
        connection.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", deadline));
    if (!rows.empty() && rows.text(0, "rolsuper") == "t") return {};
    HONE_TRY_ASSIGN(const auto grants, missing_grants(connection, plan, deadline));
    if (grants.empty()) return {};
    if (connection.server_version() < kParameterGrantsVersion)
        return Error{ErrorCode::kPermissionDenied, tried,
                     fmt::format("role '{}' is not a superuser, and before PostgreSQL 15 nobody "
                                 "else may",
                                 connection.user()),
                     "connect as a superuser"};
    return Error{ErrorCode::kPermissionDenied, tried,
                 fmt::format("role '{}' may not do all of it", connection.user()),
                 fmt::format("connect as a superuser, or let one say: {};", join(grants, "; "))};
}

Result<AlteredValues> altered_values(postgres::Connection& connection, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT name, setting FROM pg_file_settings "
                                     "WHERE sourcefile LIKE '%/postgresql.auto.conf' "
                                     "AND name IS NOT NULL ORDER BY seqno",
                                     deadline));
    AlteredValues values;
    for (std::size_t row = 0; row < rows.size(); ++row)
        values[to_lower(rows.text(row, "name"))] = rows.text(row, "setting");
    return values;
}

Status restore_altered(postgres::Connection& connection, const std::vector<ChangedSetting>& changes,
                       Deadline deadline) {
    HONE_TRY_ASSIGN(const AlteredValues now, altered_values(connection, deadline));
    const auto foreign = plan_settings_altered_by_others(now, changes);
    for (const ChangedSetting& change : changes) {
        if (std::find(foreign.begin(), foreign.end(), to_lower(change.setting)) != foreign.end())
            continue;
        HONE_FAILPOINT("undo.before_alter");
        const std::string statement = change.altered_before
                                          ? alter_system_set(change.setting, *change.altered_before)
                                          : alter_system_reset(change.setting);
        auto restored = connection.query(statement, deadline);
        if (!restored.ok()) return std::move(restored).error();
    }
    return {};
}

}  // namespace hone::change
