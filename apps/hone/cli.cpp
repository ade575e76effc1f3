// The files cli*.cpp alone include the command-line library: it costs ten seconds to compile.
#include "cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli_bench.hpp"
#include "commands.hpp"
#include "completion.hpp"
#include "config_options.hpp"
#include "context.hpp"

namespace hone::app {

namespace {

void add_global_options(CLI::App& app, Context& context) {
    const std::map<std::string, OutputFormat> formats{{"table", OutputFormat::kTable},
                                                      {"json", OutputFormat::kJson},
                                                      {"yaml", OutputFormat::kYaml}};
    app.add_option("-o,--output", context.output, "table, json or yaml")
        ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
        ->option_text("FORMAT");
    app.add_flag("-q,--quiet", context.quiet, "No progress, no talk: data and errors only");
    app.add_flag("-y,--yes", context.yes, "Answer yes to every question");
    app.add_flag("--no-input", context.no_input, "Never ask: fail where a question would come");
    app.add_flag("--dry-run", context.dry_run, "Do everything but change the target");
    app.add_option("--color", context.color, "auto, always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->option_text("WHEN");
    app.add_option("--timeout", context.timeout_seconds, "Give up after so many seconds")
        ->check(CLI::PositiveNumber)
        ->option_text("SECONDS");
    app.add_option("--target", context.target,
                   "Server to work on: a libpq connection string (PG* variables and .pgpass work)")
        ->option_text("CONNINFO");
    app.add_option("--data-dir", context.data_directory,
                   "Server to work on: its data folder, running or not")
        ->option_text("DIR");
    app.add_option("--bin-dir", context.bin_directory,
                   "Folder of the PostgreSQL programs to plan and check with")
        ->option_text("DIR");
    app.add_option("--config", "Read this file of options over those of /etc/hone")
        ->option_text("FILE");
    app.add_option("--state-dir", context.state_directory,
                   "Where reports, backups and journals are kept (default $HONE_STATE_DIR, else "
                   "/var/lib/hone for root, else ~/.local/state/hone)")
        ->option_text("DIR");
}

void add_detect(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand(
        "detect", "Read the machine: memory and CPU limits, storage, PostgreSQL clusters");
    auto arguments = std::make_shared<DetectArguments>();
    command
        ->add_option("--root", arguments->root,
                     "Read a recorded proc/ and sys/ tree instead of this machine")
        ->option_text("DIR");
    command
        ->add_option("--folder", arguments->folder,
                     "Folder whose device and file system are of interest")
        ->option_text("DIR");
    command->add_flag("--no-probe", arguments->no_probe,
                      "Do not measure the storage (it takes up to 2 s)");
    command->footer(
        "Examples:\n  hone detect\n  hone detect -o json --no-probe\n  hone detect --folder "
        "/var/lib/postgresql/15/main");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_detect(context, *arguments); });
}

void add_machine_options(CLI::App& command, PlanArguments& arguments) {
    command
        .add_option(
            "--profile", arguments.profile,
            "low-memory, standard, high-performance or custom (default: chosen from the machine)")
        ->option_text("NAME");
    command.add_option("--custom", arguments.custom_file, "TOML file of --profile custom")
        ->option_text("FILE");
    command
        .add_option(
            "--workload", arguments.workload,
            "ingest, oltp, read-mostly, analytics or mixed (default: inferred from statistics)")
        ->option_text("NAME");
    command
        .add_option("--memory", arguments.memory,
                    "Memory that PostgreSQL's machine has, instead of what was detected")
        ->option_text("SIZE");
    command
        .add_option("--cores", arguments.cores,
                    "Cores, instead of what was detected; may be fractional")
        ->option_text("N");
    command
        .add_option("--storage", arguments.storage,
                    "nvme, ssd or hdd, instead of what was measured")
        ->option_text("CLASS");
    command
        .add_option("--connections", arguments.connections,
                    "Client connections that the server must take")
        ->option_text("N");
    command
        .add_option("--pg-version", arguments.pg_version,
                    "Major version of a plan made without server and binaries (14 to 18)")
        ->option_text("N");
    command
        .add_option("--tenant", arguments.tenants,
                    "Another program's memory on the machine, as NAME=SIZE; may be repeated")
        ->option_text("NAME=SIZE");
    command.add_flag("--reload-only", arguments.reload_only,
                     "Leave out every setting that needs a restart");
    command.add_flag("--no-probe", arguments.no_probe, "Do not measure the storage");
}

void add_plan(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("plan", "Work out what should change, and why; changes nothing");
    auto arguments = std::make_shared<PlanArguments>();
    add_machine_options(*command, *arguments);
    command
        ->add_option("--format", arguments->format,
                     "table, conf (lines for postgresql.conf), alter-system or json (a plan for "
                     "check and apply)")
        ->check(CLI::IsMember({"table", "conf", "alter-system", "json"}))
        ->option_text("FORMAT");
    command
        ->add_option("--out", arguments->out,
                     "Write to this file instead of stdout (json unless --format says otherwise)")
        ->option_text("FILE");
    command->add_flag("--exit-code", arguments->exit_code_on_changes,
                      "Exit 10 where the plan has changes");
    command->footer(
        "Examples:\n  hone plan --data-dir /var/lib/postgresql/15/main --out plan.json\n"
        "  hone plan --target 'host=/var/run/postgresql user=postgres' --workload ingest --format "
        "conf\n"
        "  hone plan --memory 16GB --cores 8 --storage nvme --connections 200 --pg-version 17 "
        "--format conf");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_plan(context, *arguments); });
}

