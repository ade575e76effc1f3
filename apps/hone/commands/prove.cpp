#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.hpp"
#include "base/random.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "host/detect.hpp"
#include "plan_input.hpp"
#include "prove/experiment.hpp"
#include "prove/report.hpp"
#include "server_state.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

// Beside the measuring: data, boots, warming up, and slices that take longer than asked.
constexpr double kPreparationSeconds = 900;
constexpr double kSlack = 2;

Result<prove::ProveOptions> prove_options(Context& context, const ProveArguments& arguments,
                                          const Plan& plan, Deadline deadline) {
    prove::ProveOptions options;
    HONE_TRY_ASSIGN(options.server, server_here_for(context, plan, deadline));
    if (options.server) mention_open_journal(context, *options.server);
    HONE_TRY_ASSIGN(options.bin_directory, programs_for(context, plan, options.server));
    const Host machine =
        host::detect({.root = "/", .folder = {}, .probe = false}, silent_progress());
    if (!machine.memory.limit.known() || !machine.cpu.limit_cores.known())
        return Error{ErrorCode::kFailedPrecondition, "sizing the scratch servers",
                     "the memory or the cores of this machine cannot be read",
                     "see hone detect for what is missing"};
    options.memory_limit = *machine.memory.limit.value;
    options.cores = *machine.cpu.limit_cores.value;
    options.seconds = arguments.seconds;
    options.wanted_half_width = arguments.precision_percent / 100;
    options.loads = arguments.workloads;
    options.scale = arguments.scale;
    options.seed = arguments.seed.value_or(Random::fresh_seed());
    return options;
}

// As a person would type it, without what is the default.
std::string repeating_command(const ProveArguments& arguments, const Evidence& evidence) {
    std::string command =
        fmt::format("hone prove {} --seed {} --seconds {:g} --scale {}", arguments.plan.string(),
                    evidence.seed, arguments.seconds, arguments.scale);
    if (arguments.precision_percent > 0)
        command += fmt::format(" --precision {:g}", arguments.precision_percent);
    for (const std::string& load : arguments.workloads) command += " --load " + load;
    return command;
}

// Found out before minutes of measuring, not after.
Result<fs::path> report_file(const Context& context, const ProveArguments& arguments,
                             const Plan& plan) {
    fs::path file = arguments.report;
    if (file.empty()) {
        HONE_TRY(make_folders(context.state_directory / "reports"));
        file = context.state_directory / "reports" / (plan.id() + ".html");
    }
    file = fs::absolute(file);
    if (::access(file.parent_path().c_str(), W_OK) != 0)
        return error_from_errno(errno, "writing the report '" + file.string() + "'",
                                "name a file in a folder that can be written with --report");
    return file;
}

// Documented in docs/reference/prove.md.
int exit_code_of(const Evidence& evidence) {
    const auto count = [&](Verdict verdict) {
        return std::ranges::count(evidence.workloads, verdict,
                                  [](const auto& workload) { return workload.effect.verdict; });
    };
    if (count(Verdict::kSlower) > 0) return kRegression;
    const auto not_run = count(Verdict::kNotRun);
    if (not_run == 0) return kOk;
    return not_run == std::ssize(evidence.workloads) ? kInvalidInput : kPartial;
}

Result<int> prove_and_report(Context& context, const ProveArguments& arguments) {
    const Deadline deadline = context.deadline(arguments.seconds * kSlack + kPreparationSeconds);
    HONE_TRY_ASSIGN(const Plan plan, read_plan(arguments.plan));
    HONE_TRY_ASSIGN(const fs::path report, report_file(context, arguments, plan));
    HONE_TRY_ASSIGN(const auto options, prove_options(context, arguments, plan, deadline));
    HONE_TRY_ASSIGN(const Evidence evidence,
                    prove::prove(plan, options, context.progress(), deadline));
    HONE_TRY(replace_file(
                 report, prove::report_html(plan, evidence, repeating_command(arguments, evidence)))
                 .with_context("writing the report"));
    if (context.machine_readable()) {
        json::object document = to_json(evidence);
        document["report"] = report.string();
        context.print_json(document);
    } else {
        context.say("");
        context.print(prove::report_text(evidence, context.use_color()));
        context.print("\n  Report: " + report.string());
    }
    return exit_code_of(evidence);
}

}  // namespace

int run_prove(Context& context, const ProveArguments& arguments) {
    const auto exit_code = prove_and_report(context, arguments);
    return exit_code.ok() ? *exit_code : context.fail(exit_code.error());
}

}  // namespace hone::app
