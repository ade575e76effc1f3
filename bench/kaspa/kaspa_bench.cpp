// hone_kaspa_bench - what has been promised about a Kaspa indexer's database, measured on this
// machine: what the mappings cost, what pruning leaves, what tuning gives.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "bench/kaspa/ingest.hpp"
#include "bench/kaspa/pruning.hpp"
#include "bench/kaspa/sizes.hpp"
#include "engines/postgres/server.hpp"
#include "model/plan.hpp"

namespace hone::bench {

namespace {

constexpr Seconds kLongestRun{6 * 3600.0};

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
    Laboratory laboratory;
    std::vector<std::string> sections{"sizes", "pruning", "ingest"};
    std::filesystem::path plan;
    bool wants(const std::string& section) const {
        return std::find(sections.begin(), sections.end(), section) != sections.end();
    }
};

Result<Settings> settings_of_plan(const Arguments& arguments, Progress& progress) {
    if (arguments.plan.empty()) return plan_for_ingest(arguments.laboratory, progress);
    HONE_TRY_ASSIGN(const std::string text, read_file(arguments.plan));
    HONE_TRY_ASSIGN(const Plan plan, plan_from_text(text, arguments.plan.string()));
    Settings settings;
    for (const Change& change : plan.changes)
        settings.push_back({change.setting, change.to, {}, 0});
    return settings;
}

Status run(Arguments& arguments) {
    Laboratory& laboratory = arguments.laboratory;
    if (laboratory.bin_directory.empty() && !postgres::installed_bin_directories().empty())
        laboratory.bin_directory = postgres::installed_bin_directories().back();
    HONE_TRY_ASSIGN(laboratory.owner, postgres::scratch_owner());
    LineProgress progress;
    const Deadline deadline = Deadline::after(kLongestRun);
    fmt::print("packs/kaspa, volume {}, seed {}\n\n", laboratory.volume, laboratory.seed);
    if (arguments.wants("sizes")) {
        HONE_TRY_ASSIGN(const auto sizes, measure_sizes(laboratory, progress, deadline));
        fmt::print("{}\n", sizes_text(sizes));
        std::fflush(stdout);
    }
    if (arguments.wants("pruning")) {
        HONE_TRY_ASSIGN(const auto report, measure_pruning(laboratory, progress, deadline));
        fmt::print("{}\n", pruning_text(report));
        std::fflush(stdout);
    }
    if (arguments.wants("ingest")) {
        HONE_TRY_ASSIGN(const Settings planned, settings_of_plan(arguments, progress));
        HONE_TRY_ASSIGN(const auto report, measure_ingest(laboratory, planned, progress, deadline));
        fmt::print("{}", ingest_text(report));
    }
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    stop_at_next_wait_on_interrupt();
    Arguments arguments;
    CLI::App app{"What a Kaspa indexer's database takes, keeps and gives back, on this machine"};
    Laboratory& laboratory = arguments.laboratory;
    app.add_option("--volume", laboratory.volume, "of the pack: tiny, laptop, 1m, 10m")
        ->capture_default_str();
    app.add_option("--seconds", laboratory.seconds,
                   "of the ingest measurement (60: the whole bench takes about two minutes)")
        ->check(CLI::Range(30.0, 36000.0))
        ->capture_default_str();
    app.add_option("--sections", arguments.sections, "sizes, pruning, ingest")
        ->delimiter(',')
        ->check(CLI::IsMember({"sizes", "pruning", "ingest"}));
    app.add_option("--plan", arguments.plan,
                   "a plan's file, instead of one made for this machine here");
    app.add_option("--seed", laboratory.seed, "of the data")->capture_default_str();
    app.add_option("--scratch", laboratory.scratch_folder, "folder for the servers")
        ->capture_default_str();
    app.add_option("--bin-dir", laboratory.bin_directory, "folder of the server's programs");
    CLI11_PARSE(app, argc, argv);
    const Status status = run(arguments);
    if (status.ok()) return 0;
    fmt::print(stderr, "hone_kaspa_bench: {}\n", status.error().message());
    return status.error().code() == ErrorCode::kCancelled ? 130 : 1;
}

}  // namespace hone::bench

int main(int argc, char** argv) {
    return hone::bench::main(argc, argv);
}
