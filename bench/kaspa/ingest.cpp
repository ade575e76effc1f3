#include "bench/kaspa/ingest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "host/detect.hpp"
#include "prove/scratch_subject.hpp"
#include "tune/tune.hpp"

namespace hone::bench {

namespace {

constexpr const char* kIngest = "ingest-transactions";
constexpr int kConnections = 20;  // of the indexer's pool
constexpr int kPlannedFor = 100;  // connections that the plan leaves room for
constexpr double kSliceSeconds = 1;
constexpr double kKneeShare = 0.4;    // of the seconds
constexpr double kStep = 1.3;         // of the offered rate
constexpr double kFirstShare = 0.12;  // of what catching up reached
constexpr int kMostSteps = 10;
constexpr double kShortestStep = 3;  // seconds
constexpr double kKeepsUp = 0.97;    // achieved / offered
constexpr double kKneePatience = 5;
constexpr Seconds kBuildPatience{60};

std::size_t index_of(const prove::PackRun& run, const std::string& operation) {
    for (std::size_t i = 0; i < run.operations().size(); ++i)
        if (run.operations()[i].name == operation) return i;
    return 0;
}

// User transactions that one operation of the closed loop's mix stands for.
double transactions_per_operation(const prove::PackRun& run) {
    const std::vector<double> weights = run.weights();
    const std::size_t ingest = index_of(run, kIngest);
    return run.operations()[ingest].units * weights[ingest] /
           std::accumulate(weights.begin(), weights.end(), 0.0);
}

prove::GeneratorLoad catch_up_load(const prove::PackRun& run) {
    prove::GeneratorLoad load;
    load.workload = &run;
    load.generator.connections = kConnections;
    load.closed_loop = prove::ClosedLoop{.weights = run.weights(), .clients = run.clients()};
    return load;
}

Result<IngestSide> side_of(const std::string& name, const prove::SubjectSeries& series,
                           const prove::PackRun& run, const postgres::ScratchServer& server,
                           Deadline deadline) {
    IngestSide side;
    side.name = name;
    const double each = transactions_per_operation(run);
    double operations = 0;
    for (const prove::Slice& slice : series.slices) {
        operations += slice.operations;
        side.transactions_per_second +=
            slice.rate * each / static_cast<double>(series.slices.size());
    }
    if (!series.usages.empty() && operations > 0) {
        const auto& first = series.usages.front();
        const auto& last = series.usages.back();
        side.wal_per_transaction = (last.wal_bytes - first.wal_bytes) / operations / each;
        side.cpu_per_thousand = (last.cpu_seconds - first.cpu_seconds) / operations / each * 1000;
    }
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    HONE_TRY_ASSIGN(
        side.hit_ratio,
        number_from(connection,
                    "SELECT blks_hit / greatest(blks_hit + blks_read, 1)::float8 AS number"
                    " FROM pg_stat_database WHERE datname = current_database()",
                    deadline));
    return side;
}

// So that the hit ratio is of the measurement.
Status forget_loading(const postgres::ScratchServer& server, Deadline deadline) {
    return prove::run_statements(server, {"SELECT pg_stat_reset()"}, deadline);
}

// What this build of PostgreSQL offers, from an empty server of it.
Status ask_build(const Laboratory& laboratory, tune::TuneInput& input) {
    const Deadline deadline = Deadline::after(kBuildPatience);
    postgres::ScratchOptions options;
    options.bin_directory = laboratory.bin_directory;
    options.owner = laboratory.owner;
    options.parent_folder = laboratory.scratch_folder;
    HONE_TRY_ASSIGN(auto server, postgres::ScratchServer::prepare(options, deadline));
    HONE_TRY(server.start(deadline));
    HONE_TRY_ASSIGN(const auto target, postgres::locate_by_conninfo(
                                           server.conninfo(), laboratory.bin_directory, deadline));
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    HONE_TRY_ASSIGN(auto state, postgres::read_state(connection, target, deadline));
    input.server_version = target.version;
    input.server_build = target.version_text;
    input.catalogue = std::move(state.catalogue);
    return {};
}

// The saturated preset's writes alone, at a share of their rates.
std::vector<double> write_rates(const prove::PackRun& run, double factor) {
    std::vector<double> rates = run.rates();
    for (std::size_t i = 0; i < rates.size(); ++i)
        rates[i] = run.operations()[i].writes ? rates[i] * factor : 0;
    return rates;
}

Status find_knee(const prove::PackRun& run, const postgres::ScratchServer& server, double seconds,
                 IngestSide& side, Progress& progress, Deadline deadline) {
    prove::GeneratorOptions options;
    options.conninfo = server.conninfo();
    options.connections = kConnections;
    HONE_TRY_ASSIGN(auto generator, prove::LoadGenerator::open(options, run, deadline));
    const std::size_t ingest = index_of(run, kIngest);
    std::vector<std::uint64_t> numbers;
    const double offered_by_preset = run.rates()[ingest] * run.operations()[ingest].units;
    double factor = side.transactions_per_second * kFirstShare / offered_by_preset;
    for (int step = 0; step < kMostSteps; ++step, factor *= kStep) {
        prove::RunOptions ask;
        ask.seconds = seconds;
        ask.open_loop = prove::OpenLoop{
            .rates = write_rates(run, factor), .pacing = prove::Pacing::kConstant, .recorded = {}};
        ask.timeout_seconds = kKneePatience;
        ask.first_numbers = numbers;
        HONE_TRY_ASSIGN(const auto report, generator.run(ask, silent_progress(), deadline));
        numbers = report.next_numbers;
        const auto& seen = report.operations[ingest];
        const double offered = offered_by_preset * factor;
        progress.step(fmt::format("ingest, {}: {:.0f} tx/s offered, {:.0f} of {:.0f} a second done",
                                  side.name, offered, report.achieved, report.offered));
        // A queue that grew all the time: its last ones waited for a good part of it.
        const bool waited = seen.latency.max_seconds() > seconds / 2;
        if (report.achieved < report.offered * kKeepsUp || waited) {
            side.knee_found = true;
            return {};
        }
        side.knee = offered;
    }
    return {};
}

}  // namespace

Result<Settings> plan_for_ingest(const Laboratory& laboratory, Progress& progress) {
    const Host host = host::detect({.folder = laboratory.scratch_folder}, progress);
    if (!host.memory.limit.known() || !host.cpu.limit_cores.known())
        return Error{ErrorCode::kUnsupported, "planning", "memory or cores cannot be read"};
    tune::TuneInput input;
    HONE_TRY(ask_build(laboratory, input));
    // All three servers are alive at once.
    input.machine.memory_limit = *host.memory.limit.value / 3;
    input.machine.cores = *host.cpu.limit_cores.value;
    for (const StorageFacts& storage : host.storage)
        if (!storage.folder.empty())
            input.machine.storage = storage.storage_class.value.value_or(StorageClass::kUnknown);
    input.workload = tune::Workload::kIngest;
    input.connections = kPlannedFor;
    HONE_TRY_ASSIGN(const Plan plan, tune::make_plan(input));
    Settings settings;
    for (const Change& change : plan.changes)
        settings.push_back({change.setting, change.to, {}, 0});
    return settings;
}

Result<IngestReport> measure_ingest(const Laboratory& laboratory, const Settings& planned,
                                    Progress& progress, Deadline deadline) {
    progress.step("ingest: loading three servers");
    HONE_TRY_ASSIGN(auto run, kaspa(laboratory, "catch-up", "23", "scripts"));
    HONE_TRY_ASSIGN(const auto servers,
                    make_servers(laboratory, {{}, {}, planned}, *run, silent_progress(), deadline));
    const std::vector<std::string> names{"default", "control", "hone's plan"};
    std::vector<std::unique_ptr<prove::GeneratorSubject>> owned;
    std::vector<prove::Subject*> subjects;
    for (std::size_t i = 0; i < servers.size(); ++i) {
        HONE_TRY_ASSIGN(auto subject, prove::GeneratorSubject::open(names[i], servers[i],
                                                                    catch_up_load(*run), deadline));
        HONE_TRY(forget_loading(servers[i], deadline));
        owned.push_back(std::move(subject));
        subjects.push_back(owned.back().get());
    }
    prove::CompareOptions compare;
    compare.seconds_at_most = laboratory.seconds * (1 - kKneeShare);
    compare.slice_seconds = kSliceSeconds;
    compare.seed = laboratory.seed;
    progress.step("ingest: catching up in turns");
    HONE_TRY_ASSIGN(const auto measured,
                    prove::measure(subjects, compare, silent_progress(), deadline));
    IngestReport report;
    report.planned = planned;
    report.evidence = prove::judge_candidate(measured, 2);
    for (std::size_t i = 0; i < servers.size(); ++i) {
        HONE_TRY_ASSIGN(IngestSide side,
                        side_of(names[i], measured.subjects[i], *run, servers[i], deadline));
        report.sides.push_back(std::move(side));
    }
    owned.clear();  // their connections
    // Another seed: its transactions are new to the servers.
    Laboratory other = laboratory;
    ++other.seed;
    HONE_TRY_ASSIGN(auto saturated, kaspa(other, "saturated", "23", "scripts"));
    HONE_TRY_ASSIGN(auto connection, servers[0].connect(deadline));
    HONE_TRY(saturated->attach(connection, deadline));
    const double step_seconds =
        std::max(kShortestStep, laboratory.seconds * kKneeShare / 2 / kMostSteps);
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}})
        HONE_TRY(
            find_knee(*saturated, servers[i], step_seconds, report.sides[i], progress, deadline));
    return report;
}

