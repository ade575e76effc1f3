#include "bench/tuners/experiment.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "base/file.hpp"
#include "base/text.hpp"
#include "bench/tuners/load_subject.hpp"
#include "engines/postgres/data_copy.hpp"
#include "engines/postgres/server.hpp"

namespace hone::bench {

namespace {

namespace fs = std::filesystem;

constexpr Seconds kStartPatience{60};
constexpr Seconds kFillPatience{1200};
constexpr int kWantedRounds = 16;
constexpr double kLongestSliceSeconds = 5;
constexpr double kWarmUpSeconds = 4;
constexpr int kConnectionsPerReporter = 4;
// Of the machine's memory, that the limits of all servers together may take.
constexpr double kLimitsShare = 0.9;

// What initdb writes: without it some versions would have less than a user's default.
Settings initdb_settings() {
    Settings settings;
    add(settings, "shared_buffers", "128MB");
    add(settings, "max_wal_size", "1GB");
    add(settings, "min_wal_size", "80MB");
    return settings;
}

// For filling quickly; nothing that is measured has these.
Settings filling_settings() {
    Settings settings;
    add(settings, "shared_buffers", "512MB");
    add(settings, "max_wal_size", "16GB");
    add(settings, "maintenance_work_mem", "512MB");
    add(settings, "autovacuum", "off");
    add(settings, "synchronous_commit", "off");
    return settings;
}

Settings joined(Settings settings, const Settings& more) {
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
}

struct Laboratory {
    const ExperimentOptions& options;
    Outcome& outcome;
    Progress& progress;
    Deadline deadline;
    fs::path folder;  // of this run, readable by the scratch owner
    std::optional<ResourceLimits> limits;

