#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

using testing::find_change;
using testing::has_notice;
using testing::machine;
using testing::planned;
using testing::set_all_current;
using testing::set_current;

struct Golden {
    const char* name;
    Bytes memory;
    double cores;
    StorageClass storage;
    Workload workload;
    int version;
    std::optional<int> connections;
    std::vector<std::pair<const char*, const char*>> values;
};

// Worked out by hand from docs/reference/rules.md.
const std::vector<Golden> kGolden{
    {"four gigabytes, ingest",
     Bytes::giga(4),
     2,
     StorageClass::kSsd,
     Workload::kIngest,
     15,
     {},
     {{"shared_buffers", "1GB"},
      {"effective_cache_size", "3GB"},
      {"work_mem", "8MB"},
      {"maintenance_work_mem", "128MB"},
      {"autovacuum_work_mem", "32MB"},
      {"max_wal_size", "8GB"},
      {"min_wal_size", "2GB"},
      {"autovacuum_vacuum_cost_limit", "600"},
      {"max_parallel_workers_per_gather", "1"},
      {"wal_buffers", "unchanged"}}},
    {"eight gigabytes, oltp",
     Bytes::giga(8),
     4,
     StorageClass::kSsd,
     Workload::kOltp,
     16,
     {},
     {{"shared_buffers", "2GB"},
      {"effective_cache_size", "6GB"},
      {"work_mem", "17MB"},
      {"maintenance_work_mem", "512MB"},
      {"autovacuum_work_mem", "128MB"},
      {"max_wal_size", "8GB"},
      {"bgwriter_delay", "50ms"},
      {"jit", "off"}}},
    {"sixteen gigabytes, mixed",
     Bytes::giga(16),
     8,
     StorageClass::kNvme,
     Workload::kMixed,
     18,
     {},
     {{"shared_buffers", "4GB"},
      {"effective_cache_size", "12GB"},
      {"work_mem", "18MB"},
      {"maintenance_work_mem", "512MB"},
      {"max_worker_processes", "12"},
      {"max_parallel_workers", "unchanged"},
      {"max_parallel_workers_per_gather", "4"},
      {"effective_io_concurrency", "64"},
      {"io_workers", "unchanged"}}},
    {"a spinning disk",
     Bytes::giga(32),
     16,
     StorageClass::kHdd,
     Workload::kMixed,
     15,
     {},
     {{"shared_buffers", "8GB"},
      {"random_page_cost", "unchanged"},
      {"effective_io_concurrency", "2"},
      {"maintenance_io_concurrency", "unchanged"},
      {"autovacuum_vacuum_cost_limit", "400"},
      {"max_parallel_workers_per_gather", "unchanged"}}},
    {"analytics on a large machine",
     Bytes::giga(256),
     64,
     StorageClass::kNvme,
     Workload::kAnalytics,
     17,
     {},
     {{"shared_buffers", "64GB"},
      {"work_mem", "141MB"},
      {"maintenance_work_mem", "2GB"},
      {"autovacuum_max_workers", "8"},
      {"max_parallel_workers", "64"},
      {"max_parallel_workers_per_gather", "8"},
      {"checkpoint_timeout", "30min"},
      {"max_wal_size", "16GB"},
      {"default_statistics_target", "500"},
      {"jit", "unchanged"},
      {"effective_io_concurrency", "256"}}},
    {"ingest on a large machine",
     Bytes::giga(64),
     32,
     StorageClass::kNvme,
     Workload::kIngest,
     18,
     {},
     {{"shared_buffers", "16GB"},
      {"max_wal_size", "32GB"},
      {"min_wal_size", "4GB"},
      {"wal_buffers", "64MB"},
      {"autovacuum_vacuum_cost_limit", "3000"},
      {"autovacuum_max_workers", "8"},
      {"io_workers", "8"},
      {"autovacuum_naptime", "20s"}}},
    {"two hundred clients",
     Bytes::giga(16),
     4,
     StorageClass::kSsd,
     Workload::kOltp,
     15,
     200,
     {{"max_connections", "210"}, {"shared_buffers", "4GB"}, {"work_mem", "14MB"}}},
    {"reserved connections count from 16 on",
     Bytes::giga(16),
     4,
     StorageClass::kSsd,
     Workload::kOltp,
     16,
     203,
     {{"max_connections", "220"}}},
    {"a quarter gigabyte",
     Bytes::mega(256),
     1,
     StorageClass::kSsd,
     Workload::kMixed,
     15,
     {},
     {{"max_connections", "20"},
      {"shared_buffers", "32MB"},
      {"work_mem", "832kB"},
      {"hash_mem_multiplier", "1"},
      {"max_parallel_workers_per_gather", "0"}}},
    {"one gigabyte on 14",
     Bytes::giga(1),
     2,
     StorageClass::kHdd,
     Workload::kOltp,
     14,
     {},
     {{"shared_buffers", "256MB"},
      {"work_mem", "1280kB"},
      {"hash_mem_multiplier", "unchanged"},
      {"wal_compression", "on"},
      {"max_wal_size", "4GB"}}},
    {"half a core",
     Bytes::giga(2),
     0.5,
     StorageClass::kUnknown,
     Workload::kReadMostly,
     15,
     {},
     {{"shared_buffers", "512MB"},
      {"max_parallel_workers", "1"},
      {"max_wal_size", "unchanged"},
      {"wal_compression", "unchanged"},
      {"random_page_cost", "unchanged"}}},
    {"a small container with all the cores of its host",
     Bytes::mega(512),
     128,
     StorageClass::kNvme,
     Workload::kOltp,
     18,
     {},
     {{"max_parallel_workers", "unchanged"},
      {"io_workers", "unchanged"},
      {"max_connections", "55"}}},
};

