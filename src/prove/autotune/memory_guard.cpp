#include "prove/autotune/memory_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "tune/budget.hpp"

namespace hone::prove {

namespace {

constexpr std::array<std::string_view, 3> kGiveWay{"work_mem", "maintenance_work_mem",
                                                   "shared_buffers"};
// Not a matter of settings: what the plan says of it stays.
constexpr std::string_view kSystemTerm = "operating system";

tune::TuneInput input_of(const Plan& plan, const Catalogue& catalogue,
                         const SettingStates& states) {
    tune::TuneInput input;
    input.server_version = plan.server_version;
    input.machine = plan.machine;
    input.catalogue = catalogue;
    input.current = states;
    input.profile = tune::profile_named(plan.profile);
    input.workload = tune::workload_named(plan.workload);
    return input;
}

void replace_term(MemoryBudget& budget, const BudgetTerm& term) {
    if (term.name == kSystemTerm) return;
    const auto found = std::ranges::find(budget.terms, term.name, &BudgetTerm::name);
    if (found != budget.terms.end()) *found = term;
}

std::optional<std::size_t> first_that_can_give(const SearchSpace& space, const Point& point) {
    for (const std::string_view setting : kGiveWay)
        for (std::size_t i = 0; i < point.size(); ++i)
            if (space.dimensions[i].setting == setting && point[i] > space.dimensions[i].plan_level)
                return i;
    return std::nullopt;
}

std::string difference(const SearchSpace& space, const Point& from, const Point& to) {
    std::vector<std::string> changes;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const Dimension& dimension = space.dimensions[i];
        if (from[i] != to[i])
            changes.push_back(fmt::format("{} {} -> {}", dimension.setting,
                                          dimension.levels[static_cast<std::size_t>(from[i])],
                                          dimension.levels[static_cast<std::size_t>(to[i])]));
    }
    return join(changes, ", ");
}

}  // namespace

MemoryGuard::MemoryGuard(Plan plan, Catalogue catalogue, const postgres::MergedValues& planned)
    : plan_(std::move(plan)), catalogue_(std::move(catalogue)) {
    for (const auto& [name, value] : planned) states_[name].value = value;
}

MemoryBudget MemoryGuard::budget(const SettingValues& values) const {
    SettingStates states = states_;
    for (const auto& [name, display] : values) {
        const SettingDefinition* definition = find_setting(catalogue_, name);
        if (definition == nullptr) continue;
        const auto canonical = canonical_value(*definition, display);
        if (canonical.ok()) states[name].value = *canonical;
    }
    const tune::TuneInput input = input_of(plan_, catalogue_, states);
    const tune::Situation situation(input);
    const MemoryBudget computed = tune::budget_of(situation, tune::shape_of(tune::Draft(input)));
    MemoryBudget budget = plan_.budget;
    for (const BudgetTerm& term : computed.terms) replace_term(budget, term);
    return budget;
}

FittingPoint fit_into_memory(const SearchSpace& space, const MemoryGuard& guard, Point point) {
    const Point asked = point;
    const MemoryBudget budget = guard.budget(values_at(space, point));
    FittingPoint fitting;
    fitting.worst_case = budget.worst_case();
    bool closes = budget.closes();
    while (!closes) {
        const auto index = first_that_can_give(space, point);
        if (!index) return fitting;
        --point[*index];
        closes = guard.budget(values_at(space, point)).closes();
    }
    fitting.changed = difference(space, asked, point);
    fitting.point = std::move(point);
    return fitting;
}

}  // namespace hone::prove
