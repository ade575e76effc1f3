// hone_tuners_bench - hone's plan against the other tuners' settings, on this machine, now.
#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "bench/tuners/report.hpp"
#include "engines/postgres/server.hpp"

namespace hone::bench {

namespace {

constexpr double kLongForm = 165;  // seconds for each load: 25 minutes in all
constexpr double kShortForm = 60;  // 10 minutes in all
constexpr Seconds kLongestRun{4 * 3600.0};
constexpr std::string_view kBuildCache = "/var/cache/hone-boot-matrix";

class LineProgress final : public Progress {
  public:
    void step(std::string_view what) override {
        fmt::print(stderr, "{:7.1f} s  {}\n", monotonic_seconds() - begun_, what);
    }
    void update(double, std::string_view) override {}

  private:
    double begun_ = monotonic_seconds();
};

struct Arguments {
    ExperimentOptions experiment;
    std::string memory = "2GB";
    std::vector<std::string> variants;
    std::string output = "table";
    std::filesystem::path write;
    bool quick = false;
    bool boots = false;
    bool only_boots = false;
};

int fail(const Error& error) {
    fmt::print(stderr, "hone_tuners_bench: {}\n", error.message());
    return error.code() == ErrorCode::kCancelled ? 130 : 1;
}

// Of equal versions the first: what a package installed, and not what PATH leads to.
std::filesystem::path newest_installation() {
    std::filesystem::path newest;
    int version = 0;
    for (const auto& folder : postgres::installed_bin_directories()) {
        const auto text = postgres::version_of_binary(folder);
        const auto major = text.ok() ? postgres::major_version_of(*text) : Result<int>(0);
        if (major.value_or(0) <= version) continue;
        newest = folder;
        version = *major;
    }
    return newest;
}

Status finish(Arguments& arguments) {
    if (arguments.memory != "none") {
        HONE_TRY_ASSIGN(arguments.experiment.memory, parse_bytes(arguments.memory));
    }
    for (const std::string& text : arguments.variants) {
        HONE_TRY_ASSIGN(Variant variant, parse_variant(text));
        arguments.experiment.variants.push_back(std::move(variant));
    }
    auto& bin_directory = arguments.experiment.bin_directory;
    if (bin_directory.empty()) bin_directory = newest_installation();
    if (bin_directory.empty())
        return Error{ErrorCode::kNotFound, "looking for PostgreSQL", "no installation was found",
                     "name its folder with --bin-dir"};
    return {};
}

Result<std::vector<BootRow>> boots_of(const Arguments& arguments, Progress& progress) {
    if (!arguments.boots && !arguments.only_boots) return std::vector<BootRow>{};
    HONE_TRY_ASSIGN(const Machine machine, look_at_machine(arguments.experiment.scratch_folder,
                                                           arguments.experiment.memory));
    const TunerInput told{.memory = machine.facts.memory_limit,
                          .cores = std::max(1, static_cast<int>(machine.facts.cores)),
                          .storage = machine.facts.storage,
                          .connections = arguments.experiment.connections,
                          .data = machine.facts.memory_limit / 2};
    return try_boots(builds_found(kBuildCache), told, arguments.experiment.scratch_folder, progress,
                     Deadline::after(kLongestRun));
}

Status deliver(const Arguments& arguments, const Outcome& outcome,
               const std::vector<BootRow>& boots, const std::string& command) {
    if (!arguments.write.empty())
        HONE_TRY(write_section(arguments.write, report_markdown(outcome, boots, command)));
    fmt::print("{}", arguments.output == "json" ? to_json_text(report_json(outcome, boots))
                                                : report_text(outcome, boots));
    return {};
}

Status run(Arguments& arguments, const std::string& command) {
    HONE_TRY(finish(arguments));
    LineProgress progress;
    HONE_TRY_ASSIGN(const auto boots, boots_of(arguments, progress));
    Outcome outcome;
    outcome.options = arguments.experiment;
    if (!arguments.only_boots) {
        HONE_TRY_ASSIGN(
            outcome, run_experiment(arguments.experiment, progress, Deadline::after(kLongestRun)));
    }
    return deliver(arguments, outcome, boots, command);
}

void add_options(CLI::App& app, Arguments& arguments) {
    ExperimentOptions& options = arguments.experiment;
    options.seconds = 0;
    app.add_option("--seconds", options.seconds,
                   "of measuring for each load (165: 25 minutes in all)");
    app.add_flag("--quick", arguments.quick, "60 s for each load: 10 minutes in all");
    app.add_option("--workloads", options.loads,
                   "only loads with one of these words in their names")
        ->delimiter(',');
    app.add_option("--memory", arguments.memory, "of each server, or none for no limit")
        ->capture_default_str();
    app.add_option("--disk-iops", options.disk_iops, "brake the disk to so many a second")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--scale", options.scale, "of the data, as a factor")
        ->check(CLI::PositiveNumber);
    app.add_option("--connections", options.connections, "that every tool is told")
        ->check(CLI::Range(10, 1000))
        ->capture_default_str();
    app.add_option("--seed", options.seed, "of data, order and loads");
    app.add_option("--also", arguments.variants,
                   "another subject: a tool with settings changed, as in 'hone jit=on'");
    app.add_flag("!--no-others", options.others, "leave the other tools out");
    app.add_option("--keep", options.kept_data,
                   "folder that keeps the filled data for the next run");
    app.add_option("--scratch", options.scratch_folder, "folder for the servers")
        ->capture_default_str();
    app.add_option("--bin-dir", options.bin_directory, "folder of the server's programs");
    app.add_flag("--boots", arguments.boots,
                 "boot every tool's settings on every build found, too");
    app.add_flag("--only-boots", arguments.only_boots, "nothing but that");
    app.add_option("-o", arguments.output, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    app.add_option("--write", arguments.write, "Markdown file whose section is replaced");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"hone's plan against the other tuners' settings, measured on this machine"};
    Arguments arguments;
    add_options(app, arguments);
    CLI11_PARSE(app, argc, argv);
    if (arguments.experiment.seconds <= 0)
        arguments.experiment.seconds = arguments.quick ? kShortForm : kLongForm;
    if (app.count("--seed") == 0) arguments.experiment.seed = Random::fresh_seed() % 1000000;
    std::string command = "hone_tuners_bench";
    for (int at = 1; at < argc; ++at) command += fmt::format(" {}", argv[at]);
    const Status status = run(arguments, command);
    return status.ok() ? 0 : fail(status.error());
}

}  // namespace hone::bench

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    hone::stop_at_next_wait_on_interrupt();
    return hone::bench::main(argc, argv);
}
