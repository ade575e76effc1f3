// apps/hone/check_table.hpp - the report of a check as a person reads it on a terminal.
#pragma once

#include <string>

#include "engines/postgres/check.hpp"
#include "model/plan.hpp"

namespace hone::app {

// One line for each kind of rule and for the boot, then what was found, worst first.
std::string check_as_table(const postgres::CheckReport& report, const Plan& plan, bool color);

}  // namespace hone::app
