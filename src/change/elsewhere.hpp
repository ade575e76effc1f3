// change/elsewhere.hpp - what to do by hand where somebody else owns the settings: Patroni, a
// container.
//
// Threads  pure functions.
#pragma once

#include <optional>
#include <string>

#include "model/host.hpp"
#include "model/plan.hpp"

namespace hone::change {

// The plan in the form that the manager takes; none where hone writes the settings itself.
std::optional<std::string> instructions_for(ManagedBy managed_by, const Plan& plan);

}  // namespace hone::change
