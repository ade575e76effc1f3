// prove/autotune/memory_guard.hpp - keeps every point of the search within the plan's memory limit,
// before anything is booted with it.
//
// Shape    the plan's own budget, with those terms computed again that the searched settings decide
//          (tune/budget.hpp): tenants and what else the plan reckoned with stay in it. Pure.
#pragma once

#include <optional>
#include <string>

#include "engines/postgres/check.hpp"
#include "model/plan.hpp"
#include "prove/autotune/search_space.hpp"

namespace hone::prove {

class MemoryGuard {
  public:
    // `planned`: what holds with the plan on top (postgres::merged_values).
    MemoryGuard(Plan plan, Catalogue catalogue, const postgres::MergedValues& planned);

    // The worst case with these values instead of the plan's.
    MemoryBudget budget(const SettingValues& values) const;

  private:
    Plan plan_;
    Catalogue catalogue_;
    SettingStates states_;
};

struct FittingPoint {
    std::optional<Point> point;  // none: no way to make it fit
    std::string changed;         // "work_mem 64MB -> 16MB"; "" where it fits as it is
    Bytes worst_case;            // of what was asked for
};

// Lowers work_mem, then maintenance_work_mem, then shared_buffers, level by level, until it fits;
// none below the plan's own level.
FittingPoint fit_into_memory(const SearchSpace& space, const MemoryGuard& guard, Point point);

}  // namespace hone::prove
