// change/alter_system.hpp - settings through ALTER SYSTEM, where the files are out of reach.
//
// Errors   permission_denied: names the exact GRANTs that are missing; unsupported: the server
//          forbids ALTER SYSTEM (allow_alter_system = off, from 17).
// Source   PostgreSQL manual, ALTER SYSTEM: one statement each, outside a transaction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "change/foreign_edit.hpp"
#include "change/intent.hpp"
#include "engines/postgres/connection.hpp"
#include "model/plan.hpp"

namespace hone::change {

// Lists of names (shared_preload_libraries) are quoted one by one: a single literal would be one
// name with a comma in it.
std::string alter_system_set(std::string_view setting, std::string_view display_value);
std::string alter_system_reset(std::string_view setting);

// Everything that the connection's role needs to set the plan's settings, reload and verify.
Status require_alter_system(postgres::Connection& connection, const Plan& plan, Deadline deadline);
// What postgresql.auto.conf holds now, through pg_file_settings.
Result<AlteredValues> altered_values(postgres::Connection& connection, Deadline deadline);
// Puts back what ALTER SYSTEM held before, setting by setting; what somebody else has set since
// stays as it is.
Status restore_altered(postgres::Connection& connection, const std::vector<ChangedSetting>& changes,
                       Deadline deadline);

}  // namespace hone::change
