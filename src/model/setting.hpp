// model/setting.hpp - one server setting: what it may be, and what it is now.
//
// Shape    a catalogue is sorted by name, as the server's pg_settings has it.
// Units    numbers are in the setting's own unit (`unit`: 8kB, kB, MB, B, ms, s, min, or empty), as
//          pg_settings prints them.
// Source   PostgreSQL manual, pg_settings view.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace hone {

enum class SettingType { kBool, kInteger, kReal, kText, kEnum };
std::string_view to_string(SettingType type);

// What it takes for a new value to hold.
enum class SettingContext { kInternal, kRestart, kReload, kNewConnection, kSession };
std::string_view to_string(SettingContext context);
// From pg_settings.context: postmaster -> kRestart, sighup -> kReload, backend and
// superuser-backend -> kNewConnection, superuser and user -> kSession, internal -> kInternal.
SettingContext setting_context_named(std::string_view context);
SettingType setting_type_named(std::string_view vartype);

struct SettingDefinition {
    std::string name;
    SettingType type = SettingType::kText;
    SettingContext context = SettingContext::kSession;
    std::string unit;  // "8kB", "ms", "" ...
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::vector<std::string> enum_values;  // only of kEnum
    std::string boot_value;                // in `unit`, as pg_settings.boot_val
};

// What a server says of one setting, for a new session of the connection's role and database.
struct SettingState {
    std::string value;  // in the definition's unit, as pg_settings.setting
    std::string reset_value;
    std::string source;       // default, configuration file, command line, database, user, ...
    std::string source_file;  // "" where the server does not say
    int source_line = 0;
    bool pending_restart = false;
};

using Catalogue = std::map<std::string, SettingDefinition, std::less<>>;
using SettingStates = std::map<std::string, SettingState, std::less<>>;

const SettingDefinition* find_setting(const Catalogue& catalogue, std::string_view name);

// Reads a value as postgresql.conf has it ("16GB", "15min", "on", "0.9", "lz4") into the text that
// pg_settings would show in the definition's unit ("2097152", "900", "on", "0.9", "lz4"). Errors:
// invalid_argument: not of the type, an unknown unit, below the minimum, above the maximum, not one
// of the enum values.
Result<std::string> canonical_value(const SettingDefinition& definition, std::string_view text);
// The other way, for people and for postgresql.conf: "2097152" of unit 8kB -> "16GB", "900" s ->
// "15min". No quotes.
std::string display_value(const SettingDefinition& definition, std::string_view canonical);
// The canonical value of a memory setting as Bytes; none where the unit is not a size or the value
// is not a number.
std::optional<Bytes> value_as_bytes(const SettingDefinition& definition,
                                    std::string_view canonical);
// As it stands in postgresql.conf: quoted where the grammar needs it, quotes and backslashes
// doubled.
std::string quoted_for_config(std::string_view display);

json::object to_json(const SettingDefinition& definition);
Result<SettingDefinition> setting_definition_from_json(const JsonReader& reader);

// True for settings that trade durability for speed: fsync, full_page_writes, synchronous_commit,
// data_sync_retry, ignore_checksum_failure, zero_damaged_pages, autovacuum (off). hone reads and
// reports them and never tunes them.
bool is_durability_setting(std::string_view name);

}  // namespace hone