    ServerPlace place(const fs::path& template_data) const {
        return {.bin_directory = options.bin_directory,
                .parent_folder = options.scratch_folder,
                .cache_folder = folder / "cache",
                .template_data = template_data};
    }
};

bool is_wanted(const ExperimentOptions& options, std::string_view name) {
    if (options.loads.empty()) return true;
    return std::any_of(options.loads.begin(), options.loads.end(),
                       [&](const std::string& part) { return name.find(part) != name.npos; });
}

bool any_wanted(const ExperimentOptions& options, const DataSet& set) {
    const auto loads = set.loads();
    return std::any_of(loads.begin(), loads.end(),
                       [&](const auto& load) { return is_wanted(options, load->name()); });
}

std::size_t server_count(const ExperimentOptions& options) {
    return 3 + (options.others ? other_tuners().size() : 0) + options.variants.size();
}

// --- the data -------------------------------------------------------------------------------------

Status fill(BenchServer& server, DataSet& set, Deadline deadline) {
    HONE_TRY(server.start("hone-bench-filling", filling_settings(), std::nullopt,
                          deadline.earlier_of(Deadline::after(kStartPatience))));
    HONE_TRY(set.fill(server, deadline));
    HONE_TRY(server.query("VACUUM (FREEZE, ANALYZE)", deadline));
    return server.stop(deadline);
}

// A folder that stays, so that the next run need not fill again.
fs::path kept_folder(const ExperimentOptions& options, const DataSet& set) {
    if (options.kept_data.empty()) return {};
    return options.kept_data /
           fmt::format("{}-{}MB-{}", set.name(), options.memory.whole_mega(), options.scale);
}

Status keep(const BenchServer& server, const fs::path& folder, Deadline deadline) {
    HONE_TRY(make_folders(folder.parent_path()));
    const fs::path unfinished = folder.string() + ".unfinished";
    std::error_code error;
    fs::remove_all(unfinished, error);
    HONE_TRY(postgres::copy_data_folder(server.server().data_directory(), unfinished,
                                        server.server().owner(), deadline));
    fs::rename(unfinished, folder, error);
    if (error)
        return error_from_errno(error.value(), "keeping the data in '" + folder.string() + "'");
    return {};
}

// The stopped server whose folder is copied; none where a kept folder serves.
struct Template {
    std::optional<BenchServer> server;
    fs::path data;
};

Result<Template> make_template(Laboratory& laboratory, DataSet& set) {
    const fs::path kept = kept_folder(laboratory.options, set);
    if (!kept.empty() && file_exists(kept)) return Template{std::nullopt, kept};
    laboratory.progress.step(fmt::format("{}: making the data", set.name()));
    const Deadline deadline = laboratory.deadline.earlier_of(Deadline::after(kFillPatience));
    HONE_TRY_ASSIGN(auto server, BenchServer::make(laboratory.place({}), deadline));
    HONE_TRY(fill(server, set, deadline));
    if (!kept.empty()) HONE_TRY(keep(server, kept, deadline));
    const fs::path data = server.server().data_directory();
    return Template{std::move(server), data};
}

Result<std::vector<BenchServer>> make_fleet(Laboratory& laboratory, DataSet& set) {
    HONE_TRY_ASSIGN(const Template original, make_template(laboratory, set));
    std::vector<BenchServer> fleet;
    const std::size_t count = server_count(laboratory.options);
    laboratory.progress.step(fmt::format("{}: copying the data for {} servers", set.name(), count));
    fleet.reserve(count);
    for (std::size_t at = 0; at < count; ++at) {
        HONE_TRY_ASSIGN(auto server,
                        BenchServer::make(laboratory.place(original.data), laboratory.deadline));
        fleet.push_back(std::move(server));
        laboratory.progress.update(static_cast<double>(at + 1) / static_cast<double>(count), "");
    }
    return fleet;
}

// --- one load -------------------------------------------------------------------------------------

Result<Bytes> data_size(BenchServer& server, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows,
                    server.connection().query(
                        "SELECT pg_database_size(current_database()) AS bytes", deadline));
    return Bytes{parse_integer(rows.text(0, "bytes")).value_or(0)};
}

// Reports come from fewer sessions than short transactions.
int connections_for(const ExperimentOptions& options, LoadKind kind) {
    if (kind != LoadKind::kAnalytics) return options.connections;
    return std::max(1, options.connections / kConnectionsPerReporter);
}

TunerInput told(const Laboratory& laboratory, const BenchLoad& load, Bytes data) {
    const PlanMachine& machine = laboratory.outcome.machine.facts;
    return {.memory = machine.memory_limit,
            .cores = std::max(1, static_cast<int>(machine.cores)),
            .storage = machine.storage,
            .version = postgres::major_version_of(laboratory.outcome.server_build).value_or(15),
            .kind = load.kind(),
            .connections = connections_for(laboratory.options, load.kind()),
            .data = data};
}

Status add_variants(const std::vector<Variant>& variants, std::vector<Contestant>& contestants) {
    for (const Variant& variant : variants) {
        const auto tool = std::find_if(contestants.begin(), contestants.end(),
                                       [&](const auto& one) { return one.name == variant.tool; });
        if (tool == contestants.end())
            return Error{ErrorCode::kInvalidArgument, "reading --also '" + name_of(variant) + "'",
                         "there is no tool '" + variant.tool + "'",
                         "begin with default, hone or the name of another tool"};
        Settings settings = joined(tool->settings, variant.changes);
        contestants.push_back({name_of(variant), std::move(settings), {}});
    }
    return {};
}

// `server` runs with the default's settings.
Result<std::vector<Contestant>> make_contestants(Laboratory& laboratory, const TunerInput& input,
                                                 BenchServer& server) {
    const Settings base = initdb_settings();
    std::vector<Contestant> contestants{{std::string(kDefault), base, {}},
                                        {std::string(kControl), base, {}}};
    if (laboratory.options.others)
        for (const Tuner& tuner : other_tuners())
            contestants.push_back(
                {std::string(tuner.name), joined(base, tuner.settings(input)), {}});
    HONE_TRY_ASSIGN(const Plan plan,
                    hone_plan(laboratory.outcome.machine, input, server,
                              laboratory.options.bin_directory, laboratory.deadline));
    contestants.push_back({std::string(kHone), joined(base, settings_of(plan)), {}});
    HONE_TRY(add_variants(laboratory.options.variants, contestants));
    return contestants;
}

Status start_server(Laboratory& laboratory, BenchServer& server, std::size_t number,
                    const Settings& settings) {
    return server.start(fmt::format("hone-bench-{}-{}", ::getpid(), number), settings,
                        laboratory.limits,
                        laboratory.deadline.earlier_of(Deadline::after(kStartPatience)));
}

// The first is started already; what does not boot is noted.
Status start_others(Laboratory& laboratory, std::vector<BenchServer>& fleet,
                    std::vector<Contestant>& contestants) {
    for (std::size_t at = 1; at < contestants.size(); ++at) {
        Contestant& contestant = contestants[at];
        const Status started = start_server(laboratory, fleet[at], at, contestant.settings);
        if (started.ok()) continue;
        if (contestant.name == kControl || started.error().code() == ErrorCode::kCancelled)
            return started;
        contestant.does_not_boot = started.error().wrong();
    }
    return {};
}

double slice_seconds(const ExperimentOptions& options, const BenchLoad& load,
                     std::size_t subjects) {
    const double room = options.seconds / (static_cast<double>(subjects) * kWantedRounds);
    return std::clamp(std::floor(room), load.shortest_slice_seconds(),
                      std::max(load.shortest_slice_seconds(), kLongestSliceSeconds));
}

Result<prove::Measured> measure_load(Laboratory& laboratory, BenchLoad& load,
                                     std::vector<LoadSubject>& subjects) {
    std::vector<prove::Subject*> pointers;
    for (LoadSubject& subject : subjects) pointers.push_back(&subject);
    prove::CompareOptions options;
    options.slice_seconds = slice_seconds(laboratory.options, load, subjects.size());
    options.seconds_at_most =
        std::max(laboratory.options.seconds,
                 options.slice_seconds * static_cast<double>(subjects.size()) * 6);
    options.warm_up_seconds = kWarmUpSeconds;
    options.operation = load.operation();
    options.writes = load.writes();
    options.seed = laboratory.options.seed + 1;
    laboratory.progress.step(fmt::format("{}: {} servers in slices of {:g} s", load.name(),
                                         subjects.size(), options.slice_seconds));
    return prove::measure(pointers, options, laboratory.progress, laboratory.deadline);
}

Result<std::vector<LoadSubject>> make_subjects(Laboratory& laboratory, BenchLoad& load,
                                               std::vector<BenchServer>& fleet,
                                               const std::vector<Contestant>& contestants) {
    laboratory.progress.step(fmt::format("{}: warming up", load.name()));
    std::vector<LoadSubject> subjects;
    for (std::size_t at = 0; at < contestants.size(); ++at) {
        if (!contestants[at].does_not_boot.empty()) continue;
        HONE_TRY(load.prepare(fleet[at], laboratory.deadline));
        HONE_TRY(fleet[at].freeze(true));
        subjects.emplace_back(contestants[at].name, fleet[at], load);
    }
    return subjects;
}

Status run_load(Laboratory& laboratory, BenchLoad& load, std::vector<BenchServer>& fleet,
                LoadOutcome& outcome) {
    laboratory.progress.step(fmt::format("{}: booting every tool's settings", load.name()));
    HONE_TRY(start_server(laboratory, fleet.front(), 0, initdb_settings()));
    HONE_TRY_ASSIGN(outcome.data, data_size(fleet.front(), laboratory.deadline));
    HONE_TRY_ASSIGN(
        outcome.contestants,
        make_contestants(laboratory, told(laboratory, load, outcome.data), fleet.front()));
    HONE_TRY(start_others(laboratory, fleet, outcome.contestants));
    HONE_TRY_ASSIGN(auto subjects, make_subjects(laboratory, load, fleet, outcome.contestants));
    HONE_TRY_ASSIGN(outcome.measured, measure_load(laboratory, load, subjects));
    return {};
}

Status stop_all(std::vector<BenchServer>& fleet, Deadline deadline) {
    for (BenchServer& server : fleet) HONE_TRY(server.stop(deadline));
    return {};
}

Status run_data_set(Laboratory& laboratory, DataSet& set) {
    HONE_TRY_ASSIGN(auto fleet, make_fleet(laboratory, set));
    for (const auto& load : set.loads()) {
        if (!is_wanted(laboratory.options, load->name())) continue;
        LoadOutcome outcome;
        outcome.name = load->name();
        outcome.meaning = load->meaning();
        outcome.operation = load->operation();
        outcome.writes = load->writes();
        const Status status = run_load(laboratory, *load, fleet, outcome);
        if (!status.ok() && status.error().code() == ErrorCode::kCancelled) return status;
        if (!status.ok()) outcome.not_run_because = status.error().message();
        laboratory.outcome.loads.push_back(std::move(outcome));
        HONE_TRY(stop_all(fleet, laboratory.deadline));
    }
    return {};
}

// --- the whole ------------------------------------------------------------------------------------

Status check_memory(const ExperimentOptions& options, const Machine& machine) {
    const Bytes wanted = options.memory * static_cast<std::int64_t>(server_count(options));
    if (wanted <= share_of(machine.total_memory, kLimitsShare)) return {};
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("giving {} servers {} each", server_count(options),
                             format_for_people(options.memory)),
                 fmt::format("this machine has {}", format_for_people(machine.total_memory)),
                 "pass a smaller --memory"};
}