void add_explain(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("explain", "Say everything hone knows about one setting");
    auto setting = std::make_shared<std::string>();
    command->add_option("SETTING", *setting, "A setting's name")->required();
    command->footer(
        "Examples:\n  hone explain work_mem\n  hone explain max_wal_size --data-dir "
        "/var/lib/postgresql/15/main");
    command->callback(
        [&context, &exit_code, setting] { exit_code = run_explain(context, *setting); });
}

void add_check(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand(
        "check", "Boot a plan in a scratch instance, merged with the target's own files");
    auto arguments = std::make_shared<CheckArguments>();
    command->add_option("PLAN", arguments->plan, "A plan file")->required();
    command->footer(
        "Examples:\n  hone check plan.json\n  hone check plan.json --bin-dir "
        "/usr/lib/postgresql/15/bin -o json");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_check(context, *arguments); });
}

void add_apply(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand(
        "apply", "Back up, write, reload or restart, verify; undone by itself where it fails");
    auto arguments = std::make_shared<ApplyArguments>();
    command->add_option("PLAN", arguments->plan, "A plan file")->required();
    command->add_flag("--allow-restart", arguments->allow_restart, "The server may be restarted");
    command
        ->add_option("--method", arguments->method, "auto, file (hone's own file) or alter-system")
        ->check(CLI::IsMember({"auto", "file", "alter-system"}))
        ->option_text("METHOD");
    command->footer(
        "Examples:\n  hone apply plan.json\n  hone apply plan.json --yes --allow-restart\n  hone "
        "apply plan.json --dry-run");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_apply(context, *arguments); });
}

void add_rollback(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand("rollback", "Take an applied plan back, byte for byte");
    auto arguments = std::make_shared<RollbackArguments>();
    command->add_option("ID", arguments->id, "Which one, from hone history (default: the newest)");
    command->add_flag("--allow-restart", arguments->allow_restart, "The server may be restarted");
    command->footer(
        "Examples:\n  hone rollback\n  hone rollback 20261120T130501Z-3f2a --yes --allow-restart");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_rollback(context, *arguments); });
}

void add_recover(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("recover", "Finish or undo an apply that was interrupted");
    auto arguments = std::make_shared<RecoverArguments>();
    command->add_flag("--allow-restart", arguments->allow_restart, "The server may be restarted");
    command->footer("Examples:\n  hone recover\n  hone recover --yes --allow-restart");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_recover(context, *arguments); });
}

void add_history(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("history", "List what was applied, rolled back and interrupted");
    command->footer("Examples:\n  hone history\n  hone history -o json");
    command->callback([&context, &exit_code] { exit_code = run_history(context); });
}

void add_prove(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand(
        "prove", "Measure a plan against the present settings, on scratch servers of its own");
    auto arguments = std::make_shared<ProveArguments>();
    command->add_option("PLAN", arguments->plan, "A plan file")->required();
    command
        ->add_option("--seconds", arguments->seconds,
                     "How long to measure at most, all workloads together")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    command
        ->add_option("--precision", arguments->precision_percent,
                     "Stop earlier where the interval is within so many percent on both sides")
        ->check(CLI::Range(0.1, 50.0))
        ->option_text("PERCENT");
    command
        ->add_option("--load", arguments->workloads,
                     "read-only, read-write or bulk-upsert; may be repeated (default: all three)")
        ->check(CLI::IsMember({"read-only", "read-write", "bulk-upsert"}))
        ->option_text("NAME");
    command
        ->add_option("--scale", arguments->scale,
                     "Size of the data, as pgbench counts it: 16 MB each")
        ->check(CLI::Range(1, 10000))
        ->option_text("N");
    command->add_option("--seed", arguments->seed, "Repeat an earlier run's order and resampling")
        ->option_text("N");
    command->add_option("--report", arguments->report, "Where the HTML report goes")
        ->option_text("FILE");
    command->footer(
        "Examples:\n  hone prove plan.json\n  hone prove plan.json --seconds 300 --load "
        "bulk-upsert --report report.html");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_prove(context, *arguments); });
}

