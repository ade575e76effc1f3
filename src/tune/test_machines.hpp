// tune/test_machines.hpp - inputs for the tests of this room: a machine in one line, a value in one
// word.
#pragma once

#include <string>

#include "tune/tune.hpp"

namespace hone::tune::testing {

// Offline, without statistics, with the built-in catalogue.
inline TuneInput machine(Bytes memory, double cores, StorageClass storage, int version = 15) {
    TuneInput input;
    input.server_version = version;
    input.machine.memory_limit = memory;
    input.machine.memory_source = "stated";
    input.machine.cores = cores;
    input.machine.cores_source = "stated";
    input.machine.storage = storage;
    input.machine.storage_source = "stated";
    input.catalogue = builtin_catalogue(version);
    return input;
}

inline void set_current(TuneInput& input, const std::string& setting, std::string_view display) {
    const SettingDefinition& definition = *find_setting(input.catalogue, setting);
    input.current[setting].value = canonical_value(definition, display).value();
}

// A server with nothing but defaults.
inline void set_all_current(TuneInput& input) {
    for (const auto& [name, definition] : input.catalogue)
        input.current[name].value = definition.boot_value;
}

inline const Change* find_change(const Plan& plan, std::string_view setting) {
    for (const Change& change : plan.changes)
        if (change.setting == setting) return &change;
    return nullptr;
}

// What the plan sets it to; "unchanged" where it does not.
inline std::string planned(const Plan& plan, std::string_view setting) {
    const Change* change = find_change(plan, setting);
    return change == nullptr ? "unchanged" : change->to;
}

inline std::string planned(const TuneInput& input, std::string_view setting) {
    return planned(make_plan(input).value(), setting);
}

inline bool has_notice(const Plan& plan, std::string_view rule) {
    for (const Notice& notice : plan.notices)
        if (notice.rule == rule) return true;
    return false;
}

}  // namespace hone::tune::testing
