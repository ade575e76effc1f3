#include "prove/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "prove/arm_settings.hpp"
#include "prove/caveats.hpp"
#include "prove/compare/comparison.hpp"
#include "prove/load_time.hpp"
#include "prove/pgbench_data.hpp"
#include "prove/scratch_servers.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

constexpr double kClientsPerCore = 2;
constexpr int kFewestClients = 2;
constexpr int kMostClients = 32;
constexpr std::size_t kPlanned = 2;  // after current and control

using Servers = std::vector<postgres::ScratchServer>;

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

// What measuring a load needs, the same for all loads.
struct Bench {
    Pgbench pgbench;
    Servers servers;  // current, control, planned
    int clients = 1;
    int threads = 1;
};

Result<Servers> make_servers_for(const ProveOptions& options, const Pgbench& pgbench,
                                 const ArmSettings& settings, Progress& progress,
                                 Deadline deadline) {
    ScratchServersOptions servers;
    servers.bin_directory = options.bin_directory;
    HONE_TRY_ASSIGN(servers.owner, postgres::scratch_owner());
    servers.parent_folder = scratch_folder(options);
    servers.cache_folder = options.cache_folder;
    progress.step(fmt::format("making the data (pgbench scale {})", options.scale));
    const std::array<ServerSide, kServers> sides{
        {{"the current settings", settings.current},
         {"the current settings a second time", settings.current},
         {"the planned settings", settings.planned}}};
    return make_servers(servers, sides, pgbench_filling(pgbench, options.scale), progress,
                        deadline);
}

Status add_data_caveats(const Servers& servers, const ArmSettings& settings, Evidence& evidence,
                        Deadline deadline) {
    HONE_TRY_ASSIGN(const Bytes data, data_size(servers.front(), deadline));
    if (data <= settings.current_buffers && data <= settings.planned_buffers)
        evidence.caveats.push_back(caveat_of_cached_data(data));
    bool warm = true;
    for (const auto& server : servers) warm = prewarm(server, deadline) && warm;
    if (!warm) evidence.caveats.push_back(caveat_of_cold_caches());
    return {};
}

Result<int> clients_that_fit(const Servers& servers, const ProveOptions& options,
                             Deadline deadline) {
    int clients = clients_for(options.cores);
    for (const auto& server : servers) {
        HONE_TRY_ASSIGN(const int room, client_room(server, deadline));
        clients = std::min(clients, room);
    }
    return clients;
}

CompareOptions compare_options(const Load& load, double seconds, std::size_t at, std::size_t loads,
                               const ProveOptions& options) {
    CompareOptions compare;
    compare.seconds_at_most = seconds;
    compare.slice_seconds = slice_seconds_for(load, seconds);
    compare.fewest_rounds = kComfortableRounds;
    compare.operation = "transaction";
    compare.wanted_half_width = options.wanted_half_width;
    compare.comparisons = static_cast<int>(loads);
    compare.writes = load.writes;
    // The order is each load's own; pgbench looks at the lower half alone.
    compare.seed = options.seed + (static_cast<std::uint64_t>(at) << 32U);
    return compare;
}

Result<Measured> measure_load(const Bench& bench, const Load& load, const CompareOptions& compare,
                              int scale, Progress& progress, Deadline deadline) {
    progress.step(fmt::format("measuring {}", load.name));
    const PgbenchLoad pgbench_load{bench.pgbench, load, bench.clients, bench.threads, scale};
    std::vector<std::unique_ptr<ScratchSubject>> subjects;
    std::vector<Subject*> pointers;
    for (const auto& [name, server] : {std::pair{"current", &bench.servers[0]},
                                       {"control", &bench.servers[1]},
                                       {"planned", &bench.servers[kPlanned]}}) {
        HONE_TRY_ASSIGN(auto subject, pgbench_subject(name, *server, pgbench_load, deadline));
        pointers.push_back(subject.get());
        subjects.push_back(std::move(subject));
    }
    return measure(pointers, compare, progress, deadline);
}

std::vector<double> rates_of(const SubjectSeries& series) {
    std::vector<double> rates;
    for (const Slice& slice : series.slices) rates.push_back(slice.rate);
    return rates;
}

