// prove/autotune/search_space.hpp - the few settings that are searched, each with the values that
// it may take.
//
// Shape    a grid: every setting has levels in the order of size, doublings around the plan's value
//          for sizes, a ladder for the rest; the plan's own value is one of them. A Point is one
//          level for each setting. Pure.
//          In the order in which they matter: where there is time for few evaluations, only the
//          first are searched. A setting whose effect is seen later than an evaluation lasts
//          (autovacuum, checkpoints by time) is left out, and said to be.
// Limits   never a setting that trades durability (is_durability_setting).
// Source   docs/reference/autotune.md
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/units.hpp"
#include "engines/postgres/check.hpp"
#include "model/plan.hpp"

namespace hone::prove {

struct Dimension {
    std::string setting;
    std::vector<std::string> levels;  // display values
    int plan_level = 0;
    bool operator==(const Dimension&) const = default;
};

struct LeftAlone {
    std::string setting;
    std::string why;
};

struct SearchSpace {
    std::vector<Dimension> dimensions;
    std::vector<LeftAlone> left_alone;
};

using Point = std::vector<int>;  // a level for each dimension
using SettingValues = std::vector<std::pair<std::string, std::string>>;  // name, display value

struct SpaceOptions {
    bool writes = true;             // the workload does
    double seconds_per_server = 0;  // that one evaluation loads each server
    int most_dimensions = 12;
    bool reload_only = false;  // leave out what needs a restart
};

// `planned`: what holds with the plan on top (postgres::merged_values).
SearchSpace make_search_space(const Plan& plan, const Catalogue& catalogue,
                              const postgres::MergedValues& planned, const SpaceOptions& options);

// Every setting that the search knows, in order of rank.
std::vector<std::string> searchable_settings();

Point plan_point(const SearchSpace& space);
// Requires a point of the space.
SettingValues values_at(const SearchSpace& space, const Point& point);
// Only what differs from the plan: "shared_buffers 4GB, work_mem 32MB"; "the plan" for its own.
std::string describe(const SearchSpace& space, const Point& point);

}  // namespace hone::prove
