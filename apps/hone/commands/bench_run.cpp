#include <fmt/format.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "bench_support.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "prove/bench/regression.hpp"
#include "prove/bench/report.hpp"
#include "prove/bench/run.hpp"
#include "prove/bench/store.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

// Beside the load itself: data for up to four servers, boots, the last answers.
constexpr double kPreparationSeconds = 3600;
constexpr double kSlack = 2;
// With a reference, three more servers.
constexpr int kServersWithReference = 4;

bool wants_reference(const BenchRunArguments& arguments) {
    return !arguments.save_baseline.empty() || !arguments.against.empty() ||
           arguments.reference_seconds.has_value();
}

double reference_seconds(const BenchRunArguments& arguments) {
    return wants_reference(arguments) ? arguments.reference_seconds.value_or(arguments.seconds) : 0;
}

std::string configuration_word(const BenchRunArguments& arguments, const BenchGround& ground) {
    if (!arguments.configuration.empty()) return arguments.configuration;
    return ground.base.current ? "current" : "default";
}

Result<prove::BenchRunOptions> run_options(const BenchRunArguments& arguments,
                                           const BenchGround& ground, std::uint64_t seed) {
    prove::BenchRunOptions options;
    HONE_TRY_ASSIGN(options.configuration,
                    prove::read_configuration(configuration_word(arguments, ground), ground.base));
    options.seconds = arguments.seconds;
    options.connections = arguments.work.connections;
    options.threads = arguments.threads;
    options.seed = seed;
    if (wants_reference(arguments)) options.reference_seconds = reference_seconds(arguments);
    return options;
}

std::string repeating_command(const Context& context, const BenchRunArguments& arguments,
                              const prove::BenchResult& result) {
    std::string command = "hone bench run" +
                          work_as_options(arguments.work, result.key, result.seed) +
                          fmt::format(" --seconds {:g}", arguments.seconds);
    if (!context.data_directory.empty())
        command += " --data-dir " + context.data_directory.string();
    if (!arguments.configuration.empty()) command += " --settings " + arguments.configuration;
    return command;
}

struct Kept {
    prove::BenchResult result;
    fs::path report;
    std::optional<prove::Regression> regression;
};

// What is missing is found out before minutes of measuring, not after.
Result<std::optional<prove::BenchResult>> prepare(const prove::BenchStore& store,
                                                  const BenchRunArguments& arguments) {
    HONE_TRY(store.prepare());
    if (!arguments.save_baseline.empty())
        HONE_TRY(prove::check_baseline_name(arguments.save_baseline));
    if (arguments.against.empty()) return std::optional<prove::BenchResult>{};
    HONE_TRY_ASSIGN(auto baseline, store.baseline(arguments.against));
    return std::optional(std::move(baseline));
}

Status keep(const prove::BenchStore& store, const BenchRunArguments& arguments,
            const std::optional<prove::BenchResult>& baseline, Kept& kept) {
    HONE_TRY_ASSIGN(const fs::path folder, store.save(kept.result, prove::result_page));
    kept.report = folder / "report.html";
    if (!arguments.report.empty()) {
        kept.report = fs::absolute(arguments.report);
        HONE_TRY(replace_file(kept.report, prove::result_page(kept.result))
                     .with_context("writing the report"));
    }
    if (baseline) {
        HONE_TRY_ASSIGN(kept.regression, prove::judge_regression(*baseline, kept.result));
    }
    if (arguments.save_baseline.empty()) return {};
    return store.save_baseline(arguments.save_baseline, kept.result);
}

json::object document_of(const Kept& kept) {
    json::object document = to_json(kept.result);
    document["report"] = kept.report.string();
    if (kept.regression) document["regression"] = to_json(*kept.regression);
    return document;
}

void print_tables(Context& context, const BenchRunArguments& arguments, const Kept& kept) {
    context.say("");
    context.print(prove::result_text(kept.result, context.use_color()));
    if (kept.regression) {
        context.print(fmt::format("\n  Against baseline {}: {}", arguments.against,
                                  kept.regression->sentence));
        for (const std::string& caveat : kept.regression->caveats) context.print("    - " + caveat);
    }
    if (!arguments.save_baseline.empty())
        context.print(fmt::format("\n  Baseline {} saved.", arguments.save_baseline));
    context.print(fmt::format("\n  Result {}; report: {}", kept.result.id, kept.report.string()));
}

int exit_code_of(const Kept& kept) {
    if (!kept.regression) return kOk;
    switch (kept.regression->verdict) {
        case prove::RegressionVerdict::kRegression:
            return kRegression;
        case prove::RegressionVerdict::kCannotTell:
            return kPartial;
        case prove::RegressionVerdict::kNoneFound:
            break;
    }
    return kOk;
}

Result<int> run_and_report(Context& context, const BenchRunArguments& arguments) {
    const Deadline deadline = context.deadline(
        (arguments.seconds + reference_seconds(arguments)) * kSlack + kPreparationSeconds);
    const prove::BenchStore store(context.state_directory);
    HONE_TRY(check_work(arguments.work));
    HONE_TRY_ASSIGN(const auto baseline, prepare(store, arguments));
    HONE_TRY_ASSIGN(const BenchGround ground, bench_ground(context, deadline));
    const std::uint64_t seed =
        arguments.work.seed.value_or(baseline ? baseline->seed : Random::fresh_seed());
    HONE_TRY_ASSIGN(const auto options, run_options(arguments, ground, seed));
    HONE_TRY_ASSIGN(const auto source,
                    bench_source(context, arguments.work, ground, seed,
                                 wants_reference(arguments) ? kServersWithReference : 1, deadline));
    Kept kept;
    HONE_TRY_ASSIGN(kept.result,
                    prove::run_bench(*source, ground.place, options, context.progress(), deadline));
    kept.result.command = repeating_command(context, arguments, kept.result);
    HONE_TRY(keep(store, arguments, baseline, kept));
    if (context.machine_readable())
        context.print_json(document_of(kept));
    else
        print_tables(context, arguments, kept);
    return exit_code_of(kept);
}

}  // namespace

int run_bench_run(Context& context, const BenchRunArguments& arguments) {
    const auto exit_code = run_and_report(context, arguments);
    return exit_code.ok() ? *exit_code : context.fail(exit_code.error());
}

}  // namespace hone::app
