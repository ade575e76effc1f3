#include "prove/experiment.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cmath>

#include "prove/measurement.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

constexpr double kClientsPerCore = 2;
constexpr int kFewestClients = 2;
constexpr int kMostClients = 32;

bool is_in_memory(const fs::path& folder) {
    struct statfs facts{};
    return ::statfs(folder.c_str(), &facts) == 0 && facts.f_type == TMPFS_MAGIC;
}

bool on_one_device(const fs::path& a, const fs::path& b) {
    struct stat of_a{};
    struct stat of_b{};
    return ::stat(a.c_str(), &of_a) == 0 && ::stat(b.c_str(), &of_b) == 0 &&
           of_a.st_dev == of_b.st_dev;
}

// Writes must cost what they cost: a disk rather than memory.
fs::path scratch_folder(const ProveOptions& options) {
    if (!options.scratch_folder.empty()) return options.scratch_folder;
    return is_in_memory("/tmp") ? "/var/tmp" : "/tmp";
}

Result<std::vector<const Load*>> chosen_loads(const std::vector<std::string>& names) {
    std::vector<const Load*> loads;
    for (const Load& load : all_loads())
        if (names.empty() || std::ranges::find(names, load.name) != names.end())
            loads.push_back(&load);
    for (const std::string& name : names)
        if (load_named(name) == nullptr)
            return Error{ErrorCode::kInvalidArgument, fmt::format("choosing the load '{}'", name),
                         "there is no such load", "use read-only, read-write or bulk-upsert"};
    return loads;
}

Status agree_on_version(const Plan& plan, const ProveOptions& options, std::string& build) {
    HONE_TRY_ASSIGN(build, postgres::version_of_binary(options.bin_directory));
    HONE_TRY_ASSIGN(const int version, postgres::major_version_of(build));
    if (version == plan.server_version) return {};
    return Error{
        ErrorCode::kInvalidArgument, "proving the plan",
        fmt::format("it is for PostgreSQL {}, and '{}' has PostgreSQL {}", plan.server_version,
                    options.bin_directory.string(), version),
        fmt::format("pass --bin-dir with the programs of PostgreSQL {}", plan.server_version)};
}

Result<std::optional<std::vector<postgres::ConfigEntry>>> current_settings(
    const ProveOptions& options) {
    using Settings = std::optional<std::vector<postgres::ConfigEntry>>;
    if (!options.server || options.server->config_file.empty()) return Settings{};
    HONE_TRY_ASSIGN(const auto files, postgres::read_config_tree(options.server->config_file,
                                                                 options.server->auto_config_file));
    return Settings{postgres::detached_settings(files)};
}

void add_machine_caveats(Evidence& evidence, const Plan& plan, const ProveOptions& options) {
    auto& caveats = evidence.caveats;
    caveats.push_back(
        fmt::format("All three servers and the load generator share {:g} cores; the "
                    "two servers that are not being measured idle.",
                    options.cores));
    const fs::path folder = scratch_folder(options);
    if (is_in_memory(folder))
        caveats.push_back(
            fmt::format("The scratch servers are in memory ('{}'): writes cost less "
                        "than on a disk.",
                        folder.string()));
    if (options.server && !options.server->data_directory.empty() &&
        !on_one_device(folder, options.server->data_directory))
        caveats.push_back(
            fmt::format("The scratch servers are on another device ('{}') than the "
                        "target's data.",
                        folder.string()));
    if (plan.machine.memory_limit > options.memory_limit)
        caveats.push_back(fmt::format("The plan is for a machine with {}; this one has {}.",
                                      format_for_people(plan.machine.memory_limit),
                                      format_for_people(options.memory_limit)));
}

void add_data_caveat(Evidence& evidence, Bytes data, const ArmSettings& settings) {
    if (data > settings.current_buffers || data > settings.planned_buffers) return;
    evidence.caveats.push_back(
        fmt::format("The data ({}) fits into shared_buffers on both sides: what a larger cache is "
                    "good for cannot show. A larger --scale makes more data.",
                    format_for_people(data)));
}

WorkloadEvidence not_run(const Load& load, const Error& reason) {
    WorkloadEvidence evidence;
    evidence.workload = load.name;
    evidence.effect.verdict = Verdict::kNotRun;
    evidence.control.verdict = Verdict::kNotRun;
    evidence.not_run_because = reason.message();
    return evidence;
}