TEST(MakePlan, GivesTheGoldenNumbers) {
    for (const Golden& golden : kGolden) {
        SCOPED_TRACE(golden.name);
        TuneInput input = machine(golden.memory, golden.cores, golden.storage, golden.version);
        input.workload = golden.workload;
        input.connections = golden.connections;
        const auto plan = make_plan(input);
        ASSERT_TRUE(plan.ok()) << plan.error().message();
        for (const auto& [setting, value] : golden.values)
            EXPECT_EQ(planned(*plan, setting), value) << setting;
    }
}

// 8 GB: a quarter is 2 GB, half is 4 GB, and the data may be 4.8 GB.
TuneInput eight_gigabytes_with(Bytes data, Workload workload = Workload::kOltp) {
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
    input.workload = workload;
    input.connections = 50;
    input.statistics.database_size = data;
    return input;
}

TEST(MakePlan, SharedBuffersHoldDataThatIsKnownToFit) {
    EXPECT_EQ(planned(eight_gigabytes_with(Bytes::mega(300)), "shared_buffers"), "2GB");
    EXPECT_EQ(planned(eight_gigabytes_with(Bytes::mega(2400)), "shared_buffers"), "2992MB");
    EXPECT_EQ(planned(eight_gigabytes_with(Bytes::mega(4500)), "shared_buffers"), "4GB");
    EXPECT_EQ(planned(eight_gigabytes_with(Bytes::mega(5000)), "shared_buffers"), "2GB");
    EXPECT_EQ(planned(eight_gigabytes_with(Bytes::giga(50)), "shared_buffers"), "2GB");
}

TEST(MakePlan, LongScansGetAQuarterWhateverTheDataIs) {
    EXPECT_EQ(
        planned(eight_gigabytes_with(Bytes::mega(2400), Workload::kAnalytics), "shared_buffers"),
        "2GB");
}

TEST(MakePlan, BuffersThatHoldTheDataStayWhenItGrowsALittle) {
    TuneInput input = eight_gigabytes_with(Bytes::mega(2800));
    set_current(input, "shared_buffers", "2992MB");
    EXPECT_EQ(planned(input, "shared_buffers"), "unchanged");
    input.statistics.database_size = Bytes::mega(3000);
    EXPECT_EQ(planned(input, "shared_buffers"), "3744MB");
}

// Half of the memory would leave 210 connections less than the 4 MB of work_mem that they have.
TEST(MakePlan, BuffersForDataLeaveRoomForWorkMem) {
    TuneInput input = eight_gigabytes_with(Bytes::mega(4500));
    input.connections = 200;
    const Plan plan = make_plan(input).value();
    EXPECT_EQ(planned(plan, "work_mem"), "unchanged");
    const Change* buffers = find_change(plan, "shared_buffers");
    ASSERT_NE(buffers, nullptr);
    const Bytes size = parse_bytes(buffers->to).value();
    EXPECT_GT(size, Bytes::giga(2));
    EXPECT_LT(size, Bytes::giga(4));
    EXPECT_FALSE(has_notice(plan, "memory.tight"));
}

TEST(MakePlan, EqualInputsGiveEqualBytes) {
    const TuneInput input = machine(Bytes::giga(16), 3.7, StorageClass::kNvme);
    EXPECT_EQ(plan_to_text(make_plan(input).value()), plan_to_text(make_plan(input).value()));
}

TEST(MakePlan, ReadsBackAsItWasWritten) {
    const TuneInput input = machine(Bytes::giga(16), 2.3333333333, StorageClass::kNvme);
    const std::string text = plan_to_text(make_plan(input).value());
    EXPECT_EQ(plan_to_text(plan_from_text(text, "plan.json").value()), text);
}

