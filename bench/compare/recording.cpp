#include "bench/compare/recording.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>

#include "engines/postgres/server.hpp"
#include "prove/experiment.hpp"
#include "prove/pgbench_data.hpp"
#include "prove/scratch_servers.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::bench {

namespace {

// Two-sided 5 %, and 80 % power: 1.96 + 0.84.
constexpr double kQuantilesOfPower = 2.8;

Result<std::vector<postgres::ScratchServer>> equal_servers(const RecordingOptions& options,
                                                           const prove::Pgbench& pgbench,
                                                           Progress& progress, Deadline deadline) {
    prove::ScratchServersOptions servers;
    servers.bin_directory = options.bin_directory;
    HONE_TRY_ASSIGN(servers.owner, postgres::scratch_owner());
    const std::vector<prove::ServerSide> sides(kEqualServers, {"the defaults", {}});
    progress.step(fmt::format("making the data (pgbench scale {})", options.scale));
    return prove::make_servers(servers, sides, prove::pgbench_filling(pgbench, options.scale),
                               progress, deadline);
}

Result<std::vector<std::unique_ptr<prove::ScratchSubject>>> subjects_of(
    const std::vector<postgres::ScratchServer>& servers, const prove::PgbenchLoad& load,
    Deadline deadline) {
    std::vector<std::unique_ptr<prove::ScratchSubject>> subjects;
    for (const auto& server : servers) {
        prove::prewarm(server, deadline);
        HONE_TRY_ASSIGN(auto subject,
                        prove::pgbench_subject(fmt::format("server {}", subjects.size() + 1),
                                               server, load, deadline));
        subjects.push_back(std::move(subject));
    }
    return subjects;
}

prove::CompareOptions compare_options(const RecordingOptions& options, const prove::Load& load) {
    prove::CompareOptions compare;
    compare.seconds_at_most = options.rounds * kEqualServers;
    compare.operation = "transaction";
    compare.writes = load.writes;
    compare.seed = options.seed;
    return compare;
}

double rounded(double rate) {
    return std::round(rate * 10) / 10;
}

}  // namespace

Result<Recording> record(const RecordingOptions& options, Progress& progress, Deadline deadline) {
    const prove::Load* load = prove::load_named(options.load);
    if (load == nullptr)
        return Error{ErrorCode::kInvalidArgument, "choosing the load '" + options.load + "'",
                     "there is no such load"};
    Recording recording;
    recording.options = options;
    recording.recorded_at = utc_now_text();
    recording.clients = prove::clients_for(options.cores);
    HONE_TRY_ASSIGN(recording.server_build, postgres::version_of_binary(options.bin_directory));
    HONE_TRY_ASSIGN(const auto pgbench, prove::find_pgbench(options.bin_directory));
    HONE_TRY_ASSIGN(const auto servers, equal_servers(options, pgbench, progress, deadline));
    HONE_TRY_ASSIGN(
        const auto subjects,
        subjects_of(servers, {pgbench, *load, recording.clients, 1, options.scale}, deadline));
    std::vector<prove::Subject*> pointers;
    for (const auto& subject : subjects) pointers.push_back(subject.get());
    std::optional<BackgroundProcess> hog;
    if (options.hog) {
        HONE_TRY_ASSIGN(hog, start_hog(*options.hog));
    }
    progress.step(fmt::format("recording {} rounds of {}", options.rounds, options.load));
    HONE_TRY_ASSIGN(recording.measured,
                    prove::measure(pointers, compare_options(options, *load), progress, deadline));
    return recording;
}

json::object to_json(const Recording& recording) {
    const RecordingOptions& options = recording.options;
    json::array rounds;
    for (std::size_t round = 0; round < static_cast<std::size_t>(recording.measured.rounds);
         ++round) {
        json::array rates;
        for (const auto& series : recording.measured.subjects)
            rates.emplace_back(rounded(series.slices[round].rate));
        rounds.emplace_back(std::move(rates));
    }
    return {{"schema_version", 1},
            {"kind", "hone recorded slices"},
            {"recorded_at", recording.recorded_at},
            {"server_build", recording.server_build},
            {"load", options.load},
            {"scale", options.scale},
            {"clients", recording.clients},
            {"cores", options.cores},
            {"slice_seconds", recording.measured.options.slice_seconds},
            {"hog_threads", options.hog ? options.hog->threads : 0},
            {"hog_mean_seconds", options.hog ? options.hog->mean_seconds : 0},
            {"seed", options.seed},
            {"rates", std::move(rounds)}};
}

std::string summary_of(const Recording& recording) {
    const prove::Estimate effect = prove::effect_of(recording.measured, 2);
    const prove::CandidateEvidence judged = prove::judge_candidate(recording.measured, 2);
    const double deviation = effect.standard_error * std::sqrt(effect.pairs);
    const double pairs = std::pow(kQuantilesOfPower * deviation / std::log(1.1), 2);
    std::string text = fmt::format(
        "{}, {} rounds of 3 equal servers, hog: {}\n"
        "  SD of a round's log ratio: {:.1f} %; rounds to find 10 % four times out of five: "
        "{:.0f}\n"
        "  {}\n",
        recording.options.load, recording.measured.rounds,
        recording.options.hog ? fmt::format("{} threads", recording.options.hog->threads) : "none",
        deviation * 100, std::ceil(pairs), judged.sentence);
    for (const Comparison& companion : judged.companions)
        text += fmt::format("  {}: {:+.1f} % ({:+.1f} % to {:+.1f} %)\n", companion.metric,
                            (companion.ratio - 1) * 100, (companion.interval.low - 1) * 100,
                            (companion.interval.high - 1) * 100);
    return text;
}

}  // namespace hone::bench
