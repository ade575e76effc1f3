// bench/tuners/hone_plan.hpp - hone's own plan for a running server, made as `hone plan` makes it: from
// the machine and from what the server says of itself.
//
// Errors   as host::detect, postgres::read_state and tune::make_plan.
#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/tuners/bench_server.hpp"
#include "bench/tuners/tuner.hpp"
#include "model/plan.hpp"
#include "tune/tune.hpp"

namespace hone::bench {

struct Machine {
    PlanMachine facts;  // the memory as the bench limits it
    Bytes total_memory;
};
// `folder`: where the servers will be, for the class of its storage. `memory`: 0 for no limit.
Result<Machine> look_at_machine(const std::filesystem::path& folder, Bytes memory);

// Told as much as the others: kind of load and connections. The size of the data it reads itself.
Result<Plan> hone_plan(const Machine& machine, const TunerInput& told, BenchServer& server,
                       const std::filesystem::path& bin_directory, Deadline deadline);
tune::Workload workload_of(LoadKind kind);
Settings settings_of(const Plan& plan);

}  // namespace hone::bench
