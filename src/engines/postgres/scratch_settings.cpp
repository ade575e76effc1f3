// Which of a real server's settings a scratch server may have.
#include <algorithm>
#include <array>

#include "engines/postgres/data_folder.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::postgres {

namespace {

// What leads out of a scratch server's folder: to the real server's files, sockets, standbys,
// archive, or to a certificate that only the real one can read.
constexpr std::array<std::string_view, 42> kTies{"archive_cleanup_command",
                                                 "archive_command",
                                                 "archive_library",
                                                 "bonjour",
                                                 "bonjour_name",
                                                 "cluster_name",
                                                 "config_file",
                                                 "data_directory",
                                                 "event_source",
                                                 "external_pid_file",
                                                 "hba_file",
                                                 "ident_file",
                                                 "include",
                                                 "include_dir",
                                                 "include_if_exists",
                                                 "krb_server_keyfile",
                                                 "listen_addresses",
                                                 "log_destination",
                                                 "log_directory",
                                                 "log_file_mode",
                                                 "log_filename",
                                                 "logging_collector",
                                                 "oauth_validator_libraries",
                                                 "port",
                                                 "primary_conninfo",
                                                 "primary_slot_name",
                                                 "promote_trigger_file",
                                                 "recovery_end_command",
                                                 "recovery_target",
                                                 "recovery_target_action",
                                                 "recovery_target_inclusive",
                                                 "recovery_target_lsn",
                                                 "recovery_target_name",
                                                 "recovery_target_time",
                                                 "recovery_target_timeline",
                                                 "recovery_target_xid",
                                                 "restore_command",
                                                 "ssl",
                                                 "stats_temp_directory",
                                                 "sync_replication_slots",
                                                 "synchronized_standby_slots",
                                                 "synchronous_standby_names"};

bool ties_to_the_real_server(std::string_view name) {
    return name.starts_with("ssl_") || name.starts_with("unix_socket_") ||
           std::find(kTies.begin(), kTies.end(), name) != kTies.end();
}

std::vector<ConfigEntry> without_ties(const std::vector<ConfigEntry>& entries) {
    std::vector<ConfigEntry> settings;
    for (const auto& entry : entries)
        if (!ties_to_the_real_server(entry.name)) settings.push_back(entry);
    return settings;
}

}  // namespace

std::vector<ConfigEntry> detached_settings(const ConfigTree& files) {
    return without_ties(files.entries);
}

std::vector<ConfigEntry> detached_start_settings(const std::vector<std::string>& start_options) {
    std::vector<ConfigEntry> settings;
    for (const auto& [name, value] : start_option_settings(start_options))
        settings.push_back({name, value, {}, 0});
    return without_ties(settings);
}

}  // namespace hone::postgres
