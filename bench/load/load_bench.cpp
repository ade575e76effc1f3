// bench/load/load_bench.cpp - what the load generator costs beside pgbench, what its event loop
// costs beside Asio, and how late it is.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include "base/file.hpp"
#include "load.hpp"
#include "pgbench_peer.hpp"
#include "prove/compare/statistics.hpp"
#include "prove/load/generator.hpp"
#include "raw_client.hpp"

namespace hone::bench {

namespace {

struct Options {
    std::string bin_directory = "/usr/lib/postgresql/15/bin";
    int rounds = 12;
    int slice_seconds = 2;
    int connections = 8;
    int scale = 5;
};

struct Bench {
    Options options;
    const postgres::ScratchServer* server = nullptr;
    PgbenchPeer pgbench;
    std::filesystem::path folder;
};

using Measure = std::function<Result<Cost>()>;

Deadline soon() {
    return Deadline::after(Seconds{120});
}

const std::vector<Load>& loads() {
    static const std::vector<Load> all{
        {"select-only", "SELECT abalance FROM pgbench_accounts WHERE aid = $1",
         "\\set aid random(1, 100000 * :scale)\n"
         "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n"},
        {"one-row update", "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = $1",
         "\\set aid random(1, 100000 * :scale)\n"
         "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;\n"},
    };
    return all;
}

prove::GeneratorOptions generator_options(const Bench& bench) {
    return {.conninfo = bench.server->conninfo(),
            .as = bench.server->owner(),
            .connections = bench.options.connections};
}

Result<Cost> run_closed(prove::LoadGenerator& generator, const Bench& bench) {
    const prove::RunOptions run{
        .seconds = static_cast<double>(bench.options.slice_seconds),
        .closed_loop = prove::ClosedLoop{.weights = {1}, .clients = bench.options.connections}};
    HONE_TRY_ASSIGN(const prove::LoadReport report, generator.run(run, silent_progress(), soon()));
    return Cost{static_cast<double>(report.operations[0].completed), report.generator_cpu_seconds};
}

// Prints CPU per transaction of both and the ratio with its interval over interleaved rounds.
Status compare(const Options& options, const std::string& name, const Measure& ours,
               const Measure& theirs) {
    std::vector<double> our_costs;
    std::vector<double> their_costs;
    for (int round = 0; round < options.rounds; ++round) {
        const bool we_begin = round % 2 == 0;
        HONE_TRY_ASSIGN(const Cost first, we_begin ? ours() : theirs());
        HONE_TRY_ASSIGN(const Cost second, we_begin ? theirs() : ours());
        our_costs.push_back((we_begin ? first : second).microseconds_each());
        their_costs.push_back((we_begin ? second : first).microseconds_each());
    }
    const auto median = [](std::vector<double> values) {
        std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                         values.end());
        return values[values.size() / 2];
    };
    const prove::Estimate estimate =
        prove::estimate(prove::log_ratios(our_costs, their_costs), 1, 1);
    std::printf("%-34s %8.2f %8.2f   %.3f  (%.3f to %.3f)\n", name.c_str(), median(our_costs),
                median(their_costs), estimate.ratio(), estimate.interval().low,
                estimate.interval().high);
    return {};
}

Status compare_with_pgbench(const Bench& bench) {
    std::printf(
        "\nCPU per transaction, microseconds       hone  pgbench   ratio  95 %% interval\n");
    for (const Load& load : loads()) {
        const OneStatement workload(load, bench.options.scale);
        HONE_TRY_ASSIGN(auto generator,
                        prove::LoadGenerator::open(generator_options(bench), workload, soon()));
        const auto script = bench.folder / "script.sql";
        HONE_TRY(replace_file(script, load.script, FileAttributes{.mode = 0644}));
        HONE_TRY(compare(
            bench.options, load.name, [&] { return run_closed(generator, bench); },
            [&] {
                return bench.pgbench.run(script, bench.options.scale, bench.options.connections,
                                         bench.options.slice_seconds, soon());
            }));
    }
    return {};
}

Status compare_loops(const Bench& bench) {
    std::printf(
        "\nCPU per transaction, microseconds      epoll     Asio   ratio  95 %% interval\n");
    const OneStatement workload(loads()[0], bench.options.scale);
    const double seconds = bench.options.slice_seconds;
    for (const int connections : {1, bench.options.connections}) {
        HONE_TRY_ASSIGN(auto client, RawClient::open(*bench.server, workload, connections, soon()));
        HONE_TRY(compare(
            bench.options, "bare libpq, " + std::to_string(connections) + " connections",
            [&] { return run_on_epoll(client, seconds); },
            [&] { return run_on_asio(client, seconds); }));
    }
    return {};
}

Status show_schedule_error(const Bench& bench) {
    std::printf("\nSchedule error, milliseconds             p50      p99    p99.9      max\n");
    const OneStatement workload(loads()[0], bench.options.scale);
    HONE_TRY_ASSIGN(auto generator,
                    prove::LoadGenerator::open(generator_options(bench), workload, soon()));
    for (const double rate : {1000.0, 5000.0}) {
        const prove::RunOptions run{.seconds = 12, .open_loop = prove::OpenLoop{.rates = {rate}}};
        HONE_TRY_ASSIGN(const prove::LoadReport report,
                        generator.run(run, silent_progress(), soon()));
        const auto& error = report.schedule_error;
        const auto milliseconds = [&](double quantile) {
            return error.quantile_seconds(quantile).value_or(0) * 1e3;
        };
        std::printf("%6.0f/s, %5.1f %% of a core     %11.4f %8.4f %8.4f %8.4f\n", rate,
                    report.generator_cpu_seconds / report.seconds * 100, milliseconds(0.5),
                    milliseconds(0.99), milliseconds(0.999), error.max_seconds() * 1e3);
    }
    return {};
}

Status run(const Options& options) {
    HONE_TRY_ASSIGN(const Identity owner, postgres::scratch_owner());
    HONE_TRY_ASSIGN(auto server,
                    postgres::ScratchServer::prepare(
                        {.bin_directory = options.bin_directory, .owner = owner}, soon()));
    HONE_TRY(server.start(soon()));
    HONE_TRY_ASSIGN(const auto folder, TemporaryFolder::create("/tmp", "hone-load-bench-"));
    std::error_code ignored;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755), ignored);
    const Bench bench{
        .options = options,
        .server = &server,
        .pgbench = {std::filesystem::path(options.bin_directory) / "pgbench", &server},
        .folder = folder.path()};
    HONE_TRY(bench.pgbench.fill(options.scale, soon()));
    std::printf("%d connections, 1 thread, %d rounds of %d s each side\n", options.connections,
                options.rounds, options.slice_seconds);
    HONE_TRY(compare_with_pgbench(bench));
    HONE_TRY(compare_loops(bench));
    return show_schedule_error(bench);
}

}  // namespace

}  // namespace hone::bench

int main(int argc, char** argv) {
    hone::bench::Options options;
    CLI::App app("What hone's load generator costs and how exact it is", "hone_load_bench");
    app.add_option("--bin-dir", options.bin_directory, "Of the PostgreSQL to load");
    app.add_option("--rounds", options.rounds, "Of each comparison")->check(CLI::Range(6, 1000));
    app.add_option("--slice-seconds", options.slice_seconds)->check(CLI::Range(1, 600));
    app.add_option("--connections", options.connections)->check(CLI::Range(1, 100));
    CLI11_PARSE(app, argc, argv);
    const hone::Status status = hone::bench::run(options);
    if (status.ok()) return 0;
    std::fprintf(stderr, "hone_load_bench: %s\n", status.error().message().c_str());
    return 1;
}