namespace {

std::string knee_text(const IngestSide& side) {
    if (side.knee > 0) return fmt::format("{}{:.0f} tx/s", side.knee_found ? "" : "> ", side.knee);
    return side.knee_found ? "no rate tried" : "not measured";
}

}  // namespace

std::string ingest_text(const IngestReport& report) {
    std::string text =
        "Ingest: every transaction written by the block path, then updated by the virtual "
        "chain\n\n";
    text += fmt::format("  {:<12} {:>12} {:>12} {:>14} {:>10} {:>16}\n", "server", "catch-up",
                        "WAL/tx", "CPU/1000 tx", "hits", "keeps up with");
    for (const IngestSide& side : report.sides)
        text += fmt::format("  {:<12} {:>7.0f} tx/s {:>10.0f} B {:>12.2f} s {:>8.2f} % {:>16}\n",
                            side.name, side.transactions_per_second, side.wal_per_transaction,
                            side.cpu_per_thousand, side.hit_ratio * 100, knee_text(side));
    text += "\n  " + report.evidence.sentence + "\n\n  hone's plan, for a third of the machine:\n";
    for (const postgres::ConfigEntry& entry : report.planned)
        text += fmt::format("    {} = {}\n", entry.name, entry.value);
    return text;
}

}  // namespace hone::bench
