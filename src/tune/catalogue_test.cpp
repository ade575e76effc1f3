#include <gtest/gtest.h>

#include <algorithm>

#include "tune/test_machines.hpp"

namespace hone::tune {
namespace {

TEST(BuiltinCatalogue, OffersNoMethodThatSomeBuildsLack) {
    for (int version = 15; version <= 18; ++version) {
        const auto methods = builtin_catalogue(version).at("wal_compression").enum_values;
        EXPECT_EQ(methods, (std::vector<std::string>{"pglz", "on", "off"})) << version;
    }
    EXPECT_EQ(builtin_catalogue(14).at("wal_compression").type, SettingType::kBool);
    EXPECT_EQ(builtin_catalogue(18).at("io_method").enum_values,
              (std::vector<std::string>{"sync", "worker"}));
}

TEST(BuiltinCatalogue, KnowsWhatEachVersionBrought) {
    EXPECT_FALSE(builtin_catalogue(17).contains("io_method"));
    EXPECT_FALSE(builtin_catalogue(15).contains("reserved_connections"));
    EXPECT_TRUE(builtin_catalogue(16).contains("reserved_connections"));
    EXPECT_EQ(builtin_catalogue(17).at("autovacuum_max_workers").context, SettingContext::kRestart);
    EXPECT_EQ(builtin_catalogue(18).at("autovacuum_max_workers").context, SettingContext::kReload);
    EXPECT_EQ(builtin_catalogue(14).at("hash_mem_multiplier").boot_value, "1");
    EXPECT_EQ(builtin_catalogue(15).at("hash_mem_multiplier").boot_value, "2");
}

TEST(BuiltinCatalogue, HasUnitsAndRanges) {
    const SettingDefinition buffers = builtin_catalogue(15).at("shared_buffers");
    EXPECT_EQ(buffers.unit, "8kB");
    EXPECT_EQ(buffers.context, SettingContext::kRestart);
    EXPECT_EQ(buffers.minimum, 16);
    EXPECT_EQ(buffers.maximum, 1073741823);
}

}  // namespace
}  // namespace hone::tune
