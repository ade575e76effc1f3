// engines/postgres/catalogue.hpp - which settings a build of PostgreSQL has, read from the server
// itself: versions and build options decide what exists and what an enum may be.
//
// See also state.hpp: catalogue_of_binary and available_libraries.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "model/setting.hpp"

namespace hone::postgres {

// All of pg_settings, with what the loaded libraries added.
Result<Catalogue> read_catalogue(Connection& connection, Deadline deadline);

}  // namespace hone::postgres