void add_autotune_source(CLI::App& command, AutotuneArguments& arguments) {
    command
        .add_option("--load", arguments.load,
                    "Search under one of pgbench's: read-only, read-write or bulk-upsert")
        ->check(CLI::IsMember({"read-only", "read-write", "bulk-upsert"}))
        ->option_text("NAME");
    command.add_option("--pack", arguments.pack, "Search under a pack: its name, or its folder")
        ->excludes("--load")
        ->option_text("NAME");
    command.add_option("--preset", arguments.preset, "Of the pack (default: its first)")
        ->needs("--pack")
        ->option_text("NAME");
    command.add_option("--volume", arguments.volume, "Of the pack's data (default: its first)")
        ->needs("--pack")
        ->option_text("NAME");
    command.add_option("--variant", arguments.variants, "Of the pack; may be repeated")
        ->needs("--pack")
        ->option_text("NAME=VALUE");
    command
        .add_option("--workload", arguments.workload,
                    "Search under a recorded workload, on copies of the data of --data-dir or "
                    "--target")
        ->excludes("--load")
        ->excludes("--pack")
        ->option_text("FILE");
    command.add_flag("--with-writes", arguments.with_writes, "Replay the recording's writes, too")
        ->needs("--workload");
    command
        .add_option("--scale", arguments.scale,
                    "Size of pgbench's data, as it counts it: 16 MB each")
        ->check(CLI::Range(1, 10000))
        ->option_text("N");
}

void add_autotune(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand(
        "autotune", "Search for better settings than the plan's, by measuring on scratch servers");
    auto arguments = std::make_shared<AutotuneArguments>();
    add_autotune_source(*command, *arguments);
    CLI::Option* budget =
        command
            ->add_option("--budget", arguments->budget_minutes,
                         "How long, all in all (default 30); with --resume: the new total")
            ->check(CLI::PositiveNumber)
            ->option_text("MINUTES");
    command->add_option("--plan", arguments->plan, "Where to start from (default: make one)")
        ->option_text("FILE");
    command->add_option("--out", arguments->out, "Where the found plan goes, too")
        ->option_text("FILE");
    command->add_option("--seed", arguments->seed, "Repeat an earlier search's order")
        ->option_text("N");
    command->add_flag("--reload-only", arguments->reload_only, "Leave alone what needs a restart");
    command->add_option("--resume", arguments->resume, "Go on with a search that was interrupted")
        ->option_text("ID");
    command->footer(
        "Examples:\n  hone autotune --pack kaspa --preset busy --budget 60\n  hone autotune --load "
        "read-write --plan plan.json --budget 20\n  hone autotune --resume "
        "20261120T130501Z-0000");
    command->callback([&context, &exit_code, arguments, budget] {
        arguments->has_budget = budget->count() > 0;
        exit_code = run_autotune(context, *arguments);
    });
}

void add_workload_record(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand(
        "record", "Record what a server is asked: from its log, or from pg_stat_statements");
    auto arguments = std::make_shared<WorkloadRecordArguments>();
    command->add_option("--from", arguments->from, "log (CSV or JSON) or statements")
        ->check(CLI::IsMember({"log", "statements"}))
        ->option_text("SOURCE")
        ->required();
    command->add_option("LOG", arguments->files, "Log files of --from log");
    command->add_option("--out", arguments->out, "Where the workload file goes")
        ->option_text("FILE")
        ->required();
    command->add_option("--seconds", arguments->seconds, "How long --from statements watches")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    command
        ->add_option("--database", arguments->database,
                     "Which database of the log (default: the one with the most transactions)")
        ->option_text("NAME");
    command->add_flag("--anonymise", arguments->anonymise,
                      "Replace every value by one made from its keyed hash");
    command->footer(
        "Examples:\n  hone workload record --from log /var/log/postgresql/postgresql.csv --out "
        "shop.workload\n  hone workload record --from statements --target 'dbname=shop' --seconds "
        "300 --out shop.workload");
    command->callback([&context, &exit_code, arguments] {
        exit_code = run_workload_record(context, *arguments);
    });
}

