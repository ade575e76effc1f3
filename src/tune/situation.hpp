// tune/situation.hpp - what the rules read: the input, and what follows from it before any rule
// runs.
//
// Shape    what a profile and a workload mean in numbers stands in profile.cpp and workload.cpp,
//          one row each.
#pragma once

#include <string>

#include "tune/tune.hpp"

namespace hone::tune {

// What differs from profile to profile (docs/reference/rules.md has the same table in words).
struct ProfileTraits {
    double system_share;  // of memory, kept for the operating system and its file cache
    double maintenance_share;
    Bytes maintenance_cap;
    Bytes autovacuum_cap;
    Bytes work_mem_cap;
    int maintenance_operations;  // CREATE INDEX, VACUUM by hand at the same time
    int per_gather_cap;
    int autovacuum_workers_cap;
    int vacuum_cost_limit;
    double wal_factor;  // of the workload's max_wal_size
};
const ProfileTraits& traits_of(Profile profile);

struct WorkloadTraits {
    int nodes;           // sorts and hashes that one statement holds at the same time
    Bytes max_wal_size;  // on a standard machine, where no write rate was measured
    int checkpoint_minutes;
    bool writes_heavily;
    bool has_long_queries;
    double vacuum_scale_factor;
    double analyze_scale_factor;
};
const WorkloadTraits& traits_of(Workload workload);

struct Situation {
    explicit Situation(const TuneInput& tune_input);

    const TuneInput& input;
    Profile profile;       // as the user will read it
    Profile base_profile;  // whose traits hold: never custom
    std::string profile_reason;
    Workload workload;
    std::string workload_reason;
    const ProfileTraits& machine_traits;
    const WorkloadTraits& workload_traits;
    Bytes limit;
    std::vector<Tenant> tenants;  // the input's and the custom profile's
    Bytes tenant_memory;
    Bytes usable;         // limit without the tenants
    Bytes system_memory;  // kept back from PostgreSQL
    int whole_cores;      // at least 1
    bool is_fast;         // NVMe or SSD

    std::optional<int> stated_connections() const;
    bool has_library(std::string_view library) const;
    std::string memory_text() const;    // "16 GB"
    std::string workload_text() const;  // "an oltp workload"
    std::string storage_text() const;   // "NVMe", "SSD", "a spinning disk", "unknown storage"
};

struct WorkloadChoice {
    Workload workload;
    std::string reason;
};
WorkloadChoice choose_workload(const TuneInput& input);

}  // namespace hone::tune
