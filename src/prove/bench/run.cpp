#include "prove/bench/run.hpp"

#include <fmt/format.h>

#include <numeric>

#include "base/text.hpp"
#include "prove/bench/figures.hpp"
#include "prove/scratch_servers.hpp"

namespace hone::prove {

namespace {

using postgres::ScratchServer;

RunOptions run_options(const BenchSource& source, const BenchRunOptions& options) {
    RunOptions run;
    run.seconds = options.seconds;
    LoadShape shape = source.shape(options.seconds);
    run.open_loop = std::move(shape.open_loop);
    run.closed_loop = std::move(shape.closed_loop);
    run.timeout_seconds = options.timeout_seconds;
    run.seed = options.seed;
    run.find_steady_state = true;
    return run;
}

// Of the whole run, its warm-up included: what the server was charged for.
double transactions_of(const LoadReport& report) {
    const double begun = std::accumulate(
        report.next_numbers.begin(), report.next_numbers.end(), 0.0,
        [](double sum, std::uint64_t number) { return sum + static_cast<double>(number); });
    double lost = 0;
    for (const OperationReport& operation : report.operations)
        lost += static_cast<double>(operation.failed + operation.timed_out + operation.dropped);
    return begun - lost;
}

// The generator is gone when it returns, so that its backends have reported what they used.
Result<LoadReport> load(const BenchSource& source, const ScratchServer& server,
                        const BenchRunOptions& options, int connections, Progress& progress,
                        Deadline deadline) {
    GeneratorOptions generator_options;
    generator_options.conninfo = source.conninfo(server);
    generator_options.connections = connections;
    generator_options.threads = options.threads;
    HONE_TRY_ASSIGN(auto generator,
                    LoadGenerator::open(generator_options, source.workload(), deadline));
    return generator.run(run_options(source, options), progress, deadline);
}

struct Reading {
    Usage usage;
    Bytes data_size;
    double at_seconds = 0;
};

Result<Reading> read_server(const ScratchServer& server, postgres::Connection& connection,
                            Deadline deadline) {
    Reading reading;
    HONE_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT pg_database_size(current_database()) AS bytes",
                                     deadline.earlier_of(Deadline::after(kStatementPatience))));
    reading.data_size = Bytes{parse_integer(rows.text(0, "bytes")).value_or(0)};
    HONE_TRY_ASSIGN(reading.usage, read_usage(server.postmaster_pid(), connection, deadline));
    reading.at_seconds = monotonic_seconds();
    return reading;
}

CostFigures costs_between(const Reading& before, const Reading& after, double operations) {
    CostFigures costs =
        cost_figures(before.usage, after.usage, operations, after.at_seconds - before.at_seconds);
    costs.data_size_before = before.data_size;
    costs.data_size_after = after.data_size;
    return costs;
}

// Loads the server, and tells what came of it.
Status measure_load(const BenchSource& source, const ScratchServer& server, const BenchPlace& place,
                    const BenchRunOptions& options, BenchResult& result, Progress& progress,
                    Deadline deadline) {
    RunSetting setting{.connections = 1, .threads = options.threads, .cores = place.cores};
    HONE_TRY_ASSIGN(setting.connections, connections_for(options.connections, place.cores,
                                                         std::span(&server, 1), deadline));
    HONE_TRY_ASSIGN(auto connection, postgres::Connection::open(source.conninfo(server), deadline));
    HONE_TRY(
        connection.query("CHECKPOINT", deadline.earlier_of(Deadline::after(kStatementPatience))));
    HONE_TRY_ASSIGN(const Reading before, read_server(server, connection, deadline));
    HONE_TRY_ASSIGN(const LoadReport report,
                    load(source, server, options, setting.connections, progress, deadline));
    HONE_TRY_ASSIGN(const Reading after, read_server(server, connection, deadline));
    result.load = load_figures(report, source.workload(), setting);
    result.costs = costs_between(before, after, transactions_of(report));
    result.targets =
        judge_targets(source.targets(), report, saturation_of(result.load, result.costs, setting));
    return {};
}

Status measure_reference(BenchSource& source, std::span<const ScratchServer> servers,
                         const BenchPlace& place, const BenchRunOptions& options,
                         BenchResult& result, Progress& progress, Deadline deadline) {
    progress.step(
        fmt::format("measuring it against the reference for {:g} s", *options.reference_seconds));
    const ContestOptions contest{.seconds = *options.reference_seconds,
                                 .connections = options.connections,
                                 .seed = options.seed};
    HONE_TRY_ASSIGN(const ContestReport report,
                    measure_contest(source, servers, place, contest, progress, deadline));
    result.reference = ReferenceFigures{.effect = report.evidence.effect,
                                        .control = report.evidence.control,
                                        .log_ratios = report.log_ratios(),
                                        .slice_seconds = report.slice_seconds};
    return {};
}

// The configuration's own server last; with a reference, those of the contest before it.
std::vector<Configuration> configurations_of(const BenchRunOptions& options) {
    if (!options.reference_seconds) return {options.configuration};
    const Configuration reference{.name = "default", .settings = {}};
    return {reference, reference, options.configuration, options.configuration};
}

std::vector<std::string> caveats_of(const BenchSource& source, const BenchPlace& place,
                                    const BenchResult& result) {
    std::vector<std::string> caveats = load_caveats(result.load);
    caveats.push_back(
        fmt::format("The server and the load generator share {:g} cores.", place.cores));
    for (std::string& caveat : source.caveats()) caveats.push_back(std::move(caveat));
    return caveats;
}

}  // namespace

Result<BenchResult> run_bench(BenchSource& source, const BenchPlace& place,
                              const BenchRunOptions& options, Progress& progress,
                              Deadline deadline) {
    std::vector<Configuration> configurations = configurations_of(options);
    std::vector<Configuration*> all;
    for (Configuration& configuration : configurations) all.push_back(&configuration);
    const auto squeezed = fit_into_memory(all, place.memory_limit);
    HONE_TRY_ASSIGN(auto servers,
                    make_bench_servers(source, place, configurations, progress, deadline));
    BenchResult result;
    result.measured_at = utc_now_text();
    result.key = source.key();
    result.configuration = options.configuration.name;
    result.seed = options.seed;
    result.machine = place.machine;
    if (options.reference_seconds) {
        HONE_TRY(measure_reference(source, servers, place, options, result, progress, deadline));
        servers.erase(servers.begin(), servers.end() - 1);
    }
    const ScratchServer& server = servers.front();
    HONE_TRY_ASSIGN(result.machine.settings, changed_settings(server, deadline));
    progress.step(fmt::format("running {} for {:g} s", result.key.for_people(), options.seconds));
    HONE_TRY(measure_load(source, server, place, options, result, progress, deadline));
    result.caveats = caveats_of(source, place, result);
    if (squeezed) result.caveats.push_back(*squeezed);
    return result;
}

}  // namespace hone::prove
