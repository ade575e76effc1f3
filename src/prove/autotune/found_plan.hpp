// prove/autotune/found_plan.hpp - from a point of the search to a plan that can be applied.
//
// Shape    pure. The plan that was begun with, with the found values in it: rule "autotune", and the
//          check's evidence as the reason. It keeps the plan's target, so that it is stale where
//          that would be.
#pragma once

#include <string>

#include "engines/postgres/check.hpp"
#include "model/plan.hpp"
#include "prove/autotune/job.hpp"
#include "prove/autotune/memory_guard.hpp"

namespace hone::prove {

struct FoundPlanInput {
    Plan plan;
    Catalogue catalogue;
    postgres::MergedValues current;  // what holds without the plan
    std::string id;                  // of the search
    std::string load;
};

Plan found_plan(const FoundPlanInput& input, const SearchSpace& space, const Point& point,
                const Check& check, const MemoryGuard& guard);

}  // namespace hone::prove
