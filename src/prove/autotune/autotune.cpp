#include "prove/autotune/autotune.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/file.hpp"
#include "engines/postgres/check_boot.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "prove/autotune/comparing_judge.hpp"
#include "prove/autotune/found_plan.hpp"
#include "prove/autotune/scratch_arena.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

// /tmp may be in memory, where writes cost nothing; /var/tmp may not (FHS: it survives a restart).
constexpr const char* kScratchFolder = "/var/tmp";
constexpr Seconds kCataloguePatience{60};
constexpr double kServersOfAContest = 3;
// Before making the data gives up: times the budget, and no less than a busy machine may take.
constexpr double kPatience = 2;
constexpr double kShortestPatience = 600;
constexpr mode_t kEnterOnly = 0711;  // the servers' owner has to get to his folders

Status agree_on_version(AutotuneJob& job, const Plan& plan) {
    HONE_TRY_ASSIGN(job.server_build, postgres::version_of_binary(job.bin_directory));
    HONE_TRY_ASSIGN(const int version, postgres::major_version_of(job.server_build));
    if (version == plan.server_version) return {};
    return Error{
        ErrorCode::kInvalidArgument, "searching for better settings",
        fmt::format("the plan is for PostgreSQL {}, and '{}' has PostgreSQL {}",
                    plan.server_version, job.bin_directory, version),
        fmt::format("pass --bin-dir with the programs of PostgreSQL {}", plan.server_version)};
}

// What a search works with, from its record alone.
struct Setup {
    Catalogue catalogue;
    postgres::MergedValues current;
    postgres::MergedValues planned;
    SearchSpace space;
    MemoryGuard guard;
};

SpaceOptions space_options(const AutotuneJob& job, bool writes) {
    return {.writes = writes,
            .seconds_per_server = job.screening_seconds / kServersOfAContest,
            .most_dimensions = dimensions_for(expected_evaluations(job)),
            .reload_only = job.reload_only};
}

Result<Setup> set_up(const AutotuneJob& job, const Plan& plan, bool writes,
                     const AutotuneOptions& options, Deadline deadline) {
    HONE_TRY_ASSIGN(
        const Catalogue catalogue,
        postgres::catalogue_of_binary(job.bin_directory, options.cache_folder,
                                      deadline.earlier_of(Deadline::after(kCataloguePatience))));
    const auto settings = entries_of(job.settings);
    const auto planned = postgres::merged_values(catalogue, settings, plan);
    return Setup{.catalogue = catalogue,
                 .current = postgres::merged_values(catalogue, settings, Plan{}),
                 .planned = planned,
                 .space = make_search_space(plan, catalogue, planned, space_options(job, writes)),
                 .guard = MemoryGuard(plan, catalogue, planned)};
}

Bytes largest_buffers(const Setup& setup) {
    Bytes largest;
    const SettingDefinition* definition = find_setting(setup.catalogue, "shared_buffers");
    if (definition == nullptr) return largest;
    const auto planned = setup.planned.find("shared_buffers");
    if (planned != setup.planned.end())
        largest = value_as_bytes(*definition, planned->second).value_or(Bytes{});
    for (const Dimension& dimension : setup.space.dimensions)
        if (dimension.setting == "shared_buffers")
            for (const std::string& level : dimension.levels)
                largest = std::max(largest, parse_bytes(level).value_or(Bytes{}));
    return largest;
}

Result<TemporaryFolder> make_scratch_folder(AutotuneRecord& record,
                                            const AutotuneOptions& options) {
    record.clear_left_overs();
    const fs::path parent =
        options.scratch_folder.empty() ? fs::path(kScratchFolder) : options.scratch_folder;
    HONE_TRY_ASSIGN(auto folder, TemporaryFolder::create(parent, kScratchPrefix));
    HONE_TRY(record.uses_folder(folder.path()));
    if (::chmod(folder.path().c_str(), kEnterOnly) != 0)
        return error_from_errno(errno, fmt::format("opening '{}'", folder.path().string()));
    return folder;
}

SearchOptions search_options(const AutotuneJob& job, const SearchSpace& space, double spent) {
    return {.space = space,
            .seed = job.seed,
            .budget_seconds = job.budget_seconds,
            .evaluation_seconds = job.evaluation_seconds,
            .check_seconds = job.check_seconds,
            .spent_seconds = spent,
            .now_seconds = monotonic_seconds};
}

// Of a search that was checked: all its answers are recorded.
class NobodyAsks final : public Judge {
  public:
    Result<Screening> screen(const SettingValues&, const SettingValues&, std::uint64_t, Progress&,
                             Deadline) override {
        return unexpected();
    }
    Result<Check> check(const SettingValues&, const SettingValues&, double, std::uint64_t,
                        Progress&, Deadline) override {
        return unexpected();
    }

