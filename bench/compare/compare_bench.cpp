// hone_compare_bench - records slices of equal servers beside a neighbour that comes and goes, for
// the trials of the statistics; and says what the statistics can see.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "bench/compare/power.hpp"
#include "bench/compare/recording.hpp"

namespace hone::bench {

namespace {

constexpr double kSlack = 3;  // of the slices' own time, for a busy machine
constexpr Seconds kPreparation{600};

class LineProgress final : public Progress {
  public:
    void step(std::string_view what) override { fmt::print(stderr, "  {}\n", what); }
    void update(double fraction, std::string_view detail) override {
        if (monotonic_seconds() - printed_at_ < kLineSeconds) return;
        fmt::print(stderr, "  {:3.0f} % {}\n", fraction * 100, detail);
        printed_at_ = monotonic_seconds();
    }

  private:
    static constexpr double kLineSeconds = 10;
    double printed_at_ = 0;
};

Status record_to(const RecordingOptions& options, const std::filesystem::path& file) {
    const Seconds slices{options.rounds * kEqualServers * kSlack};
    LineProgress progress;
    HONE_TRY_ASSIGN(const Recording recording,
                    record(options, progress, Deadline::after(slices + kPreparation)));
    HONE_TRY(replace_file(file, to_json_line(to_json(recording)) + "\n"));
    fmt::print("{}", summary_of(recording));
    return {};
}

int run(int count, char** arguments) {
    RecordingOptions options;
    options.bin_directory = "/usr/lib/postgresql/15/bin";
    options.seed = Random::fresh_seed();
    HogOptions hog;
    std::filesystem::path file;
    int trials = 500;
    CLI::App app{"Records slices of equal scratch servers, and says what the statistics can see"};
    app.require_subcommand(1);
    CLI::App* recording = app.add_subcommand("record", "Record, and write the rates to FILE");
    recording->add_option("FILE", file, "Where the rates go")->required();
    recording->add_option("--load", options.load, "read-only, read-write or bulk-upsert");
    recording->add_option("--rounds", options.rounds, "Three slices of 1 s each")
        ->check(CLI::Range(prove::kFewestPairs, 10000));
    recording->add_option("--scale", options.scale, "Of the data")->check(CLI::Range(1, 1000));
    recording->add_option("--cores", options.cores, "Two clients for each");
    recording->add_option("--bin-dir", options.bin_directory, "PostgreSQL's programs");
    recording->add_option("--seed", options.seed, "Of the order and the hog");
    recording->add_option("--hog-threads", hog.threads, "0: no hog");
    recording->add_option("--hog-seconds", hog.mean_seconds, "Mean of its bursts and pauses");
    CLI::App* power = app.add_subcommand("power", "Print how often 10 % are found, simulated");
    power->add_option("--trials", trials, "For each cell")->check(CLI::Range(10, 100000));
    power->add_option("--seed", options.seed, "Of the trials");
    CLI::App* hogging = app.add_subcommand("hog", "")->group("");
    hogging->add_option("--threads", hog.threads);
    hogging->add_option("--mean-seconds", hog.mean_seconds);
    hogging->add_option("--seed", hog.seed);
    CLI11_PARSE(app, count, arguments);
    if (hogging->parsed()) be_a_hog(hog);
    if (power->parsed()) {
        fmt::print("{}", power_table(trials, options.seed));
        return 0;
    }
    hog.seed = options.seed;
    if (hog.threads > 0) options.hog = hog;
    stop_at_next_wait_on_interrupt();
    const Status status = record_to(options, std::filesystem::absolute(file));
    if (status.ok()) return 0;
    fmt::print(stderr, "hone_compare_bench: {}\n", status.error().message());
    return status.error().code() == ErrorCode::kCancelled ? 130 : 1;
}

}  // namespace

}  // namespace hone::bench

int main(int count, char** arguments) {
    return hone::bench::run(count, arguments);
}