WorkloadEvidence evidence_from(const Measured& measured, const Load& load, int clients) {
    CandidateEvidence judged = judge_candidate(measured, kPlanned);
    WorkloadEvidence evidence;
    evidence.workload = load.name;
    evidence.effect = std::move(judged.effect);
    evidence.control = std::move(judged.control);
    evidence.companions = std::move(judged.companions);
    evidence.sentence = std::move(judged.sentence);
    evidence.slice_seconds = measured.options.slice_seconds;
    evidence.clients = clients;
    evidence.current_rates = rates_of(measured.subjects[0]);
    evidence.control_rates = rates_of(measured.subjects[1]);
    evidence.planned_rates = rates_of(measured.subjects[kPlanned]);
    return evidence;
}

// A load that fails is not run, and the next has its turn.
Status measure_all(const Bench& bench, const std::vector<const Load*>& loads,
                   const ProveOptions& options, Evidence& evidence, Progress& progress,
                   Deadline deadline) {
    double seconds_left = options.seconds;
    for (std::size_t at = 0; at < loads.size(); ++at) {
        const double share = seconds_left / static_cast<double>(loads.size() - at);
        const CompareOptions compare =
            compare_options(*loads[at], share, at, loads.size(), options);
        const auto measured =
            measure_load(bench, *loads[at], compare, options.scale, progress, deadline);
        if (!measured.ok() &&
            (deadline.expired() || measured.error().code() == ErrorCode::kCancelled))
            return measured.error();
        seconds_left -= measured.ok() ? measured->seconds : share;
        evidence.seconds += measured.ok() ? measured->seconds : 0;
        evidence.workloads.push_back(measured.ok()
                                         ? evidence_from(*measured, *loads[at], bench.clients)
                                         : not_run(*loads[at], measured.error()));
    }
    return {};
}

Status run_experiment(const Plan& plan, const ProveOptions& options,
                      const std::vector<const Load*>& loads, Evidence& evidence, Progress& progress,
                      Deadline deadline) {
    Bench bench;
    HONE_TRY_ASSIGN(bench.pgbench, find_pgbench(options.bin_directory));
    HONE_TRY_ASSIGN(const auto target_settings, current_settings(options));
    const ArmSettings settings = make_arm_settings(plan, target_settings, options.memory_limit);
    evidence.caveats = settings.caveats;
    std::ranges::copy(machine_caveats(plan, options, scratch_folder(options)),
                      std::back_inserter(evidence.caveats));
    HONE_TRY_ASSIGN(bench.servers,
                    make_servers_for(options, bench.pgbench, settings, progress, deadline));
    HONE_TRY(add_data_caveats(bench.servers, settings, evidence, deadline));
    HONE_TRY_ASSIGN(bench.clients, clients_that_fit(bench.servers, options, deadline));
    bench.threads = std::clamp(static_cast<int>(options.cores / 2), 1, bench.clients);
    return measure_all(bench, loads, options, evidence, progress, deadline);
}

}  // namespace

int clients_for(double cores) {
    return std::clamp(static_cast<int>(std::lround(cores * kClientsPerCore)), kFewestClients,
                      kMostClients);
}

Result<Evidence> prove(const Plan& plan, const ProveOptions& options, Progress& progress,
                       Deadline deadline) {
    HONE_TRY_ASSIGN(const auto loads, chosen_loads(options.loads));
    HONE_TRY(check_time(loads.size(), options.seconds));
    Evidence evidence;
    HONE_TRY(agree_on_version(plan, options, evidence.server_build));
    evidence.plan_id = plan.id();
    evidence.measured_at = utc_now_text();
    evidence.seed = options.seed;
    evidence.scale = options.scale;
    const Status status = run_experiment(plan, options, loads, evidence, progress, deadline);
    if (status.ok()) return evidence;
    if (stops_everything(status.error())) return status.error();
    evidence.workloads.clear();
    for (const Load* load : loads) evidence.workloads.push_back(not_run(*load, status.error()));
    return evidence;
}

}  // namespace hone::prove
