#include "prove/bench/contest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "prove/bench/result_fields.hpp"
#include "prove/compare/statistics.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::prove {

namespace {

constexpr std::size_t kBaseline = 0;
constexpr std::size_t kControl = 1;
constexpr std::size_t kCandidate = 2;
constexpr std::array<const char*, 3> kNames{"baseline", "control", "candidate"};

// Below as many rounds, shorter slices narrow the interval more than they blur each rate.
constexpr double kComfortableRounds = 12;
constexpr double kShortestSlice = 0.2;

double slice_seconds_for(double seconds) {
    return std::clamp(seconds / static_cast<double>(kNames.size()) / kComfortableRounds,
                      kShortestSlice, 1.0);
}

using Subjects = std::vector<std::unique_ptr<GeneratorSubject>>;

Result<Subjects> open_subjects(BenchSource& source,
                               std::span<const postgres::ScratchServer> servers, int connections,
                               Deadline deadline) {
    Subjects subjects;
    for (std::size_t at = 0; at < kNames.size(); ++at) {
        GeneratorLoad load;
        load.workload = &source.workload();
        load.generator.conninfo = source.conninfo(servers[at]);
        load.generator.connections = connections;
        load.closed_loop = source.full_speed(connections);
        HONE_TRY_ASSIGN(auto subject,
                        GeneratorSubject::open(kNames[at], servers[at], std::move(load), deadline));
        subjects.push_back(std::move(subject));
    }
    return subjects;
}

std::vector<double> rates_of(const SubjectSeries& series) {
    std::vector<double> rates;
    for (const Slice& slice : series.slices) rates.push_back(slice.rate);
    return rates;
}

CompareOptions compare_options(const BenchSource& source, const ContestOptions& options) {
    CompareOptions compare;
    compare.seconds_at_most = options.seconds;
    compare.slice_seconds = slice_seconds_for(options.seconds);
    compare.warm_up_seconds = 2 * compare.slice_seconds;
    compare.wanted_half_width = options.wanted_half_width;
    compare.operation = "operation";
    compare.writes = has_writes(source.workload());
    compare.seed = options.seed;
    return compare;
}

std::vector<std::string> contest_caveats(const BenchSource& source, const BenchPlace& place) {
    std::vector<std::string> caveats = source.caveats();
    caveats.push_back(fmt::format(
        "Three servers and the load generator share {:g} cores; those that are not being measured "
        "idle.",
        place.cores));
    return caveats;
}

}  // namespace

bool has_writes(const Workload& workload) {
    return std::ranges::any_of(workload.operations(), &OperationInfo::writes);
}

std::vector<double> ContestReport::log_ratios() const {
    return prove::log_ratios(candidate_rates, geometric_means(baseline_rates, control_rates));
}

Result<ContestReport> measure_contest(BenchSource& source,
                                      std::span<const postgres::ScratchServer> servers,
                                      const BenchPlace& place, const ContestOptions& options,
                                      Progress& progress, Deadline deadline) {
    ContestReport report;
    report.key = source.key();
    report.measured_at = utc_now_text();
    report.seed = options.seed;
    report.slice_seconds = slice_seconds_for(options.seconds);
    report.machine = place.machine;
    HONE_TRY_ASSIGN(report.connections, connections_for(options.connections, place.cores,
                                                        servers.first(kNames.size()), deadline));
    HONE_TRY_ASSIGN(const auto subjects,
                    open_subjects(source, servers, report.connections, deadline));
    const std::array<Subject*, 3> sides{subjects[kBaseline].get(), subjects[kControl].get(),
                                        subjects[kCandidate].get()};
    HONE_TRY_ASSIGN(const Measured measured,
                    measure(sides, compare_options(source, options), progress, deadline));
    report.seconds = measured.seconds;
    report.evidence = judge_candidate(measured, kCandidate);
    report.baseline_rates = rates_of(measured.subjects[kBaseline]);
    report.control_rates = rates_of(measured.subjects[kControl]);
    report.candidate_rates = rates_of(measured.subjects[kCandidate]);
    report.caveats = contest_caveats(source, place);
    return report;
}

Result<ContestReport> run_contest(BenchSource& source, const BenchPlace& place,
                                  const Configuration& baseline, const Configuration& candidate,
                                  const ContestOptions& options, Progress& progress,
                                  Deadline deadline) {
    std::array<Configuration, 3> sides{baseline, baseline, candidate};
    const std::array<Configuration*, 3> all{&sides[0], &sides[1], &sides[2]};
    const auto squeezed = fit_into_memory(all, place.memory_limit);
    HONE_TRY_ASSIGN(const auto servers,
                    make_bench_servers(source, place, sides, progress, deadline));
    progress.step(fmt::format("comparing '{}' with '{}' for up to {:g} s", candidate.name,
                              baseline.name, options.seconds));
    HONE_TRY_ASSIGN(ContestReport report,
                    measure_contest(source, servers, place, options, progress, deadline));
    HONE_TRY_ASSIGN(report.machine.settings, changed_settings(servers[kCandidate], deadline));
    report.baseline = baseline.name;
    report.candidate = candidate.name;
    if (squeezed) report.caveats.push_back(*squeezed);
    return report;
}

json::object to_json(const ContestReport& report) {
    json::object document{{"schema_version", kBenchSchemaVersion}, {"kind", "bench_comparison"}};
    FieldWriter writer;
    writer("measured_at", report.measured_at);
    writer("bench", report.key);
    writer("baseline", report.baseline);
    writer("candidate", report.candidate);
    writer("verdict", std::string(to_string(report.evidence.effect.verdict)));
    writer("sentence", report.evidence.sentence);
    writer("effect", report.evidence.effect);
    writer("control", report.evidence.control);
    writer("companions", report.evidence.companions);
    writer("baseline_rates", report.baseline_rates);
    writer("control_rates", report.control_rates);
    writer("candidate_rates", report.candidate_rates);
    writer("slice_seconds", report.slice_seconds);
    writer("seconds", report.seconds);
    writer("connections", report.connections);
    writer("seed", report.seed);
    writer("machine", report.machine);
    writer("caveats", report.caveats);
    for (auto& field : writer.take()) document[field.key()] = std::move(field.value());
    return document;
}

}  // namespace hone::prove