// Where no group can be made the run goes on without a limit, and says so.
void decide_limits(Laboratory& laboratory) {
    const ExperimentOptions& options = laboratory.options;
    if (options.memory == Bytes{}) return;
    const ResourceLimits limits{options.memory, options.disk_iops, options.scratch_folder};
    const auto trial = ResourceGroup::make(fmt::format("hone-bench-{}-trial", ::getpid()), limits);
    laboratory.outcome.memory_limited = trial.ok();
    if (trial.ok()) {
        laboratory.limits = limits;
        if (!trial->can_freeze())
            laboratory.outcome.caveats.emplace_back(
                "Servers could not be frozen here: what one leaves to do runs in another's "
                "slices.");
        return;
    }
    laboratory.outcome.caveats.push_back("No limit on memory could be set, so all data fits: " +
                                         trial.error().message());
}

void add_caveats(const ExperimentOptions& options, Outcome& outcome) {
    if (options.disk_iops == 0)
        outcome.caveats.emplace_back(
            "The disk is as fast as this machine's; on a slower one caches and checkpoints weigh "
            "more "
            "(--disk-iops brakes it).");
    outcome.caveats.emplace_back(
        "Each load runs for minutes: checkpoints by time (5 to 30 min) and days of autovacuum are "
        "not "
        "in it.");
}