void add_workload(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("workload", "Record a server's own workload, to replay it on a copy");
    command->require_subcommand(1);
    add_workload_record(*command, context, exit_code);
    CLI::App* show = command->add_subcommand("show", "Say what a workload file holds");
    auto file = std::make_shared<std::filesystem::path>();
    show->add_option("FILE", *file, "A workload file")->required();
    show->footer(
        "Examples:\n  hone workload show shop.workload\n  hone workload show "
        "shop.workload -o json");
    show->callback([&context, &exit_code, file] { exit_code = run_workload_show(context, *file); });
}

void add_demo(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command =
        app.add_subcommand("demo", "Show everything on a private cluster; touches nothing else");
    auto arguments = std::make_shared<DemoArguments>();
    command->add_option("--seconds", arguments->seconds, "How long to measure")
        ->check(CLI::PositiveNumber)
        ->option_text("N");
    command->add_option("--report", arguments->report, "Where the HTML report goes")
        ->option_text("FILE");
    command->footer("Examples:\n  hone demo\n  hone demo --seconds 60 --report demo.html");
    command->callback(
        [&context, &exit_code, arguments] { exit_code = run_demo(context, *arguments); });
}

void add_config(CLI::App& app, Context& context, int& exit_code,
                const Configuration& configuration) {
    CLI::App* command =
        app.add_subcommand("config", "Show what hone.toml and HONE_* variables say");
    command->require_subcommand(1);
    CLI::App* show = command->add_subcommand("show", "List every option that a file may set");
    auto with_origin = std::make_shared<bool>(false);
    show->add_flag("--origin", *with_origin, "Also say where each value comes from");
    const char* examples =
        "Examples:\n  hone config show --origin\n  hone config show --config ./hone.toml -o json";
    command->footer(examples);
    show->footer(examples);
    show->callback([&app, &context, &exit_code, &configuration, with_origin] {
        exit_code = run_config_show(context, effective_options(app, configuration), *with_origin);
    });
}

void add_completion(CLI::App& app, Context& context, int& exit_code) {
    CLI::App* command = app.add_subcommand(
        "completion", "Print a script with which a shell completes hone's words");
    auto shell = std::make_shared<std::string>();
    command->add_option("SHELL", *shell, "bash, zsh or fish")->required();
    command->footer(
        "Examples:\n  source <(hone completion bash)\n  hone completion fish > "
        "~/.config/fish/completions/hone.fish");
    command->callback([&app, &context, &exit_code, shell] {
        const auto script = completion_script(app, *shell);
        if (script.ok()) context.print(*script);
        exit_code = script.ok() ? kOk : context.fail(script.error());
    });
}

bool asks_for_help(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc, [](std::string_view word) {
        return word == "-h" || word == "--help" || word == "--version";
    });
}

// Help must be there also where a file is wrong.
Result<Configuration> configure(CLI::App& app, Context& context, int argc, char** argv) {
    if (asks_for_help(argc, argv)) return Configuration{};
    const ConfigSources sources = config_sources(argc, argv);
    const auto options = configurable_options(app);
    HONE_TRY_ASSIGN(Configuration configuration, read_configuration(sources, options));
    HONE_TRY(apply_configuration(app, configuration));
    for (const std::string& name : unknown_variables(sources, options))
        context.say(fmt::format("Note: {} is no option of hone's.", name));
    return configuration;
}

}  // namespace

int run_command_line(int argc, char** argv, Context& context) {
    int exit_code = kOk;
    CLI::App app{
        "hone makes a database fast and proves it: detect, plan, check, prove, apply, and an undo "
        "for everything."};
    app.set_version_flag("--version", std::string("hone " HONE_VERSION));
    app.require_subcommand(1);
    app.fallthrough();
    add_global_options(app, context);
    add_detect(app, context, exit_code);
    add_plan(app, context, exit_code);
    add_explain(app, context, exit_code);
    add_check(app, context, exit_code);
    add_prove(app, context, exit_code);
    add_autotune(app, context, exit_code);
    add_bench(app, context, exit_code);
    add_apply(app, context, exit_code);
    add_rollback(app, context, exit_code);
    add_recover(app, context, exit_code);
    add_history(app, context, exit_code);
    add_workload(app, context, exit_code);
    add_demo(app, context, exit_code);
    Configuration configuration;
    add_config(app, context, exit_code, configuration);
    add_completion(app, context, exit_code);
    auto configured = configure(app, context, argc, argv);
    if (!configured.ok()) return context.fail(configured.error());
    configuration = std::move(configured).value();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kOk : kUsage;
    }
    return exit_code;
}

}  // namespace hone::app
