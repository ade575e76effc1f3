#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "tune/situation.hpp"

namespace hone::tune {

namespace {

constexpr Bytes kLargestLowMemory = Bytes::giga(4);
constexpr Bytes kSmallestHighPerformance = Bytes::giga(16);
constexpr double kFewestHighPerformanceCores = 8;
constexpr Bytes kSmallestSystemMemory = Bytes::mega(40);
constexpr Bytes kLargestSystemMemory = Bytes::giga(32);

constexpr ProfileTraits kLowMemory{.system_share = 0.15,
                                   .maintenance_share = 1.0 / 32,
                                   .maintenance_cap = Bytes::mega(128),
                                   .autovacuum_cap = Bytes::mega(32),
                                   .work_mem_cap = Bytes::mega(32),
                                   .maintenance_operations = 1,
                                   .per_gather_cap = 1,
                                   .autovacuum_workers_cap = 3,
                                   .vacuum_cost_limit = 400,
                                   .wal_factor = 0.5};
constexpr ProfileTraits kStandard{.system_share = 0.1,
                                  .maintenance_share = 1.0 / 16,
                                  .maintenance_cap = Bytes::giga(1),
                                  .autovacuum_cap = Bytes::mega(256),
                                  .work_mem_cap = Bytes::mega(128),
                                  .maintenance_operations = 1,
                                  .per_gather_cap = 2,
                                  .autovacuum_workers_cap = 4,
                                  .vacuum_cost_limit = 1000,
                                  .wal_factor = 1};
constexpr ProfileTraits kHighPerformance{.system_share = 0.1,
                                         .maintenance_share = 1.0 / 32,
                                         .maintenance_cap = Bytes::giga(2),
                                         .autovacuum_cap = Bytes::mega(512),
                                         .work_mem_cap = Bytes::mega(512),
                                         .maintenance_operations = 2,
                                         .per_gather_cap = 4,
                                         .autovacuum_workers_cap = 8,
                                         .vacuum_cost_limit = 2000,
                                         .wal_factor = 2};

std::vector<Tenant> all_tenants(const TuneInput& input) {
    std::vector<Tenant> tenants = input.tenants;
    tenants.insert(tenants.end(), input.customization.tenants.begin(),
                   input.customization.tenants.end());
    return tenants;
}

Bytes sum_of(const std::vector<Tenant>& tenants) {
    Bytes sum;
    for (const Tenant& tenant : tenants) sum += tenant.memory;
    return sum;
}

// The machine's own share, or more where a person said how much PostgreSQL may take.
Bytes system_memory(const TuneInput& input, Bytes usable, const ProfileTraits& traits) {
    const Bytes kept = std::clamp(share_of(usable, traits.system_share), kSmallestSystemMemory,
                                  kLargestSystemMemory);
    const Bytes denied =
        share_of(usable, 1 - std::min(input.customization.memory_share.value_or(1), 1.0));
    return std::max(kept, denied);
}

Profile base_of(const TuneInput& input) {
    const Profile stated = input.profile.value_or(Profile::kCustom);
    if (stated != Profile::kCustom) return stated;
    const PlanMachine& machine = input.machine;
    return choose_profile(machine.memory_limit, machine.cores, machine.storage).profile;
}

std::string reason_of(const TuneInput& input) {
    const PlanMachine& machine = input.machine;
    const ProfileChoice fits = choose_profile(machine.memory_limit, machine.cores, machine.storage);
    if (!input.profile) return fits.reason;
    if (*input.profile == Profile::kCustom)
        return fmt::format("Stated; where the custom file is silent, {} holds: {}",
                           to_string(fits.profile), fits.reason);
    if (*input.profile == fits.profile) return fmt::format("Stated; it fits: {}", fits.reason);
    return fmt::format("Stated; this machine would have got {}: {}", to_string(fits.profile),
                       fits.reason);
}

}  // namespace

std::string_view to_string(Profile profile) {
    switch (profile) {
        case Profile::kLowMemory:
            return "low-memory";
        case Profile::kStandard:
            return "standard";
        case Profile::kHighPerformance:
            return "high-performance";
        case Profile::kCustom:
            return "custom";
    }
    return "standard";
}

std::optional<Profile> profile_named(std::string_view name) {
    for (const auto profile :
         {Profile::kLowMemory, Profile::kStandard, Profile::kHighPerformance, Profile::kCustom})
        if (to_string(profile) == name) return profile;
    return std::nullopt;
}

ProfileChoice choose_profile(Bytes memory, double cores, StorageClass storage) {
    const std::string size = format_for_people(memory);
    if (memory <= kLargestLowMemory)
        return {Profile::kLowMemory, fmt::format("{} of memory is not more than 4 GB.", size)};
    if (memory < kSmallestHighPerformance)
        return {Profile::kStandard,
                fmt::format("{} of memory is more than 4 GB and less than 16 GB.", size)};
    if (storage != StorageClass::kNvme && storage != StorageClass::kSsd)
        return {Profile::kStandard,
                fmt::format("{} of memory, but the storage is {}, not NVMe or SSD.", size,
                            to_string(storage))};
    if (cores < kFewestHighPerformanceCores)
        return {Profile::kStandard,
                fmt::format("{} of memory and {} storage, but {:.4g} cores are fewer than 8.", size,
                            to_string(storage), cores)};
    return {Profile::kHighPerformance, fmt::format("{} of memory, {} storage and {:.4g} cores.",
                                                   size, to_string(storage), cores)};
}

const ProfileTraits& traits_of(Profile profile) {
    if (profile == Profile::kLowMemory) return kLowMemory;
    if (profile == Profile::kHighPerformance) return kHighPerformance;
    return kStandard;
}

Situation::Situation(const TuneInput& tune_input)
    : input(tune_input),
      profile(tune_input.profile.value_or(base_of(tune_input))),
      base_profile(base_of(tune_input)),
      profile_reason(reason_of(tune_input)),
      workload(choose_workload(tune_input).workload),
      workload_reason(choose_workload(tune_input).reason),
      machine_traits(traits_of(base_profile)),
      workload_traits(traits_of(workload)),
      limit(tune_input.machine.memory_limit),
      tenants(all_tenants(tune_input)),
      tenant_memory(sum_of(tenants)),
      usable(limit - tenant_memory),
      system_memory(tune::system_memory(tune_input, usable, machine_traits)),
      whole_cores(std::max(1, static_cast<int>(tune_input.machine.cores))),
      is_fast(tune_input.machine.storage == StorageClass::kNvme ||
              tune_input.machine.storage == StorageClass::kSsd) {}

std::optional<int> Situation::stated_connections() const {
    return input.connections ? input.connections : input.customization.connections;
}

bool Situation::has_library(std::string_view library) const {
    return std::find(input.available_libraries.begin(), input.available_libraries.end(), library) !=
           input.available_libraries.end();
}

std::string Situation::memory_text() const {
    return format_for_people(limit);
}

std::string Situation::workload_text() const {
    const std::string name(to_string(workload));
    const bool starts_with_vowel = std::string_view("aeiou").find(name.front()) != name.npos;
    return fmt::format("{} {} workload", starts_with_vowel ? "an" : "a", name);
}

std::string Situation::storage_text() const {
    switch (input.machine.storage) {
        case StorageClass::kNvme:
            return "NVMe";
        case StorageClass::kSsd:
            return "SSD";
        case StorageClass::kHdd:
            return "a spinning disk";
        case StorageClass::kUnknown:
            return "unknown storage";
    }
    return "unknown storage";
}

}  // namespace hone::tune
