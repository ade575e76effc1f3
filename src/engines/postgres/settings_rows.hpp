// engines/postgres/settings_rows.hpp - the rows of queries::kSettings as values of the model.
//
// Threads  pure functions.
#pragma once

#include "engines/postgres/connection.hpp"
#include "model/setting.hpp"

namespace hone::postgres {

Catalogue catalogue_from(const Rows& rows);
SettingStates settings_from(const Rows& rows);

}  // namespace hone::postgres
