// tune/tune.hpp - from a machine and a workload to a plan: pure, so that equal inputs give equal
// bytes.
//
// Shape    in: TuneInput; out: a Plan whose changes are sorted by name. No I/O, no clock, no
//          thread.
// Errors   invalid_argument: an input that no machine has (no memory, no cores), or a limit that
//          cannot be kept.
// Source   each rule names its own (src/tune/rules.toml); DESIGN: the memory budget closes at every
//          shape.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/plan.hpp"
#include "model/setting.hpp"
#include "model/statistics.hpp"

namespace hone::tune {

enum class Workload { kIngest, kOltp, kReadMostly, kAnalytics, kMixed };
std::string_view to_string(Workload workload);
std::optional<Workload> workload_named(std::string_view name);

enum class Profile { kLowMemory, kStandard, kHighPerformance, kCustom };
std::string_view to_string(Profile profile);
std::optional<Profile> profile_named(std::string_view name);

// Another program on the machine that needs its memory: {"kaspad", 8 GB}.
struct Tenant {
    std::string name;
    Bytes memory;
};

// What a person fixed by hand (--profile custom, a TOML file): a setting that is set to this,
// whatever the rules say, or a rule that is left out. Validated against the catalogue.
struct Customization {
    std::vector<std::pair<std::string, std::string>> settings;  // name, display value
    std::vector<std::string> leave_alone;  // settings that are not to be changed
    std::optional<Workload> workload;
    std::optional<int> connections;
    std::optional<double> memory_share;  // of the limit that PostgreSQL may take at worst, 0.1 to 1
    std::vector<Tenant> tenants;
};
// Errors: invalid_argument with line and column, and "did you mean" for an unknown key.
Result<Customization> customization_from_toml(std::string_view text, std::string_view what);

struct TuneInput {
    int server_version = 15;
    std::string server_build;  // "" where there is none
    PlanTarget target;         // empty: offline
    PlanMachine machine;
    std::optional<Bytes> free_disk;  // where WAL is written
    std::optional<Bytes> huge_page_size;
    std::optional<std::int64_t> huge_pages_free;
    bool overcommit_is_strict = false;  // vm.overcommit_memory = 2
    Catalogue catalogue;                // of the target's build, or builtin_catalogue()
    SettingStates current;              // empty: the catalogue's defaults
    ServerStatistics statistics;
    std::vector<std::string>
        available_libraries;  // for shared_preload_libraries; empty: unknown, nothing is added
    std::optional<Profile> profile;    // absent: chosen
    std::optional<Workload> workload;  // absent: inferred from the statistics, else mixed
    std::optional<int> connections;  // absent: from the statistics and the current max_connections
    std::vector<Tenant> tenants;
    Customization customization;
    bool reload_only = false;  // leave out what needs a restart
};

Result<Plan> make_plan(const TuneInput& input);

// What every build of that version has: enum values without lz4, zstd and io_uring. For plans
// without a server or binaries. Requires 14 <= version <= 18.
Catalogue builtin_catalogue(int version);

// Profile of a machine; total: every (memory, cores, storage) has exactly one. `reason` is a
// sentence.
struct ProfileChoice {
    Profile profile;
    std::string reason;
};
ProfileChoice choose_profile(Bytes memory, double cores, StorageClass storage);

// Everything hone knows about one setting that it tunes, for hone explain.
struct RuleText {
    std::string rule;
    std::string setting;
    std::string says;  // what it recommends, in words
    std::string because;
    std::string source;
    std::string risk;
};
std::vector<RuleText> rule_texts();

// The plan as lines that PostgreSQL reads as they stand, each with its reason as a comment above
// it.
std::string plan_as_config(const Plan& plan);
// The same as ALTER SYSTEM statements.
std::string plan_as_alter_system(const Plan& plan);

}  // namespace hone::tune
