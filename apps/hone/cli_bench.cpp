#include "cli_bench.hpp"

#include <CLI/CLI.hpp>

#include "commands.hpp"

namespace hone::app {

namespace {

void add_work_options(CLI::App& command, BenchWorkArguments& work) {
    command.add_option("--pack", work.pack, "A built-in pack's name, or a folder with a pack")
        ->option_text("NAME");
    command
        .add_option("--preset", work.preset, "How hard it is loaded (default: the pack's first)")
        ->option_text("NAME");
    command.add_option("--volume", work.volume, "How much data (default: the pack's first)")
        ->option_text("NAME");
    command
        .add_option("--variant", work.variants,
                    "A choice that the pack offers, as NAME=VALUE; may be repeated")
        ->option_text("NAME=VALUE");
    command
        .add_option(
            "--workload", work.workload_file,
            "Instead of a pack: a recording, replayed on a copy of the server that --target "
            "or --data-dir names")
        ->option_text("FILE");
    command.add_flag("--with-writes", work.with_writes,
                     "Replay the recording's writes, too (on the copy)");
    command
        .add_option("--rate-factor,--speed", work.rate_factor,
                    "So many times the preset's rates, or the recording's speed")
        ->check(CLI::PositiveNumber)
        ->option_text("X");
    command.add_option("--connections", work.connections, "Connections to the server")
        ->check(CLI::Range(1, 10000))
        ->option_text("N");
    command.add_option("--seed", work.seed, "Repeat an earlier run's data, arrivals and order")
        ->option_text("N");
}

void add_run_options(CLI::App& command, BenchRunArguments& arguments) {
    command
        .add_option("--settings,--plan,--conf", arguments.configuration,
                    "default, current (of the named server), a plan file or a postgresql.conf")
        ->option_text("WHAT");
    command.add_option("--seconds", arguments.seconds, "How long to load it, warm-up included")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    command.add_option("--threads", arguments.threads, "Of the load generator")
        ->check(CLI::Range(1, 256))
        ->option_text("N");
    command.add_option("--report", arguments.report, "Where the HTML report goes, too")
        ->option_text("FILE");
    command
        .add_option("--save-baseline", arguments.save_baseline,
                    "Keep the result under this name, measured beside a reference server")
        ->option_text("NAME");
    command
        .add_option("--against", arguments.against,
                    "Hold the result against that baseline: exit 9 on a regression")
        ->option_text("NAME");
    command
        .add_option("--reference-seconds", arguments.reference_seconds,
                    "How long to measure beside the reference (default: as --seconds)")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
}

void add_run(CLI::App& bench, Context& context, int& exit_code) {
    CLI::App* command = bench.add_subcommand(
        "run", "Load a scratch server with a pack or a recording, and tell how it did");
    auto arguments = std::make_shared<BenchRunArguments>();
    add_work_options(*command, arguments->work);
    add_run_options(*command, *arguments);
    command->footer(
        "Examples:\n  hone bench run --pack kaspa --preset busy\n  hone bench run --pack kaspa "
        "--preset saturated --plan plan.json --seconds 120\n  hone bench run --pack kaspa "
        "--save-baseline before\n  hone bench run --pack kaspa --conf tuned.conf --against "
        "before\n  hone bench run --workload shop.workload --data-dir "
        "/var/lib/postgresql/15/main");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_bench_run(context, *arguments); });
}

void add_compare(CLI::App& bench, Context& context, int& exit_code) {
    CLI::App* command = bench.add_subcommand(
        "compare", "One configuration against another under one load, or two results side by side");
    auto arguments = std::make_shared<BenchCompareArguments>();
    command
        ->add_option("A", arguments->a,
                     "default, current, a plan file, a postgresql.conf; or a result's id")
        ->required();
    command->add_option("B", arguments->b, "What is held against A")->required();
    add_work_options(*command, arguments->work);
    command
        ->add_option("--seconds", arguments->seconds,
                     "How long to measure, all three servers together")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    command->footer(
        "Examples:\n  hone bench compare default plan.json --pack kaspa\n  hone bench compare "
        "20261120T130501Z-0000 20261120T140501Z-0000");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_bench_compare(context, *arguments); });
}

}  // namespace

void add_bench(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* bench =
        app.add_subcommand("bench", "Measure what a server does under a service's load");
    bench->require_subcommand(1);
    bench->fallthrough();
    add_run(*bench, context, exit_code);
    add_compare(*bench, context, exit_code);
    CLI::App* list = bench->add_subcommand("list", "List the results that were kept");
    list->footer("Examples:\n  hone bench list\n  hone bench list -o json");
    list->callback([&context, &exit_code] { exit_code = run_bench_list(context); });
}

}  // namespace hone::app
