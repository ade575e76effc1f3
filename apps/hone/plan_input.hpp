// apps/hone/plan_input.hpp - what every command that takes a plan asks first: which plan, which
// server, whose programs.
//
// Errors   as plan_from_text, locate_by_data_directory and locate_by_conninfo; not_found: no
//          programs of the plan's version.
#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/server.hpp"
#include "model/plan.hpp"

namespace hone::app {

struct Context;

Result<Plan> read_plan(const std::filesystem::path& file);
// The server that --target or --data-dir names; none where neither was given.
Result<std::optional<postgres::Server>> server_named(const Context& context, Deadline deadline);
// The same, else the one that the plan was made on; none for a
// plan that was made without one.
Result<std::optional<postgres::Server>> server_for(const Context& context, const Plan& plan,
                                                   Deadline deadline);
// The same, and none where the plan's own server is not on this machine: a plan can be tried anywhere.
Result<std::optional<postgres::Server>> server_here_for(const Context& context, const Plan& plan,
                                                        Deadline deadline);
// --bin-dir, else the server's own, else an installation of the plan's version.
Result<std::filesystem::path> programs_for(const Context& context, const Plan& plan,
                                           const std::optional<postgres::Server>& server);

}  // namespace hone::app
