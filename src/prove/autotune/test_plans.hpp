// prove/autotune/test_plans.hpp - plans for the tests of this room.
#pragma once

#include "engines/postgres/check_boot.hpp"
#include "tune/tune.hpp"

namespace hone::prove::testing {

struct PlannedMachine {
    Plan plan;
    Catalogue catalogue;
    postgres::MergedValues planned;
};

// What hone plans, offline, for such a machine with 4 cores, an SSD and 100 connections.
inline PlannedMachine planned_machine(Bytes memory, int version = 15) {
    tune::TuneInput input;
    input.server_version = version;
    input.machine = {.memory_limit = memory,
                     .memory_source = "stated",
                     .cores = 4,
                     .cores_source = "stated",
                     .storage = StorageClass::kSsd,
                     .storage_source = "stated"};
    input.catalogue = tune::builtin_catalogue(version);
    input.connections = 100;
    input.workload = tune::Workload::kOltp;
    PlannedMachine machine{tune::make_plan(input).value(), input.catalogue, {}};
    machine.planned = postgres::merged_values(machine.catalogue, {}, machine.plan);
    return machine;
}

}  // namespace hone::prove::testing