bool stops_everything(const Error& error) {
    return error.code() == ErrorCode::kDeadlineExceeded || error.code() == ErrorCode::kCancelled;
}

Result<Instances> make_instances(const ProveOptions& options, const Pgbench& pgbench,
                                 const ArmSettings& settings, Progress& progress,
                                 Deadline deadline) {
    InstanceOptions instance_options;
    instance_options.bin_directory = options.bin_directory;
    HONE_TRY_ASSIGN(instance_options.owner, postgres::scratch_owner());
    instance_options.parent_folder = scratch_folder(options);
    instance_options.cache_folder = options.cache_folder;
    instance_options.pgbench = pgbench;
    instance_options.settings = settings;
    instance_options.scale = options.scale;
    return Instances::make(instance_options, progress, deadline);
}

// Measures every load on running servers; a load that fails is not run, and the next has its turn.
Status measure_all(Instances& instances, const std::vector<LoadSchedule>& schedules,
                   LoadRun load_run, Evidence& evidence, Progress& progress, Deadline deadline) {
    for (const LoadSchedule& schedule : schedules) load_run.seconds_in_all += schedule.seconds();
    for (const LoadSchedule& schedule : schedules) {
        const auto measurement = measure(instances, schedule, load_run, progress, deadline);
        load_run.seconds_before += schedule.seconds();
        if (!measurement.ok()) {
            if (deadline.expired() || measurement.error().code() == ErrorCode::kCancelled)
                return measurement.error();
            evidence.workloads.push_back(not_run(*schedule.load, measurement.error()));
            continue;
        }
        evidence.seconds += schedule.seconds();
        evidence.workloads.push_back(
            evidence_from(*measurement, schedule, load_run, static_cast<int>(schedules.size())));
    }
    return {};
}

Status run_experiment(const Plan& plan, const ProveOptions& options,
                      const std::vector<LoadSchedule>& schedules, Evidence& evidence,
                      Progress& progress, Deadline deadline) {
    HONE_TRY_ASSIGN(const Pgbench pgbench, find_pgbench(options.bin_directory));
    HONE_TRY_ASSIGN(const auto target_settings, current_settings(options));
    const ArmSettings settings = make_arm_settings(plan, target_settings, options.memory_limit);
    evidence.caveats = settings.caveats;
    add_machine_caveats(evidence, plan, options);
    HONE_TRY_ASSIGN(Instances instances,
                    make_instances(options, pgbench, settings, progress, deadline));
    HONE_TRY_ASSIGN(const Bytes data, instances.data_size(deadline));
    add_data_caveat(evidence, data, settings);
    if (!instances.warm())
        evidence.caveats.emplace_back(
            "These programs come without pg_prewarm: a large cache may have "
            "been measured before it was full.");
    HONE_TRY_ASSIGN(const int room, instances.client_room(deadline));
    LoadRun load_run;
    load_run.pgbench = pgbench;
    load_run.clients = std::min(room, clients_for(options.cores));
    load_run.threads = std::clamp(static_cast<int>(options.cores / 2), 1, load_run.clients);
    load_run.scale = options.scale;
    load_run.seed = options.seed;
    load_run.seconds_in_all = 0;
    return measure_all(instances, schedules, load_run, evidence, progress, deadline);
}

}  // namespace

int clients_for(double cores) {
    return std::clamp(static_cast<int>(std::lround(cores * kClientsPerCore)), kFewestClients,
                      kMostClients);
}

Result<Evidence> prove(const Plan& plan, const ProveOptions& options, Progress& progress,
                       Deadline deadline) {
    HONE_TRY_ASSIGN(const auto loads, chosen_loads(options.loads));
    HONE_TRY_ASSIGN(const auto schedules, make_schedule(loads, options.seconds, options.seed));
    Evidence evidence;
    HONE_TRY(agree_on_version(plan, options, evidence.server_build));
    evidence.plan_id = plan.id();
    evidence.measured_at = utc_now_text();
    evidence.seed = options.seed;
    evidence.scale = options.scale;
    const Status status = run_experiment(plan, options, schedules, evidence, progress, deadline);
    if (status.ok()) return evidence;
    if (stops_everything(status.error())) return status.error();
    evidence.workloads.clear();
    for (const Load* load : loads) evidence.workloads.push_back(not_run(*load, status.error()));
    return evidence;
}

}  // namespace hone::prove
