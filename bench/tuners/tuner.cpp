#include "bench/tuners/tuner.hpp"

#include <array>

namespace hone::bench {

namespace {

constexpr std::array kTuners{
    Tuner{"pgtune",
          "le0pard/pgtune 7caef27 (2026-07-30), src/features/configuration/configurationSlice.js",
          pgtune_settings},
    Tuner{"timescaledb-tune", "timescale/timescaledb-tune c7a642b (2026-05-27), pkg/pgtune",
          timescaledb_tune_settings},
    Tuner{"pgconfig", "pgconfig/api 6cd37be (2025-12-28), pkg/category and pkg/rules",
          pgconfig_settings},
    Tuner{"seed", "hone's first design document, its generator for large machines", seed_settings}};

}  // namespace

std::span<const Tuner> other_tuners() {
    return kTuners;
}

std::string value_of(const Settings& settings, std::string_view name) {
    std::string value;
    for (const auto& setting : settings)
        if (setting.name == name) value = setting.value;
    return value;
}

void add(Settings& settings, std::string_view name, std::string value) {
    settings.push_back(
        {.name = std::string(name), .value = std::move(value), .file = {}, .line = 0});
}

}  // namespace hone::bench
