#include "prove/autotune/search_space.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engines/postgres/check_boot.hpp"
#include "prove/autotune/test_plans.hpp"

namespace hone::prove {
namespace {

using ::testing::ElementsAre;
using testing::planned_machine;
using testing::PlannedMachine;

constexpr SpaceOptions kEverything{.writes = true, .seconds_per_server = 600};

SearchSpace space_of(const PlannedMachine& machine, const SpaceOptions& options = kEverything) {
    return make_search_space(machine.plan, machine.catalogue, machine.planned, options);
}

const Dimension& dimension(const SearchSpace& space, std::string_view setting) {
    return *std::ranges::find(space.dimensions, setting, &Dimension::setting);
}

bool has(const SearchSpace& space, std::string_view setting) {
    return std::ranges::find(space.dimensions, setting, &Dimension::setting) !=
           space.dimensions.end();
}

TEST(SearchSpace, NeverHoldsASettingThatTradesDurability) {
    for (const std::string& setting : searchable_settings()) {
        EXPECT_FALSE(is_durability_setting(setting)) << setting;
        for (const char* forbidden :
             {"fsync", "full_page_writes", "synchronous_commit", "data_sync_retry", "autovacuum",
              "zero_damaged_pages", "ignore_checksum_failure", "wal_level", "commit_delay"})
            EXPECT_NE(setting, forbidden);
    }
}

TEST(SearchSpace, DoublesAroundThePlansSizesAndKeepsThem) {
    const SearchSpace space = space_of(planned_machine(Bytes::giga(16)));
    EXPECT_THAT(dimension(space, "shared_buffers").levels,
                ElementsAre("256MB", "512MB", "1GB", "2GB", "4GB"));
    EXPECT_EQ(dimension(space, "shared_buffers").plan_level, 4);
}

TEST(SearchSpace, NeverHasLessWalThanIsKept) {
    const auto machine = planned_machine(Bytes::giga(16));
    EXPECT_EQ(machine.planned.at("min_wal_size"), "2048");
    EXPECT_THAT(dimension(space_of(machine), "max_wal_size").levels,
                ElementsAre("2GB", "4GB", "8GB", "16GB", "32GB"));
}

TEST(SearchSpace, LaddersTakeThePlansValueForARungCloseToIt) {
    const SearchSpace space = space_of(planned_machine(Bytes::giga(16)));
    EXPECT_THAT(dimension(space, "random_page_cost").levels,
                ElementsAre("1", "1.1", "1.5", "2", "3", "4"));
    EXPECT_EQ(dimension(space, "random_page_cost").plan_level, 1);
    EXPECT_THAT(dimension(space, "max_parallel_workers_per_gather").levels,
                ElementsAre("0", "1", "2", "4"));
}

TEST(SearchSpace, OffersOnlyTheCompressionsOfTheBuild) {
    const SearchSpace space = space_of(planned_machine(Bytes::giga(16)));
    EXPECT_THAT(dimension(space, "wal_compression").levels, ElementsAre("off", "pglz"));
    const SearchSpace old = space_of(planned_machine(Bytes::giga(16), 14));
    EXPECT_THAT(dimension(old, "wal_compression").levels, ElementsAre("off", "on"));
}

TEST(SearchSpace, ALoadThatOnlyReadsIsNotSearchedForItsWrites) {
    const SearchSpace space =
        space_of(planned_machine(Bytes::giga(16)), {.writes = false, .seconds_per_server = 600});
    EXPECT_FALSE(has(space, "max_wal_size"));
    EXPECT_FALSE(has(space, "autovacuum_vacuum_scale_factor"));
    EXPECT_TRUE(has(space, "shared_buffers"));
    EXPECT_TRUE(has(space, "random_page_cost"));
}

TEST(SearchSpace, WhatAnEvaluationIsTooShortForIsLeftOutAndSaid) {
    const SearchSpace space =
        space_of(planned_machine(Bytes::giga(16)), {.writes = true, .seconds_per_server = 20});
    EXPECT_FALSE(has(space, "checkpoint_timeout"));
    const auto left_alone =
        std::ranges::find(space.left_alone, "checkpoint_timeout", &LeftAlone::setting);
    ASSERT_NE(left_alone, space.left_alone.end());
    EXPECT_EQ(left_alone->why, "not to be seen while an evaluation loads each server for 20 s");
}

TEST(SearchSpace, TakesTheMostImportantWhereThereIsTimeForFew) {
    const SearchSpace space =
        space_of(planned_machine(Bytes::giga(16)),
                 {.writes = true, .seconds_per_server = 600, .most_dimensions = 3});
    ASSERT_EQ(space.dimensions.size(), 3U);
    EXPECT_EQ(space.dimensions[0].setting, "shared_buffers");
    EXPECT_EQ(space.dimensions[1].setting, "max_wal_size");
    EXPECT_EQ(space.dimensions[2].setting, "work_mem");
}

TEST(SearchSpace, WithoutARestartNothingThatNeedsOne) {
    const SearchSpace space =
        space_of(planned_machine(Bytes::giga(16)),
                 {.writes = true, .seconds_per_server = 600, .reload_only = true});
    EXPECT_FALSE(has(space, "shared_buffers"));
    EXPECT_TRUE(has(space, "max_wal_size"));
}

TEST(SearchSpace, APointIsToldByWhatDiffersFromThePlan) {
    const SearchSpace space = space_of(planned_machine(Bytes::giga(16)));
    Point point = plan_point(space);
    EXPECT_EQ(describe(space, point), "the plan");
    point[0] = 3;
    EXPECT_EQ(describe(space, point), "shared_buffers 2GB");
    EXPECT_EQ(values_at(space, point)[0].second, "2GB");
}

}  // namespace
}  // namespace hone::prove
