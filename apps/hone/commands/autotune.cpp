#include "prove/autotune/autotune.hpp"

#include <fmt/format.h>

#include "autotune_load.hpp"
#include "autotune_table.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "host/detect.hpp"
#include "observe.hpp"
#include "plan_input.hpp"
#include "prove/autotune/report.hpp"
#include "server_state.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

constexpr double kSecondsPerMinute = 60;
constexpr double kPreparationSeconds = 900;  // data and boots, before a search is begun
// Seeds are written down as numbers that every JSON reader keeps.
constexpr std::uint64_t kSeedMask = (1ULL << 48U) - 1;

struct Machine {
    Bytes memory_limit;
    double cores = 1;
};

Result<Machine> this_machine() {
    const Host host = host::detect({.root = "/", .folder = {}, .probe = false}, silent_progress());
    if (host.memory.limit.known() && host.cpu.limit_cores.known())
        return Machine{*host.memory.limit.value, *host.cpu.limit_cores.value};
    return Error{ErrorCode::kFailedPrecondition, "sizing the scratch servers",
                 "the memory or the cores of this machine cannot be read",
                 "see hone detect for what is missing"};
}

prove::AutotuneOptions options_of(const Context& context, const Machine& machine) {
    return {.state_directory = context.state_directory,
            .cache_folder = {},
            .scratch_folder = {},
            .memory_limit = machine.memory_limit};
}

Result<Plan> plan_to_start_from(Context& context, const AutotuneArguments& arguments) {
    if (!arguments.plan.empty()) return read_plan(arguments.plan);
    PlanArguments plan_arguments;
    plan_arguments.reload_only = arguments.reload_only;
    HONE_TRY_ASSIGN(const Observation observation, observe(context, plan_arguments));
    return plan_from(observation);
}

Result<std::vector<std::pair<std::string, std::string>>> target_settings(
    const std::optional<postgres::Server>& server) {
    std::vector<std::pair<std::string, std::string>> settings;
    if (!server || server->config_file.empty()) return settings;
    HONE_TRY_ASSIGN(const auto files,
                    postgres::read_config_tree(server->config_file, server->auto_config_file));
    for (const auto& entry : postgres::detached_settings(files))
        settings.emplace_back(entry.name, entry.value);
    return settings;
}

Status deliver(Context& context, const AutotuneArguments& arguments,
               const prove::AutotuneReport& report) {
    if (report.found && !arguments.out.empty())
        HONE_TRY(replace_file(arguments.out, plan_to_text(*report.found)));
    if (context.machine_readable()) {
        context.print_json(prove::to_json(report));
        return {};
    }
    context.say("");
    context.print(autotune_as_table(report, context.use_color()));
    if (report.found)
        context.say(fmt::format("Next: hone apply {}", arguments.out.empty()
                                                           ? report.found_file.string()
                                                           : arguments.out.string()));
    return {};
}

Status search_and_report(Context& context, const AutotuneArguments& arguments,
                         prove::AutotuneRecord& record, prove::TrialLoad& load,
                         const prove::AutotuneOptions& options) {
    auto report = prove::run_autotune(record, load, options, context.progress());
    if (!report.ok()) {
        if (!record.past().check)
            context.say(
                fmt::format("What was measured is kept: hone autotune --resume {}", record.id()));
        return report.error();
    }
    return deliver(context, arguments, *report);
}

Status begin(Context& context, const AutotuneArguments& arguments) {
    const Deadline deadline = context.deadline(kPreparationSeconds);
    prove::AutotuneJob job;
    job.budget_seconds = arguments.budget_minutes * kSecondsPerMinute;
    HONE_TRY(prove::check_budget(job));
    HONE_TRY_ASSIGN(job.source, trial_source(arguments));
    HONE_TRY_ASSIGN(const Machine machine, this_machine());
    HONE_TRY_ASSIGN(const Plan plan, plan_to_start_from(context, arguments));
    HONE_TRY_ASSIGN(const auto server, server_here_for(context, plan, deadline));
    if (server) mention_open_journal(context, *server);
    HONE_TRY_ASSIGN(const fs::path programs, programs_for(context, plan, server));
    job.bin_directory = programs.string();
    HONE_TRY_ASSIGN(job.settings, target_settings(server));
    job.seed = arguments.seed.value_or(Random::fresh_seed()) & kSeedMask;
    job.reload_only = arguments.reload_only;
    if (server) job.source.copy_of = server->data_directory.string();
    HONE_TRY_ASSIGN(const auto load, trial_load(context, job, machine.cores, server, deadline));
    const auto options = options_of(context, machine);
    HONE_TRY_ASSIGN(auto record, prove::begin_autotune(job, plan, *load, options, deadline));
    context.say(fmt::format("Search {} begins: {:g} minutes under {}, seed {}.", record.id(),
                            arguments.budget_minutes, record.job().load, job.seed));
    return search_and_report(context, arguments, record, *load, options);
}

// Whose data a recording is replayed on: the one that is named now, else the one of the beginning.
Result<std::optional<postgres::Server>> server_of(const Context& context,
                                                  const prove::AutotuneJob& job,
                                                  Deadline deadline) {
    HONE_TRY_ASSIGN(auto named, server_named(context, deadline));
    if (named || job.source.kind != "workload" || job.source.copy_of.empty()) return named;
    HONE_TRY_ASSIGN(auto server,
                    postgres::locate_by_data_directory(job.source.copy_of, context.bin_directory));
    return std::optional(std::move(server));
}

Status resume(Context& context, const AutotuneArguments& arguments) {
    const Deadline deadline = context.deadline(kPreparationSeconds);
    HONE_TRY_ASSIGN(const Machine machine, this_machine());
    HONE_TRY_ASSIGN(auto record,
                    prove::AutotuneRecord::open(context.state_directory, arguments.resume));
    if (arguments.has_budget) HONE_TRY(record.extend(arguments.budget_minutes * kSecondsPerMinute));
    HONE_TRY_ASSIGN(const auto server, server_of(context, record.job(), deadline));
    HONE_TRY_ASSIGN(const auto load,
                    trial_load(context, record.job(), machine.cores, server, deadline));
    context.say(fmt::format("Search {} goes on after {} of its evaluations and {:.1f} minutes.",
                            record.id(), record.past().evaluations.size(),
                            record.spent_seconds() / kSecondsPerMinute));
    return search_and_report(context, arguments, record, *load, options_of(context, machine));
}

}  // namespace

int run_autotune(Context& context, const AutotuneArguments& arguments) {
    const Status status =
        arguments.resume.empty() ? begin(context, arguments) : resume(context, arguments);
    return status.ok() ? kOk : context.fail(status.error());
}

}  // namespace hone::app
