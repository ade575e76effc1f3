#include <gtest/gtest.h>

#include "tune/test_machines.hpp"

// Each rule with the input that it turns on, both ways.
namespace hone::tune {
namespace {

using testing::find_change;
using testing::has_notice;
using testing::machine;
using testing::planned;
using testing::set_all_current;
using testing::set_current;

TuneInput ordinary(int version = 15) {
    TuneInput input = machine(Bytes::giga(16), 8, StorageClass::kNvme, version);
    set_all_current(input);
    return input;
}

TEST(Connections, StayWhereNobodyNamesClientsAndFewAreSeen) {
    TuneInput input = ordinary();
    input.statistics.client_connections = 79;
    EXPECT_EQ(planned(input, "max_connections"), "unchanged");
    input.statistics.client_connections = 80;
    EXPECT_EQ(planned(input, "max_connections"), "110");
}

TEST(Connections, AreNotCountedFromCores) {
    TuneInput input = ordinary();
    input.machine.cores = 128;
    EXPECT_EQ(planned(input, "max_connections"), "unchanged");
}

TEST(Connections, AreNeverFewerThanAreInUse) {
    TuneInput input = ordinary();
    set_current(input, "max_connections", "500");
    input.connections = 20;
    EXPECT_EQ(planned(input, "max_connections"), "30");
    input.statistics.client_connections = 300;
    EXPECT_EQ(planned(input, "max_connections"), "310");
}

TEST(Connections, AreNeverLoweredOnAStandby) {
    TuneInput input = ordinary();
    set_current(input, "max_connections", "500");
    input.connections = 20;
    input.statistics.is_standby = true;
    const Plan plan = make_plan(input).value();
    EXPECT_EQ(planned(plan, "max_connections"), "unchanged");
    input.connections = 600;
    EXPECT_EQ(planned(input, "max_connections"), "610");
    EXPECT_TRUE(has_notice(make_plan(input).value(), "connections.standby"));
}

TEST(Connections, GiveWayToMemoryOnlyWhereNobodyNamedThem) {
    TuneInput input = machine(Bytes::mega(512), 2, StorageClass::kSsd);
    EXPECT_NE(planned(input, "max_connections"), "unchanged");
    EXPECT_TRUE(has_notice(make_plan(input).value(), "memory.tight"));
    input.connections = 60;
    EXPECT_EQ(planned(input, "max_connections"), "70");
}

TEST(Parallel, FollowsCores) {
    TuneInput input = ordinary();
    input.machine.cores = 2;
    EXPECT_EQ(planned(input, "max_parallel_workers"), "2");
    EXPECT_EQ(planned(input, "max_worker_processes"), "unchanged");
    input.machine.cores = 32;
    EXPECT_EQ(planned(input, "max_parallel_workers"), "32");
    EXPECT_EQ(planned(input, "max_worker_processes"), "36");
    input.reload_only = true;
    EXPECT_EQ(planned(input, "max_parallel_workers"), "unchanged");
}

TEST(Autovacuum, LargerDecisionsOfAPersonStay) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "autovacuum_vacuum_cost_limit"), "2000");
    set_current(input, "autovacuum_vacuum_cost_limit", "5000");
    EXPECT_EQ(planned(input, "autovacuum_vacuum_cost_limit"), "unchanged");
    set_current(input, "autovacuum_vacuum_scale_factor", "0.01");
    EXPECT_EQ(planned(input, "autovacuum_vacuum_scale_factor"), "unchanged");
}

TEST(Autovacuum, WorkersStayWithinTheSlotsOfEighteen) {
    TuneInput input = machine(Bytes::giga(64), 32, StorageClass::kNvme, 18);
    set_all_current(input);
    EXPECT_EQ(planned(input, "autovacuum_max_workers"), "8");
    set_current(input, "autovacuum_worker_slots", "5");
    EXPECT_EQ(planned(input, "autovacuum_max_workers"), "5");
}

TEST(Wal, SizeFollowsTheMeasuredRate) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "max_wal_size"), "8GB");
    // 10 million bytes a second x 900 s x 1.9 x 1.3 = 20.7 GB
    input.statistics.wal_bytes_per_second = 10400000;
    EXPECT_EQ(planned(input, "max_wal_size"), "20GB");
    input.statistics.seconds_covered = 3599;
    EXPECT_EQ(planned(input, "max_wal_size"), "8GB");
    input.statistics.seconds_covered = 3600;
    EXPECT_EQ(planned(input, "max_wal_size"), "20GB");
    input.statistics.wal_bytes_per_second = 1000;
    EXPECT_EQ(planned(input, "max_wal_size"), "4GB");
    input.statistics.wal_bytes_per_second = 1e12;
    EXPECT_EQ(planned(input, "max_wal_size"), "64GB");
}

