// apps/hone/commands.hpp - what each command takes, and the function that does it.
//
// Shape    a run function returns the exit code and never exits by itself; cli*.cpp alone know the
//          command-line library.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hone::app {

struct Context;
struct EffectiveOption;

struct DetectArguments {
    std::filesystem::path root = "/";
    std::filesystem::path folder;
    bool no_probe = false;
};
int run_detect(Context& context, const DetectArguments& arguments);

// Which machine, workload and profile a plan is for; shared by plan, prove and demo.
struct PlanArguments {
    std::string profile;  // "" to choose; "custom" needs custom_file
    std::filesystem::path custom_file;
    std::string workload;  // "" to infer
    std::string memory;    // "16GB"
    std::optional<double> cores;
    std::string storage;  // nvme, ssd, hdd
    std::optional<int> connections;
    std::optional<int> pg_version;     // for a plan without a server or binaries
    std::vector<std::string> tenants;  // "kaspad=8GB"
    bool reload_only = false;
    bool no_probe = false;
    std::string format = "table";  // table, conf, alter-system, json
    std::filesystem::path out;
    bool exit_code_on_changes = false;  // exit 10 where the plan has changes
};
int run_plan(Context& context, const PlanArguments& arguments);

int run_explain(Context& context, const std::string& setting);

struct CheckArguments {
    std::filesystem::path plan;
};
int run_check(Context& context, const CheckArguments& arguments);

struct ApplyArguments {
    std::filesystem::path plan;
    bool allow_restart = false;
    std::string method = "auto";  // auto, file, alter-system
};
int run_apply(Context& context, const ApplyArguments& arguments);

struct RollbackArguments {
    std::string id;  // "" for the newest that can be undone
    bool allow_restart = false;
};
int run_rollback(Context& context, const RollbackArguments& arguments);

struct RecoverArguments {
    bool allow_restart = false;
};
int run_recover(Context& context, const RecoverArguments& arguments);

int run_history(Context& context);

struct ProveArguments {
    std::filesystem::path plan;
    double seconds = 120;                // of measuring, for all workloads together
    double precision_percent = 0;        // 0: use all the time
    std::vector<std::string> workloads;  // "" for read-only, read-write, bulk-upsert
    std::optional<std::uint64_t> seed;
    std::filesystem::path report;  // HTML; "" for the state folder
    int scale = 10;                // pgbench's
};
int run_prove(Context& context, const ProveArguments& arguments);

struct AutotuneArguments {
    std::string load;  // one of pgbench's, by hone's name; or:
    std::string pack;
    std::string preset;
    std::string volume;
    std::vector<std::string> variants;  // "schema=23"
    std::filesystem::path workload;     // or: a recording, replayed on copies of the target's data
    bool with_writes = false;
    double budget_minutes = 30;
    std::filesystem::path plan;  // "" to make one
    std::filesystem::path out;   // of the found plan; "" for the search's own folder
    std::optional<std::uint64_t> seed;
    int scale = 10;  // pgbench's
    bool reload_only = false;
    std::string resume;       // a search's id
    bool has_budget = false;  // stated
};
int run_autotune(Context& context, const AutotuneArguments& arguments);

int run_config_show(Context& context, const std::vector<EffectiveOption>& options,
                    bool with_origin);
struct WorkloadRecordArguments {
    std::string from;                          // log, statements
    std::vector<std::filesystem::path> files;  // of --from log
    double seconds = 60;                       // of --from statements
    std::string database;                      // of --from log; "" for the busiest
    bool anonymise = false;
    std::filesystem::path out;
};
int run_workload_record(Context& context, const WorkloadRecordArguments& arguments);
int run_workload_show(Context& context, const std::filesystem::path& file);

struct DemoArguments {
    double seconds = 120;  // of measuring
    std::filesystem::path report;
};
int run_demo(Context& context, const DemoArguments& arguments);

// What is run, and on whose data; shared by bench run and bench compare.
struct BenchWorkArguments {
    std::string pack;  // a built-in pack's name, or a folder
    std::string preset;
    std::string volume;
    std::vector<std::string> variants;    // "schema=10"
    std::filesystem::path workload_file;  // instead of a pack: a recording
    bool with_writes = false;             // of a recording
    double rate_factor = 1;               // of a preset's rates, or a recording's speed
    std::optional<int> connections;
    std::optional<std::uint64_t> seed;
};

struct BenchRunArguments {
    BenchWorkArguments work;
    std::string configuration;  // "" for current where a server is named, else default
    double seconds = 60;        // of load, warm-up included
    int threads = 1;
    std::filesystem::path report;  // HTML; "" for beside the result
    std::string save_baseline;
    std::string against;
    std::optional<double> reference_seconds;
};
int run_bench_run(Context& context, const BenchRunArguments& arguments);

struct BenchCompareArguments {
    BenchWorkArguments work;  // without pack and file: `a` and `b` are results' ids
    std::string a;
    std::string b;
    double seconds = 120;  // of slices, for all servers together
};
int run_bench_compare(Context& context, const BenchCompareArguments& arguments);

int run_bench_list(Context& context);

}  // namespace hone::app