  private:
    static Error unexpected() {
        return {ErrorCode::kInternal, "reading a finished search", "it asked for a measurement"};
    }
};

Result<SearchResult> searched(AutotuneRecord& record, const Setup& setup, TrialLoad& load,
                              const AutotuneOptions& options, std::vector<std::string>& caveats,
                              Progress& progress) {
    const AutotuneJob& job = record.job();
    if (record.past().check) {
        NobodyAsks nobody;
        return search(search_options(job, setup.space, record.spent_seconds()), setup.guard, nobody,
                      record.past(), record, progress);
    }
    const double begun = monotonic_seconds();
    const auto deadline =
        Deadline::after(Seconds{std::max(job.budget_seconds * kPatience, kShortestPatience)});
    HONE_TRY_ASSIGN(const TemporaryFolder folder, make_scratch_folder(record, options));
    HONE_TRY_ASSIGN(ScratchArena arena,
                    ScratchArena::make({.bin_directory = job.bin_directory,
                                        .parent_folder = folder.path(),
                                        .cache_folder = options.cache_folder,
                                        .memory_limit = options.memory_limit,
                                        .plan = record.plan(),
                                        .catalogue = setup.catalogue,
                                        .settings = entries_of(job.settings),
                                        .largest_buffers = largest_buffers(setup)},
                                       load, progress, deadline));
    caveats = arena.caveats();
    ComparingJudge judge(arena, {.screening_seconds = job.screening_seconds,
                                 .slice_seconds = job.slice_seconds,
                                 .writes = load.writes(),
                                 .operation = "transaction",
                                 .now_seconds = monotonic_seconds});
    const double spent = record.spent_seconds() + monotonic_seconds() - begun;
    return search(search_options(job, setup.space, spent), setup.guard, judge, record.past(),
                  record, progress);
}

std::vector<std::string> caveats_of_every_search(const AutotuneReport& report) {
    std::vector<std::string> caveats;
    caveats.emplace_back(
        "The servers and the load share this machine, and the page cache: a server that has the "
        "machine to itself has more of it.");
    if (report.result.candidate)
        caveats.push_back(fmt::format(
            "{} sets of values were looked at, and the best of many looks better than it is: only "
            "the check on fresh servers counts.",
            report.result.evaluations.size()));
    return caveats;
}

}  // namespace

Status check_budget(const AutotuneJob& job) {
    const double shortest = shortest_budget_seconds(job.slice_seconds);
    if (job.budget_seconds >= shortest) return {};
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("searching for {:.1f} minutes", job.budget_seconds / 60),
                 "there is no room for one evaluation and the check of it",
                 fmt::format("allow {:.1f} minutes or more", shortest / 60)};
}

Result<AutotuneRecord> begin_autotune(AutotuneJob job, const Plan& plan, const TrialLoad& load,
                                      const AutotuneOptions& options, Deadline deadline) {
    HONE_TRY(check_budget(job));
    HONE_TRY(agree_on_version(job, plan));
    job.load = load.description();
    share_out_budget(job);
    HONE_TRY_ASSIGN(const Setup setup, set_up(job, plan, load.writes(), options, deadline));
    job.space = setup.space.dimensions;
    return AutotuneRecord::create(options.state_directory, job, plan);
}

Result<AutotuneReport> run_autotune(AutotuneRecord& record, TrialLoad& load,
                                    const AutotuneOptions& options, Progress& progress) {
    const AutotuneJob& job = record.job();
    HONE_TRY_ASSIGN(Setup setup, set_up(job, record.plan(), load.writes(), options,
                                        Deadline::after(kCataloguePatience)));
    setup.space.dimensions = job.space;
    AutotuneReport report{
        .id = record.id(), .job = job, .plan = record.plan(), .space = setup.space};
    HONE_TRY_ASSIGN(report.result,
                    searched(record, setup, load, options, report.caveats, progress));
    for (std::string& caveat : caveats_of_every_search(report))
        report.caveats.push_back(std::move(caveat));
    if (!report.result.better()) return report;
    report.found =
        found_plan({.plan = record.plan(),
                    .catalogue = setup.catalogue,
                    .current = setup.current,
                    .id = record.id(),
                    .load = job.load},
                   setup.space, *report.result.candidate, *report.result.check, setup.guard);
    report.found_file = record.found_file();
    HONE_TRY(replace_file(report.found_file, plan_to_text(*report.found)));
    return report;
}

}  // namespace hone::prove