TEST(Wal, SizeIsBoundedByTheFreeDisk) {
    TuneInput input = ordinary();
    input.free_disk = Bytes::giga(20);
    EXPECT_EQ(planned(input, "max_wal_size"), "5GB");
    EXPECT_EQ(planned(input, "min_wal_size"), "1280MB");
    input.free_disk = Bytes::giga(1);
    EXPECT_EQ(planned(input, "max_wal_size"), "256MB");
    EXPECT_EQ(planned(input, "min_wal_size"), "unchanged");
}

TEST(Wal, SizesRespectLargeSegments) {
    TuneInput input = ordinary();
    input.current["wal_segment_size"].value = "1073741824";
    input.free_disk = Bytes::giga(8);
    EXPECT_EQ(planned(input, "max_wal_size"), "8GB");
    EXPECT_EQ(planned(input, "min_wal_size"), "5GB");
}

TEST(Wal, CompressionTakesTheCheapestMethodOfTheBuild) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "wal_compression"), "pglz");
    auto& methods = input.catalogue.at("wal_compression").enum_values;
    methods = {"pglz", "zstd", "on", "off"};
    EXPECT_EQ(planned(input, "wal_compression"), "zstd");
    methods = {"pglz", "lz4", "zstd", "on", "off"};
    EXPECT_EQ(planned(input, "wal_compression"), "lz4");
    set_current(input, "wal_compression", "zstd");
    EXPECT_EQ(planned(input, "wal_compression"), "unchanged");
}

TEST(Wal, BuffersGrowForIngestWhereTheyAreAutomatic) {
    TuneInput input = ordinary();
    input.current["wal_buffers"].value = "2048";
    input.current["wal_buffers"].source = "default";
    EXPECT_EQ(planned(input, "wal_buffers"), "unchanged");
    input.workload = Workload::kIngest;
    EXPECT_EQ(planned(input, "wal_buffers"), "64MB");
    input.current["wal_buffers"].source = "configuration file";
    EXPECT_EQ(planned(input, "wal_buffers"), "unchanged");
}

TEST(Wal, CompletionTargetIsAlwaysNineTenths) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "checkpoint_completion_target"), "unchanged");
    set_current(input, "checkpoint_completion_target", "0.7");
    EXPECT_EQ(planned(input, "checkpoint_completion_target"), "0.9");
}

TEST(Wal, LongerCheckpointIntervalsStay) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "checkpoint_timeout"), "15min");
    set_current(input, "checkpoint_timeout", "1h");
    EXPECT_EQ(planned(input, "checkpoint_timeout"), "unchanged");
}

TEST(Planner, CostsFollowTheStorage) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "random_page_cost"), "1.1");
    EXPECT_EQ(planned(input, "effective_io_concurrency"), "256");
    input.machine.storage = StorageClass::kHdd;
    EXPECT_EQ(planned(input, "random_page_cost"), "unchanged");
    set_current(input, "random_page_cost", "1.1");
    EXPECT_EQ(planned(input, "random_page_cost"), "4");
    input.machine.storage = StorageClass::kUnknown;
    EXPECT_EQ(planned(input, "random_page_cost"), "unchanged");
}

TEST(Planner, ConcurrencyStaysWithinWhatTheBuildCanDo) {
    TuneInput input = ordinary();
    input.catalogue.at("effective_io_concurrency").maximum = 0;
    input.catalogue.at("effective_io_concurrency").boot_value = "0";
    set_all_current(input);
    EXPECT_EQ(planned(input, "effective_io_concurrency"), "unchanged");
}

TEST(Planner, JitFollowsTheWorkload) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "jit"), "off");
    input.workload = Workload::kAnalytics;
    EXPECT_EQ(planned(input, "jit"), "unchanged");
    EXPECT_EQ(planned(input, "default_statistics_target"), "500");
}

TEST(BackgroundWriter, IsBusierOnlyForWritesOnFastStorage) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "bgwriter_lru_maxpages"), "unchanged");
    input.workload = Workload::kOltp;
    EXPECT_EQ(planned(input, "bgwriter_lru_maxpages"), "400");
    input.machine.storage = StorageClass::kHdd;
    EXPECT_EQ(planned(input, "bgwriter_lru_maxpages"), "unchanged");
}