Status open_folder(const fs::path& folder) {
    if (::chmod(folder.c_str(), 0755) == 0) return {};
    return error_from_errno(errno, "opening '" + folder.string() + "'");
}

}  // namespace

Result<Variant> parse_variant(std::string_view text) {
    const auto words = split_words(text);
    Variant variant;
    for (std::size_t at = 1; at < words.size(); ++at) {
        const std::size_t equals = words[at].find('=');
        if (equals == std::string_view::npos || equals == 0) {
            variant.changes.clear();
            break;
        }
        add(variant.changes, words[at].substr(0, equals),
            std::string(words[at].substr(equals + 1)));
    }
    if (variant.changes.empty())
        return Error{ErrorCode::kInvalidArgument, "reading --also '" + printable(text, 100) + "'",
                     "it is not a tool and settings", "write it as in --also 'hone jit=on'"};
    variant.tool = words[0];
    return variant;
}

std::string name_of(const Variant& variant) {
    std::string name = variant.tool;
    for (const auto& change : variant.changes) name += " " + change.name + "=" + change.value;
    return name;
}

Result<Outcome> run_experiment(const ExperimentOptions& options, Progress& progress,
                               Deadline deadline) {
    Outcome outcome;
    outcome.options = options;
    outcome.measured_at = utc_now_text();
    HONE_TRY_ASSIGN(outcome.server_build, postgres::version_of_binary(options.bin_directory));
    HONE_TRY_ASSIGN(outcome.machine, look_at_machine(options.scratch_folder, options.memory));
    HONE_TRY(check_memory(options, outcome.machine));
    HONE_TRY_ASSIGN(const TemporaryFolder folder,
                    TemporaryFolder::create(options.scratch_folder, "hone-tuners-"));
    HONE_TRY(open_folder(folder.path()));
    Laboratory laboratory{options, outcome, progress, deadline, folder.path(), std::nullopt};
    decide_limits(laboratory);
    outcome.sizes = sizes_for(outcome.machine.facts.memory_limit, options.scale);
    for (const auto& set : all_data_sets({options.bin_directory, folder.path(), outcome.sizes}))
        if (any_wanted(options, *set)) HONE_TRY(run_data_set(laboratory, *set));
    add_caveats(options, outcome);
    return outcome;
}

}  // namespace hone::bench
