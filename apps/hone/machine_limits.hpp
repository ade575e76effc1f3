// apps/hone/machine_limits.hpp - what this machine allows a server on it, for the check of a plan.
#pragma once

#include "base/units.hpp"
#include "engines/postgres/check.hpp"

namespace hone::app {

struct PresentMachine {
    Bytes memory;                    // what binds; 0 where nothing says
    postgres::MachineLimits limits;  // empty where the server's data folder is not on this machine
};

// `data_directory`: of the server; "" for a plan that is only tried here. Measures nothing.
PresentMachine present_machine(const std::filesystem::path& data_directory);

}  // namespace hone::app
