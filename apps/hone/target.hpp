// apps/hone/target.hpp - the server that --target and --data-dir name.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "context.hpp"
#include "engines/postgres/server.hpp"

namespace hone::app {

// `otherwise`: the data folder that is meant where neither option was given; "" for none, which is
// invalid_argument.
Result<postgres::Server> server_of(const Context& context, const std::filesystem::path& otherwise,
                                   Deadline deadline);

}  // namespace hone::app
