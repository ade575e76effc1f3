// apps/hone/observe.hpp - gathers what a plan stands on: the server, its build, the machine, the
// flags.
//
// Shape    flags win over what was detected, and are marked as stated. Without --target,
// --data-dir,
// --bin-dir and machine flags, the one cluster that this machine has is meant.
// Errors   invalid_argument: a flag that cannot be read, several clusters and none named, a server
// on another machine whose memory, cores or storage nobody stated; and what locating and reading
// the server returns.
// Cost     up to 2 s for measuring the storage; none of it with --no-probe or --storage.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "commands.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "model/host.hpp"
#include "model/plan.hpp"
#include "tune/tune.hpp"

namespace hone::app {

struct Observation {
    tune::TuneInput input;
    Host host;
    std::optional<postgres::Server> server;
    std::optional<postgres::ServerState> state;
};

Result<Observation> observe(Context& context, const PlanArguments& arguments);

// make_plan, with the notices of the observation added.
Result<Plan> plan_from(const Observation& observation);

}  // namespace hone::app
