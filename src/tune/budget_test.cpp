#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

using testing::machine;
using testing::planned;

constexpr int kVersions[] = {14, 15, 16, 17, 18};
constexpr Workload kWorkloads[] = {Workload::kIngest, Workload::kOltp, Workload::kReadMostly,
                                   Workload::kAnalytics, Workload::kMixed};
constexpr StorageClass kStorages[] = {StorageClass::kNvme, StorageClass::kSsd, StorageClass::kHdd,
                                      StorageClass::kUnknown};
constexpr std::int64_t kMegabytes[] = {256,       512,       1024,       2048,
                                       4096,      8192,      12 * 1024,  16 * 1024,
                                       24 * 1024, 64 * 1024, 256 * 1024, 1024 * 1024};
constexpr double kCores[] = {0.5, 2, 8, 32, 128};

// One shape for each combination of memory, cores and workload; storage goes round.
template <class Check>
int for_each_shape(int version, std::optional<int> connections, const Check& check) {
    int shapes = 0;
    TuneInput input = machine(Bytes::giga(1), 1, StorageClass::kNvme, version);
    input.connections = connections;
    for (const std::int64_t megabytes : kMegabytes)
        for (const double cores : kCores)
            for (const Workload workload : kWorkloads) {
                input.machine.memory_limit = Bytes::mega(megabytes);
                input.machine.cores = cores;
                input.machine.storage = kStorages[shapes % 4];
                input.workload = workload;
                check(input);
                ++shapes;
            }
    return shapes;
}

void expect_within_range(const Plan& plan, const Catalogue& catalogue) {
    for (const Change& change : plan.changes) {
        const SettingDefinition* definition = find_setting(catalogue, change.setting);
        ASSERT_NE(definition, nullptr) << change.setting;
        const auto canonical = canonical_value(*definition, change.to);
        EXPECT_TRUE(canonical.ok()) << change.setting << " = " << change.to;
    }
}

TEST(Budget, ClosesAtEveryShapeOfEveryVersion) {
    int shapes = 0;
    for (const int version : kVersions)
        shapes += for_each_shape(version, std::nullopt, [](const TuneInput& input) {
            const auto plan = make_plan(input);
            ASSERT_TRUE(plan.ok()) << plan.error().message();
            EXPECT_LE(plan->budget.worst_case(), input.machine.memory_limit)
                << plan_as_config(*plan);
            expect_within_range(*plan, input.catalogue);
        });
    EXPECT_EQ(shapes, 1500);
}

TEST(Budget, ClosesOrSaysHowManyConnectionsFit) {
    int refused = 0;
    for (const int connections : {10, 200, 2000})
        for_each_shape(15, connections, [&](const TuneInput& input) {
            const auto plan = make_plan(input);
            if (plan.ok()) {
                EXPECT_LE(plan->budget.worst_case(), input.machine.memory_limit);
                return;
            }
            ++refused;
            EXPECT_EQ(plan.error().code(), ErrorCode::kInvalidArgument);
            EXPECT_NE(plan.error().advice().find("connections"), std::string::npos)
                << plan.error().message();
        });
    EXPECT_GT(refused, 0);
    EXPECT_LT(refused, 200);
}

TEST(Budget, OfferedConnectionsReallyFit) {
    TuneInput input = machine(Bytes::giga(1), 2, StorageClass::kSsd);
    input.connections = 2000;
    const auto refused = make_plan(input);
    ASSERT_FALSE(refused.ok());
    const auto words = split_words(refused.error().advice());
    input.connections = static_cast<int>(parse_integer(words.at(4)).value());  // "at most N"
    EXPECT_TRUE(make_plan(input).ok()) << refused.error().message();
}

TEST(Budget, FixedSharedBuffersThatDoNotFitAreRefused) {
    TuneInput input = machine(Bytes::giga(4), 2, StorageClass::kSsd);
    input.customization.settings = {{"shared_buffers", "4GB"}};
    const auto plan = make_plan(input);
    ASSERT_FALSE(plan.ok());
    EXPECT_EQ(plan.error().code(), ErrorCode::kInvalidArgument);
}

TEST(Budget, ClosesWherePresentValuesAreAlmostWhatIsWanted) {
    TuneInput input = machine(Bytes::giga(1), 2, StorageClass::kSsd);
    testing::set_all_current(input);
    testing::set_current(input, "hash_mem_multiplier", "1.04");
    testing::set_current(input, "shared_buffers", "264MB");
    testing::set_current(input, "work_mem", "1100kB");
    EXPECT_TRUE(make_plan(input)->budget.closes());
}

TEST(Budget, TenantsTakeTheirPart) {
    TuneInput input = machine(Bytes::giga(16), 4, StorageClass::kSsd);
    EXPECT_EQ(planned(input, "shared_buffers"), "4GB");
    input.tenants = {{"kaspad", Bytes::giga(8)}};
    EXPECT_EQ(planned(input, "shared_buffers"), "2GB");
    EXPECT_EQ(make_plan(input)->budget.terms[8].name, "kaspad");
    input.tenants = {{"kaspad", Bytes::giga(16)}};
    EXPECT_FALSE(make_plan(input).ok());
}

}  // namespace
}  // namespace hone::tune
