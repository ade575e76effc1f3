// Which functions do more than compute, by name. Facts, not code: PostgreSQL 15's pg_proc where
// provolatile is 'v', and the manuals of dblink, adminpack, file_fdw and pg_stat_statements.
#include <algorithm>
#include <array>

#include "prove/replay/sql_statement.hpp"

namespace hone::prove {

namespace {

// Change rows, sequences, locks or session state: allowed only where writes are.
constexpr std::array kWriting = std::to_array<std::string_view>(
    {"nextval", "setval", "set_config", "pg_notify", "txid_current", "pg_current_xact_id",
     "pg_prewarm", "autoprewarm_dump_now", "brin_summarize_new_values", "brin_summarize_range",
     "brin_desummarize_range", "gin_clean_pending_list", "pg_logical_emit_message", "lowrite"});
constexpr std::array kWritingPrefixes = std::to_array<std::string_view>(
    {"lo_", "pg_advisory_", "pg_try_advisory_", "pg_stat_reset", "pg_stat_statements_reset"});

// Reach other servers, files, other sessions or the server as a whole: never replayed.
constexpr std::array kOutside = std::to_array<std::string_view>(
    {"pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_rotate_logfile",
     "pg_rotate_logfile_old", "pg_promote", "pg_switch_wal", "pg_create_restore_point",
     "pg_log_backend_memory_contexts", "pg_export_snapshot", "lo_import", "lo_export",
     "pg_stat_file", "pg_nextoid", "pg_import_system_collations", "pg_stop_making_pinned_objects"});
constexpr std::array kOutsidePrefixes = std::to_array<std::string_view>(
    {"dblink", "postgres_fdw_", "pg_file_", "pg_read_file", "pg_read_binary_file", "pg_ls_",
     "pg_backup_", "pg_start_backup", "pg_stop_backup", "pg_wal_replay_",
     "pg_create_logical_replication_slot", "pg_create_physical_replication_slot",
     "pg_drop_replication_slot", "pg_copy_", "pg_replication_", "pg_logical_slot_",
     "binary_upgrade_"});

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

template <class Prefixes>
bool starts_with_one_of(const Prefixes& prefixes, std::string_view name) {
    return std::ranges::any_of(prefixes,
                               [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace

FunctionEffect known_effect(std::string_view function) {
    if (is_one_of(kOutside, function) || starts_with_one_of(kOutsidePrefixes, function))
        return FunctionEffect::kOutside;
    if (is_one_of(kWriting, function) || starts_with_one_of(kWritingPrefixes, function))
        return FunctionEffect::kWrites;
    return FunctionEffect::kNone;
}

}  // namespace hone::prove
