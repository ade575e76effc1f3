// Which of a real server's settings a scratch server may have.
#include <algorithm>
#include <array>

#include "base/text.hpp"
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

struct ShortOption {
    std::string_view option;
    std::string_view setting;
    std::string_view value;  // "" where the next argument, or the rest of this one, is the value
};

// Manual, postgres(1). Others say nothing about settings, or tie the server to its place.
constexpr std::array<ShortOption, 4> kShortOptions{{{"-B", "shared_buffers", ""},
                                                    {"-F", "fsync", "off"},
                                                    {"-N", "max_connections", ""},
                                                    {"-S", "work_mem", ""}}};

// "name=value", where a dash may stand for an underscore.
void add_assignment(std::string_view assignment, std::vector<ConfigEntry>& settings) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos) return;
    std::string name = to_lower(assignment.substr(0, equals));
    std::replace(name.begin(), name.end(), '-', '_');
    settings.push_back({name, std::string(assignment.substr(equals + 1)), {}, 0});
}

std::vector<ConfigEntry> start_settings(const std::vector<std::string>& options) {
    std::vector<ConfigEntry> settings;
    for (std::size_t i = 0; i < options.size(); ++i) {
        const std::string_view option = options[i];
        const auto next = [&]() -> std::string_view {
            return i + 1 < options.size() ? std::string_view(options[++i]) : std::string_view();
        };
        if (option.starts_with("--")) {
            add_assignment(option.substr(2), settings);
        } else if (option.starts_with("-c")) {
            add_assignment(option.size() > 2 ? option.substr(2) : next(), settings);
        }
        for (const auto& known : kShortOptions) {
            if (!option.starts_with(known.option)) continue;
            std::string_view value = known.value;
            if (value.empty()) value = option.size() > 2 ? option.substr(2) : next();
            settings.push_back({std::string(known.setting), std::string(value), {}, 0});
        }
    }
    return settings;
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
    return without_ties(start_settings(start_options));
}

}  // namespace hone::postgres
