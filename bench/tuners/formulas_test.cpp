#include <gtest/gtest.h>

#include "bench/tuners/tuner.hpp"

namespace hone::bench {

namespace {

TunerInput machine_of_24_gigabytes() {
    return {.memory = Bytes::giga(24),
            .cores = 2,
            .storage = StorageClass::kSsd,
            .version = 15,
            .kind = LoadKind::kReadMostly,
            .connections = 200,
            .data = Bytes::giga(48)};
}

}  // namespace

// work_mem: (18 GB) / ((200 + 8) * 3) is 30247 kB, and 0.9 of that where the data is larger.
TEST(PgtuneFormula, WebOnTwoCoresAnd24Gigabytes) {
    const Settings settings = pgtune_settings(machine_of_24_gigabytes());
    EXPECT_EQ(value_of(settings, "shared_buffers"), "6GB");
    EXPECT_EQ(value_of(settings, "effective_cache_size"), "18GB");
    EXPECT_EQ(value_of(settings, "maintenance_work_mem"), "1536MB");
    EXPECT_EQ(value_of(settings, "work_mem"), "27222kB");
    EXPECT_EQ(value_of(settings, "wal_buffers"), "16MB");
    EXPECT_EQ(value_of(settings, "max_wal_size"), "4GB");
    EXPECT_EQ(value_of(settings, "huge_pages"), "try");
    EXPECT_EQ(value_of(settings, "jit"), "off");
    EXPECT_EQ(value_of(settings, "wal_compression"), "lz4");
    EXPECT_EQ(value_of(settings, "random_page_cost"), "1.1");
    EXPECT_EQ(value_of(settings, "effective_io_concurrency"), "200");
    EXPECT_EQ(value_of(settings, "max_worker_processes"), "");
}

TEST(PgtuneFormula, OltpWhereTheDataFitsIntoTheMemory) {
    TunerInput input = machine_of_24_gigabytes();
    input.kind = LoadKind::kOltp;
    input.connections = 300;
    input.data = Bytes::giga(4);
    // 20426 kB, and a third more because the data fits.
    EXPECT_EQ(value_of(pgtune_settings(input), "work_mem"), "26553kB");
    EXPECT_EQ(value_of(pgtune_settings(input), "max_wal_size"), "8GB");
}

TEST(PgtuneFormula, WarehouseKeepsTheCostOfRandomPagesAndJit) {
    TunerInput input = machine_of_24_gigabytes();
    input.kind = LoadKind::kAnalytics;
    input.connections = 40;
    const Settings settings = pgtune_settings(input);
    EXPECT_EQ(value_of(settings, "maintenance_work_mem"), "3GB");
    EXPECT_EQ(value_of(settings, "autovacuum_work_mem"), "2GB");
    EXPECT_EQ(value_of(settings, "work_mem"), "58982kB");
    EXPECT_EQ(value_of(settings, "random_page_cost"), "4");
    EXPECT_EQ(value_of(settings, "jit"), "");
    EXPECT_EQ(value_of(settings, "default_statistics_target"), "500");
}

TEST(PgtuneFormula, Version18GetsAnIoMethodThatManyBuildsLack) {
    TunerInput input = machine_of_24_gigabytes();
    input.version = 18;
    EXPECT_EQ(value_of(pgtune_settings(input), "io_method"), "io_uring");
    input.version = 14;
    EXPECT_EQ(value_of(pgtune_settings(input), "wal_compression"), "on");
}

// 24 * 400 MB / 100 is 96 MB.
TEST(TimescaledbTuneFormula, TwoCoresAnd24Gigabytes) {
    TunerInput input = machine_of_24_gigabytes();
    input.connections = 100;
    const Settings settings = timescaledb_tune_settings(input);
    EXPECT_EQ(value_of(settings, "shared_buffers"), "6GB");
    EXPECT_EQ(value_of(settings, "work_mem"), "96MB");
    EXPECT_EQ(value_of(settings, "maintenance_work_mem"), "2047MB");
    EXPECT_EQ(value_of(settings, "max_worker_processes"), "21");
    EXPECT_EQ(value_of(settings, "max_parallel_workers_per_gather"), "1");
    EXPECT_EQ(value_of(settings, "max_wal_size"), "1GB");
    EXPECT_EQ(value_of(settings, "max_locks_per_transaction"), "512");
    EXPECT_EQ(value_of(settings, "autovacuum_max_workers"), "10");
}

TEST(TimescaledbTuneFormula, SizesThatAreNotWholeAreCutInTheNextSmallerUnit) {
    TunerInput input = machine_of_24_gigabytes();
    input.memory = Bytes::giga(2);
    input.connections = 60;
    const Settings settings = timescaledb_tune_settings(input);
    EXPECT_EQ(value_of(settings, "shared_buffers"), "512MB");
    EXPECT_EQ(value_of(settings, "effective_cache_size"), "1536MB");
    EXPECT_EQ(value_of(settings, "work_mem"), "13653kB");
    EXPECT_EQ(value_of(settings, "wal_buffers"), "16MB");
    EXPECT_EQ(value_of(settings, "maintenance_work_mem"), "256MB");
}

TEST(PgconfigFormula, ProfilesDifferInWorkMem) {
    TunerInput input = machine_of_24_gigabytes();
    input.connections = 100;
    EXPECT_EQ(value_of(pgconfig_settings(input), "work_mem"), "61MB");
    input.kind = LoadKind::kOltp;
    EXPECT_EQ(value_of(pgconfig_settings(input), "work_mem"), "86MB");
    input.kind = LoadKind::kAnalytics;
    EXPECT_EQ(value_of(pgconfig_settings(input), "work_mem"), "123MB");
    EXPECT_EQ(value_of(pgconfig_settings(input), "max_wal_size"), "3GB");
    EXPECT_EQ(value_of(pgconfig_settings(input), "effective_io_concurrency"), "200");
    EXPECT_EQ(value_of(pgconfig_settings(input), "io_method"), "");
}

TEST(PgconfigFormula, RoundsToWholeUnits) {
    TunerInput input = machine_of_24_gigabytes();
    input.memory = Bytes::giga(2);
    EXPECT_EQ(value_of(pgconfig_settings(input), "shared_buffers"), "512MB");
    EXPECT_EQ(value_of(pgconfig_settings(input), "effective_cache_size"), "2GB");
    EXPECT_EQ(value_of(pgconfig_settings(input), "maintenance_work_mem"), "102MB");
}

TEST(SeedFormula, TakesFivePercentForEverySort) {
    TunerInput input = machine_of_24_gigabytes();
    input.storage = StorageClass::kNvme;
    const Settings settings = seed_settings(input);
    EXPECT_EQ(value_of(settings, "shared_buffers"), "6144MB");
    EXPECT_EQ(value_of(settings, "work_mem"), "1228MB");
    EXPECT_EQ(value_of(settings, "maintenance_work_mem"), "2457MB");
    EXPECT_EQ(value_of(settings, "max_connections"), "50");
    EXPECT_EQ(value_of(settings, "wal_buffers"), "64MB");
    EXPECT_EQ(value_of(settings, "random_page_cost"), "1.0");
    EXPECT_EQ(value_of(settings, "effective_io_concurrency"), "200");
}

}  // namespace hone::bench