TEST(Monitoring, AddsToPreloadedLibrariesAndReplacesNone) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "shared_preload_libraries"), "unchanged");
    input.available_libraries = {"auto_explain", "pg_stat_statements"};
    EXPECT_EQ(planned(input, "shared_preload_libraries"), "pg_stat_statements");
    input.current["shared_preload_libraries"].value = "auto_explain, \"pg_cron\"";
    EXPECT_EQ(planned(input, "shared_preload_libraries"),
              "auto_explain, \"pg_cron\",pg_stat_statements");
    input.current["shared_preload_libraries"].value = "auto_explain, $libdir/pg_stat_statements";
    EXPECT_EQ(planned(input, "shared_preload_libraries"), "unchanged");
}

TEST(Monitoring, TurnsTimingOn) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "track_io_timing"), "on");
    set_current(input, "track_io_timing", "on");
    EXPECT_EQ(planned(input, "track_io_timing"), "unchanged");
}

TEST(IoMethod, WorkersReplaceSyncAndIoUringStays) {
    TuneInput input = ordinary(18);
    input.machine.cores = 32;
    EXPECT_EQ(planned(input, "io_method"), "unchanged");
    EXPECT_EQ(planned(input, "io_workers"), "8");
    set_current(input, "io_method", "sync");
    EXPECT_EQ(planned(input, "io_method"), "worker");
    input.catalogue.at("io_method").enum_values.emplace_back("io_uring");
    set_current(input, "io_method", "io_uring");
    EXPECT_EQ(planned(input, "io_method"), "unchanged");
    EXPECT_EQ(planned(input, "io_workers"), "unchanged");
}

TEST(HugePages, AreSwitchedOnlyWhereItMatters) {
    TuneInput input = ordinary();
    input.huge_page_size = Bytes::mega(2);
    input.huge_pages_free = 3000;
    EXPECT_EQ(planned(input, "huge_pages"), "unchanged");
    set_current(input, "huge_pages", "off");
    EXPECT_EQ(planned(input, "huge_pages"), "try");
    input.huge_pages_free = 100;
    EXPECT_EQ(planned(input, "huge_pages"), "unchanged");
    set_current(input, "huge_pages", "on");
    EXPECT_EQ(planned(input, "huge_pages"), "try");
}

TEST(HugePages, TheirCountIsToldForLargeCaches) {
    TuneInput input = machine(Bytes::giga(64), 16, StorageClass::kNvme);
    input.huge_page_size = Bytes::mega(2);
    input.huge_pages_free = 0;
    EXPECT_TRUE(has_notice(make_plan(input).value(), "memory.huge_pages"));
    input.machine.memory_limit = Bytes::giga(16);
    EXPECT_FALSE(has_notice(make_plan(input).value(), "memory.huge_pages"));
}

TEST(HugePages, ThatAreReservedSpareThePageTables) {
    TuneInput input = ordinary();
    const Bytes without = make_plan(input)->budget.terms[3].size;
    EXPECT_EQ(without, Bytes::mega(864));
    input.huge_page_size = Bytes::mega(2);
    input.huge_pages_free = 3000;
    EXPECT_NE(make_plan(input)->budget.terms[3].name, "page tables");
}

TEST(Durability, IsReportedAndNeverTuned) {
    const std::pair<const char*, const char*> kUnsafe[] = {
        {"fsync", "off"},          {"full_page_writes", "off"},   {"autovacuum", "off"},
        {"data_sync_retry", "on"}, {"synchronous_commit", "off"}, {"zero_damaged_pages", "on"}};
    for (const auto& [setting, value] : kUnsafe) {
        TuneInput input = ordinary();
        const std::string rule = std::string("durability.") + setting;
        EXPECT_FALSE(has_notice(make_plan(input).value(), rule)) << setting;
        set_current(input, setting, value);
        const Plan plan = make_plan(input).value();
        EXPECT_TRUE(has_notice(plan, rule)) << setting;
        EXPECT_EQ(planned(plan, setting), "unchanged");
    }
}

TEST(TimescaleDb, IsCountedOnlyWhereItIsLoaded) {
    TuneInput input = ordinary();
    EXPECT_EQ(planned(input, "max_locks_per_transaction"), "unchanged");
    EXPECT_EQ(planned(input, "max_worker_processes"), "12");
    input.current["shared_preload_libraries"].value = "timescaledb";
    EXPECT_EQ(planned(input, "max_locks_per_transaction"), "256");
    EXPECT_EQ(planned(input, "max_worker_processes"), "27");
}

TEST(LeaveAlone, KeepsEveryRuleOff) {
    TuneInput input = ordinary();
    input.customization.leave_alone = {"random_page_cost", "work_mem"};
    const Plan plan = make_plan(input).value();
    EXPECT_EQ(planned(plan, "random_page_cost"), "unchanged");
    EXPECT_EQ(planned(plan, "work_mem"), "unchanged");
    EXPECT_TRUE(plan.budget.closes());
}

}  // namespace
}  // namespace hone::tune
