#include "prove/autotune/found_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "prove/autotune/test_plans.hpp"

namespace hone::prove {
namespace {

struct Found {
    Found()
        : machine(testing::planned_machine(Bytes::giga(16))),
          space(make_search_space(machine.plan, machine.catalogue, machine.planned,
                                  {.writes = true, .seconds_per_server = 20})),
          guard(machine.plan, machine.catalogue, machine.planned) {
        check.effect.ratio = 1.19;
        check.effect.interval = {1.12, 1.27};
        check.effect.verdict = Verdict::kFaster;
    }
    Plan at(const Point& point) const {
        return found_plan({.plan = machine.plan,
                           .catalogue = machine.catalogue,
                           .current = postgres::merged_values(machine.catalogue, {}, Plan{}),
                           .id = "20261120T130501Z-0000",
                           .load = "pgbench read-write, scale 10"},
                          space, point, check, guard);
    }
    Point moved(std::string_view setting, std::string_view value) const {
        Point point = plan_point(space);
        for (std::size_t i = 0; i < point.size(); ++i)
            if (space.dimensions[i].setting == setting)
                point[i] = static_cast<int>(std::ranges::find(space.dimensions[i].levels, value) -
                                            space.dimensions[i].levels.begin());
        return point;
    }
    static const Change* change(const Plan& plan, std::string_view setting) {
        const auto found = std::ranges::find(plan.changes, setting, &Change::setting);
        return found == plan.changes.end() ? nullptr : &*found;
    }
    testing::PlannedMachine machine;
    SearchSpace space;
    MemoryGuard guard;
    Check check;
};

TEST(FoundPlan, HasTheFoundValueWithItsEvidence) {
    const Found found;
    const Plan plan = found.at(found.moved("shared_buffers", "2GB"));
    const Change* change = Found::change(plan, "shared_buffers");
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->to, "2GB");
    EXPECT_EQ(change->rule, "autotune");
    EXPECT_EQ(change->context, SettingContext::kRestart);
    EXPECT_EQ(
        change->reason,
        "Found by measuring, where the rules say 4GB: all found values together were 19 % "
        "faster (95 % interval: 12 % faster to 27 % faster) under pgbench read-write, scale 10, on "
        "fresh servers. What this one contributes is not known.");
    EXPECT_EQ(plan.changes.size(), found.machine.plan.changes.size());
}

TEST(FoundPlan, ReckonsItsMemoryAnew) {
    const Found found;
    const Plan plan = found.at(found.moved("shared_buffers", "2GB"));
    EXPECT_LT(plan.budget.worst_case(), found.machine.plan.budget.worst_case());
    EXPECT_EQ(plan.budget.terms[0].size, Bytes::giga(2));
}

TEST(FoundPlan, TakesInWhatThePlanDidNotChange) {
    const Found found;
    ASSERT_EQ(Found::change(found.machine.plan, "max_parallel_workers_per_gather"), nullptr);
    const Plan plan = found.at(found.moved("max_parallel_workers_per_gather", "0"));
    const Change* change = Found::change(plan, "max_parallel_workers_per_gather");
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->to, "0");
    EXPECT_TRUE(std::ranges::is_sorted(plan.changes, {}, &Change::setting));
}

TEST(FoundPlan, IsAPlanThatIsReadBack) {
    const Found found;
    const Plan plan = found.at(found.moved("shared_buffers", "2GB"));
    const auto read = plan_from_text(plan_to_text(plan), "found.json");
    ASSERT_TRUE(read.ok()) << read.error().message();
    EXPECT_EQ(read->id(), plan.id());
    EXPECT_NE(read->id(), found.machine.plan.id());
}

}  // namespace
}  // namespace hone::prove