TEST(MakePlan, ChangesNothingOnAServerThatHasThePlanAlready) {
    for (const std::int64_t megabytes : {256, 1024, 4096, 16384, 262144}) {
        TuneInput input = machine(Bytes::mega(megabytes), 8, StorageClass::kNvme);
        set_all_current(input);
        const Plan first = make_plan(input).value();
        EXPECT_FALSE(first.changes.empty());
        for (const Change& change : first.changes) set_current(input, change.setting, change.to);
        const Plan second = make_plan(input).value();
        EXPECT_EQ(plan_as_config(second).find(" = "), std::string::npos) << plan_as_config(second);
    }
}

TEST(MakePlan, LeavesValuesWithinFivePercentAlone) {
    TuneInput input = machine(Bytes::giga(16), 4, StorageClass::kSsd);
    set_all_current(input);
    set_current(input, "shared_buffers", "4200MB");
    set_current(input, "effective_cache_size", "11776MB");
    EXPECT_EQ(planned(input, "shared_buffers"), "unchanged");
    EXPECT_EQ(planned(input, "effective_cache_size"), "unchanged");
    set_current(input, "shared_buffers", "4400MB");
    EXPECT_EQ(planned(input, "shared_buffers"), "4GB");
}

TEST(MakePlan, EveryChangeSaysWhyFromWhatAndOnWhoseAuthority) {
    TuneInput input = machine(Bytes::giga(64), 32, StorageClass::kNvme, 18);
    input.workload = Workload::kIngest;
    input.available_libraries = {"pg_stat_statements"};
    set_all_current(input);
    const Plan plan = make_plan(input).value();
    for (const Change& change : plan.changes) {
        EXPECT_TRUE(change.reason.ends_with('.')) << change.reason;
        EXPECT_FALSE(change.source.empty()) << change.setting;
        EXPECT_FALSE(change.from.empty() && change.setting != "shared_preload_libraries");
        EXPECT_FALSE(is_durability_setting(change.setting)) << change.setting;
    }
}

TEST(MakePlan, ChangesAreSortedAndOfflineOnesHaveNoFormerValue) {
    const Plan plan = make_plan(machine(Bytes::giga(8), 4, StorageClass::kSsd)).value();
    for (std::size_t i = 1; i < plan.changes.size(); ++i)
        EXPECT_LT(plan.changes[i - 1].setting, plan.changes[i].setting);
    for (const Change& change : plan.changes) EXPECT_EQ(change.from, "");
    EXPECT_TRUE(plan.offline());
}

TEST(MakePlan, ReloadOnlyLeavesOutWhatNeedsARestartAndStillFits) {
    TuneInput input = machine(Bytes::giga(16), 8, StorageClass::kNvme);
    set_all_current(input);
    set_current(input, "shared_buffers", "8GB");
    input.reload_only = true;
    const Plan plan = make_plan(input).value();
    EXPECT_FALSE(plan.needs_restart());
    EXPECT_EQ(plan.budget.terms[0].size, Bytes::giga(8));
    EXPECT_TRUE(plan.budget.closes());
}

TEST(MakePlan, AbsurdMachinesAreRefused) {
    EXPECT_FALSE(make_plan(machine(Bytes{16}, 4, StorageClass::kSsd)).ok());
    EXPECT_FALSE(make_plan(machine(Bytes::giga(1 << 20), 4, StorageClass::kSsd)).ok());
    EXPECT_FALSE(make_plan(machine(Bytes::giga(8), 0, StorageClass::kSsd)).ok());
    EXPECT_FALSE(make_plan(machine(Bytes::giga(8), -4, StorageClass::kSsd)).ok());
    EXPECT_FALSE(make_plan(machine(Bytes::giga(8), 1e9, StorageClass::kSsd)).ok());
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kSsd);
    input.connections = 0;
    EXPECT_FALSE(make_plan(input).ok());
    input.connections.reset();
    input.server_version = 13;
    EXPECT_EQ(make_plan(input).error().code(), ErrorCode::kUnsupported);
}

TEST(MakePlan, UnknownStorageAndStrictOvercommitAreTold) {
    TuneInput input = machine(Bytes::giga(8), 4, StorageClass::kUnknown);
    input.overcommit_is_strict = true;
    const Plan plan = make_plan(input).value();
    EXPECT_TRUE(has_notice(plan, "planner.storage"));
    EXPECT_TRUE(has_notice(plan, "memory.overcommit"));
    input.machine.storage = StorageClass::kSsd;
    input.overcommit_is_strict = false;
    EXPECT_FALSE(has_notice(make_plan(input).value(), "planner.storage"));
    EXPECT_FALSE(has_notice(make_plan(input).value(), "memory.overcommit"));
}

}  // namespace
}  // namespace hone::tune
