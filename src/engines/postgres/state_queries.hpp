// engines/postgres/state_queries.hpp - the questions that hone asks a server about itself.
//
// Shape    each reads catalogues and counters only, changes nothing, takes no parameters, and runs
//          on PostgreSQL 14 to 18 unless its name says otherwise.
// Source   PostgreSQL manual: pg_settings, pg_db_role_setting, the cumulative statistics system.
#pragma once

namespace hone::postgres::queries {

// One row for each setting that the role may see, with the value of this new session.
inline constexpr const char* kSettings = R"(
    SELECT name, setting, coalesce(unit, '') AS unit, vartype, context, min_val, max_val,
           array_to_string(enumvals, ',') AS enum_values, coalesce(boot_val, '') AS boot_value,
           coalesce(reset_val, '') AS reset_value, source, coalesce(sourcefile, '') AS source_file,
           coalesce(sourceline, 0) AS source_line, pending_restart
      FROM pg_settings ORDER BY name)";

// One row for each ALTER ROLE, ALTER DATABASE ... SET. Everybody may read it.
inline constexpr const char* kRoleSettings = R"(
    SELECT coalesce(d.datname, '') AS database, coalesce(r.rolname, '') AS role, entry
      FROM pg_db_role_setting s
      LEFT JOIN pg_database d ON d.oid = s.setdatabase
      LEFT JOIN pg_roles r ON r.oid = s.setrole
     CROSS JOIN LATERAL unnest(s.setconfig) AS entry
     ORDER BY 1, 2, 3)";

// What the role may do. `reads_all`: sees every setting and every counter.
inline constexpr const char* kRole = R"(
    SELECT current_user AS role,
           (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
           pg_has_role('pg_read_all_settings', 'USAGE')
               AND pg_has_role('pg_read_all_stats', 'USAGE') AS reads_all,
           has_function_privilege('pg_reload_conf()', 'EXECUTE') AS reloads,
           has_function_privilege('pg_show_all_file_settings()', 'EXECUTE')
               AND has_table_privilege('pg_file_settings', 'SELECT') AS reads_files)";

// One row: the counters of all databases together. A cluster whose databases were never reset has
// counted since the statistics of its background writer began.
inline constexpr const char* kCounters = R"(
    SELECT sum(tup_inserted) AS inserted, sum(tup_updated) AS updated, sum(tup_deleted) AS deleted,
           sum(tup_returned) AS fetched, sum(xact_commit + xact_rollback) AS transactions,
           sum(temp_bytes) AS temporary_bytes,
           extract(epoch FROM now() - coalesce(max(stats_reset),
               (SELECT stats_reset FROM pg_stat_bgwriter))) AS seconds
      FROM pg_stat_database)";

inline constexpr const char* kWalRate = R"(
    SELECT wal_bytes / nullif(extract(epoch FROM now() - stats_reset), 0) AS bytes_per_second
      FROM pg_stat_wal)";

inline constexpr const char* kCheckpointsBefore17 =
    "SELECT checkpoints_timed AS timed, checkpoints_req AS requested FROM pg_stat_bgwriter";
inline constexpr const char* kCheckpointsFrom17 =
    "SELECT num_timed AS timed, num_requested AS requested FROM pg_stat_checkpointer";

// Who may not read pg_stat_activity fully sees no backend_type, but sees which backends have a
// user.
inline constexpr const char* kConnections = R"(
    SELECT count(*) AS connections FROM pg_stat_activity
     WHERE coalesce(backend_type = 'client backend', usesysid IS NOT NULL)
       AND pid <> pg_backend_pid() AND application_name <> 'hone')";

// Reads the size of every file: slow on very large clusters; needs pg_read_all_stats, or CONNECT on
// every database.
inline constexpr const char* kDatabaseSize =
    "SELECT sum(pg_database_size(oid)) AS bytes FROM pg_database WHERE datallowconn";

// A standby that is away for a moment still has its slot.
inline constexpr const char* kReplication = R"(
    SELECT pg_is_in_recovery() AS is_standby,
           EXISTS (SELECT FROM pg_stat_replication)
               OR EXISTS (SELECT FROM pg_replication_slots WHERE slot_type = 'physical')
               AS has_standbys)";

inline constexpr const char* kExtensions = "SELECT extname FROM pg_extension ORDER BY extname";

}  // namespace hone::postgres::queries
