#include "prove/autotune/memory_guard.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "prove/autotune/test_plans.hpp"

namespace hone::prove {
namespace {

using testing::planned_machine;

struct Guarded {
    explicit Guarded(Bytes memory)
        : machine(planned_machine(memory)),
          space(make_search_space(machine.plan, machine.catalogue, machine.planned,
                                  {.writes = true, .seconds_per_server = 600})),
          guard(machine.plan, machine.catalogue, machine.planned) {}

    Point raised(std::string_view setting, int levels) const {
        Point point = plan_point(space);
        for (std::size_t i = 0; i < point.size(); ++i)
            if (space.dimensions[i].setting == setting) point[i] += levels;
        return point;
    }

    testing::PlannedMachine machine;
    SearchSpace space;
    MemoryGuard guard;
};

TEST(MemoryGuard, ReckonsThePlansOwnPointAsThePlanDoes) {
    for (const int megabytes : {1024, 2048, 4096, 16384, 65536}) {
        const Guarded guarded(Bytes::mega(megabytes));
        const MemoryBudget budget =
            guarded.guard.budget(values_at(guarded.space, plan_point(guarded.space)));
        EXPECT_EQ(budget.worst_case(), guarded.machine.plan.budget.worst_case()) << megabytes;
        EXPECT_EQ(budget.limit, guarded.machine.plan.budget.limit);
    }
}

TEST(MemoryGuard, CountsTheTenantsOfThePlan) {
    Guarded guarded(Bytes::giga(16));
    Plan plan = guarded.machine.plan;
    plan.budget.terms.push_back({"kaspad", Bytes::giga(3), "another program, as you named it"});
    const MemoryGuard guard(plan, guarded.machine.catalogue, guarded.machine.planned);
    const auto values = values_at(guarded.space, plan_point(guarded.space));
    EXPECT_EQ(guard.budget(values).worst_case() - guarded.guard.budget(values).worst_case(),
              Bytes::giga(3));
}

TEST(MemoryGuard, LowersWorkMemWhereAPointDoesNotFit) {
    const Guarded guarded(Bytes::giga(16));
    const Point asked = guarded.raised("work_mem", 3);
    ASSERT_FALSE(guarded.guard.budget(values_at(guarded.space, asked)).closes());
    const FittingPoint fitting = fit_into_memory(guarded.space, guarded.guard, asked);
    ASSERT_TRUE(fitting.point.has_value());
    EXPECT_TRUE(guarded.guard.budget(values_at(guarded.space, *fitting.point)).closes());
    EXPECT_NE(*fitting.point, asked);
    EXPECT_EQ(fitting.changed.substr(0, 9), "work_mem ");
    EXPECT_GT(fitting.worst_case, Bytes::giga(16));
}

TEST(MemoryGuard, LeavesAPointAloneThatFits) {
    const Guarded guarded(Bytes::giga(16));
    const Point smaller = guarded.raised("shared_buffers", -1);
    const FittingPoint fitting = fit_into_memory(guarded.space, guarded.guard, smaller);
    EXPECT_EQ(fitting.point, smaller);
    EXPECT_EQ(fitting.changed, "");
}

TEST(MemoryGuard, RefusesWhatCannotBeMadeToFit) {
    Guarded guarded(Bytes::giga(16));
    Plan plan = guarded.machine.plan;
    plan.budget.limit = Bytes::giga(2);  // as if the limit had shrunk since
    const MemoryGuard guard(plan, guarded.machine.catalogue, guarded.machine.planned);
    EXPECT_FALSE(
        fit_into_memory(guarded.space, guard, plan_point(guarded.space)).point.has_value());
}

}  // namespace
}  // namespace hone::prove
