#include <gtest/gtest.h>

#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

using testing::machine;
using testing::planned;

std::string chosen(Bytes memory, double cores, StorageClass storage) {
    return std::string(to_string(choose_profile(memory, cores, storage).profile));
}

TEST(Profile, FourGigabytesAreStillLowMemory) {
    EXPECT_EQ(chosen(Bytes::giga(4), 16, StorageClass::kNvme), "low-memory");
    EXPECT_EQ(chosen(Bytes::giga(4) + Bytes{1}, 16, StorageClass::kNvme), "standard");
}

TEST(Profile, SixteenGigabytesWithFastStorageAndEightCoresAreHighPerformance) {
    EXPECT_EQ(chosen(Bytes::giga(16), 8, StorageClass::kNvme), "high-performance");
    EXPECT_EQ(chosen(Bytes::giga(16), 8, StorageClass::kSsd), "high-performance");
    EXPECT_EQ(chosen(Bytes::giga(16) - Bytes{1}, 8, StorageClass::kNvme), "standard");
}

TEST(Profile, LargeMachinesWithSlowStorageOrFewCoresAreStandard) {
    EXPECT_EQ(chosen(Bytes::giga(64), 32, StorageClass::kHdd), "standard");
    EXPECT_EQ(chosen(Bytes::giga(64), 32, StorageClass::kUnknown), "standard");
    EXPECT_EQ(chosen(Bytes::giga(64), 7.5, StorageClass::kNvme), "standard");
}

TEST(Profile, ChoiceIsExplained) {
    EXPECT_EQ(choose_profile(Bytes::giga(64), 32, StorageClass::kHdd).reason,
              "64 GB of memory, but the storage is hdd, not NVMe or SSD.");
    EXPECT_EQ(choose_profile(Bytes::giga(64), 4, StorageClass::kSsd).reason,
              "64 GB of memory and ssd storage, but 4 cores are fewer than 8.");
}

TEST(Profile, EveryNameReadsBack) {
    for (const auto profile :
         {Profile::kLowMemory, Profile::kStandard, Profile::kHighPerformance, Profile::kCustom})
        EXPECT_EQ(profile_named(to_string(profile)), profile);
    EXPECT_FALSE(profile_named("turbo").has_value());
}

TEST(Profile, StatedOneHoldsAndSaysWhatWouldHaveBeenChosen) {
    TuneInput input = machine(Bytes::giga(16), 8, StorageClass::kNvme);
    input.profile = Profile::kStandard;
    const Plan plan = make_plan(input).value();
    EXPECT_EQ(plan.profile, "standard");
    EXPECT_EQ(plan.profile_reason,
              "Stated; this machine would have got high-performance: 16 GB of memory, nvme storage "
              "and 8 cores.");
    EXPECT_EQ(planned(plan, "autovacuum_vacuum_cost_limit"), "1000");
    input.profile.reset();
    EXPECT_EQ(planned(input, "autovacuum_vacuum_cost_limit"), "2000");
}

}  // namespace
}  // namespace hone::tune
