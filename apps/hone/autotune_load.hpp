// apps/hone/autotune_load.hpp - the load and the data of a search: pgbench's, a pack's, a recording's.
#pragma once

#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "commands.hpp"
#include "engines/postgres/server.hpp"
#include "prove/autotune/job.hpp"
#include "prove/autotune/trial_load.hpp"

namespace hone::app {

struct Context;

// invalid_argument: not exactly one of --load, --pack and --workload.
Result<prove::TrialSource> trial_source(const AutotuneArguments& arguments);

// `server`: whose data a recording is replayed on; it is copied, and only read.
Result<std::unique_ptr<prove::TrialLoad>> trial_load(Context& context,
                                                     const prove::AutotuneJob& job, double cores,
                                                     const std::optional<postgres::Server>& server,
                                                     Deadline deadline);

}  // namespace hone::app
