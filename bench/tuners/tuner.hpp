// bench/tuners/tuner.hpp - the other tuners' formulas, each from its published source, for comparison
// only: none of this is shipped.
//
// Shape    pure: a machine and a load in, lines of postgresql.conf out. Every tool is told everything
//          that it can be told: memory, cores, storage, version, kind of load, connections, size of the
//          data.
// Source   each formula names its repository, revision and date; formulas_test.cpp holds values
//          that the published code gives.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "engines/postgres/config_file.hpp"
#include "model/host.hpp"

namespace hone::bench {

using Settings = std::vector<postgres::ConfigEntry>;

enum class LoadKind { kOltp, kReadMostly, kIngest, kAnalytics };

struct TunerInput {
    Bytes memory;
    int cores = 1;
    StorageClass storage = StorageClass::kUnknown;
    int version = 15;
    LoadKind kind = LoadKind::kOltp;
    int connections = 100;
    Bytes data;  // how much there is of it
};

struct Tuner {
    std::string_view name;    // "pgtune"
    std::string_view source;  // repository, revision, date
    Settings (*settings)(const TunerInput&);
};

// In the order of the tables; without the default (no settings) and without hone.
std::span<const Tuner> other_tuners();

Settings pgtune_settings(const TunerInput& input);
Settings timescaledb_tune_settings(const TunerInput& input);
Settings pgconfig_settings(const TunerInput& input);
Settings seed_settings(const TunerInput& input);

// "" where there is none.
std::string value_of(const Settings& settings, std::string_view name);
void add(Settings& settings, std::string_view name, std::string value);

}  // namespace hone::bench
