// The same question as honesty_test.cpp, asked of slices that were recorded (bench/compare): three
// equal servers beside a CPU hog that comes and goes. Trials are put together from blocks of whole
// rounds, so that whatever the machine did over half a minute is in them as it was. Which server
// plays which part is drawn anew for each block: by chance one of them was faster over the whole of a
// recording, and it is not to be so in every trial.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "prove/compare/comparison.hpp"
#include "prove/compare/rounds.hpp"

namespace hone::prove {
namespace {

constexpr std::uint64_t kSeed = 20261121;
constexpr std::size_t kServers = 3;
constexpr std::size_t kBlockRounds = 10;  // 30 s; the hog's bursts last 4 s on average
constexpr int kTrials = 200;

struct Recording {
    std::string name;
    std::vector<std::array<double, kServers>> rates;  // by round
};

Recording read_recording(const std::filesystem::path& file) {
    Recording recording{file.stem().string(), {}};
    const auto document = parse_json(read_file(file).value(), file.string()).value();
    for (const json::value& round : document.at("rates").as_array()) {
        std::array<double, kServers> rates{};
        for (std::size_t server = 0; server < kServers; ++server)
            rates[server] = round.as_array().at(server).to_number<double>();
        recording.rates.push_back(rates);
    }
    return recording;
}

std::vector<Recording> all_recordings() {
    std::vector<Recording> recordings;
    const std::vector<std::string> names = list_folder(HONE_SLICES).value();
    for (const std::string& name : names)
        recordings.push_back(read_recording(std::filesystem::path(HONE_SLICES) / name));
    return recordings;
}

using Rates = std::array<double, kServers>;  // of a round, by part

std::vector<Rates> draw_rounds(const Recording& recording, std::size_t wanted, Random& random) {
    std::vector<Rates> rounds;
    while (rounds.size() < wanted) {
        const std::size_t from = random.below(recording.rates.size());
        const auto parts = drawn_order(kServers, random);
        for (std::size_t at = from; at < from + kBlockRounds; ++at) {
            const Rates& recorded = recording.rates[at % recording.rates.size()];
            rounds.push_back({recorded[parts[0]], recorded[parts[1]], recorded[parts[2]]});
        }
    }
    return rounds;
}

class RecordedSubject final : public Subject {
  public:
    RecordedSubject(const std::vector<Rates>& rounds, std::size_t part, double effect)
        : rounds_(&rounds), part_(part), effect_(effect) {}
    const std::string& name() const override { return name_; }
    Result<Slice> run_slice(double seconds, std::uint64_t, Deadline) override {
        const double rate = rounds_->at(next_++)[part_] * effect_;
        return Slice{.operations = rate * seconds, .rate = rate};
    }
    Result<std::optional<Usage>> usage(Deadline) override { return std::optional<Usage>{}; }
    Status settle(Deadline) override { return {}; }

  private:
    std::string name_ = "recorded";
    const std::vector<Rates>* rounds_;
    std::size_t part_;
    double effect_;
    std::size_t next_ = 0;
};

Measured run(const Recording& recording, double effect, std::size_t rounds, Random& random) {
    const auto drawn = draw_rounds(recording, rounds, random);
    RecordedSubject baseline(drawn, 0, 1);
    RecordedSubject control(drawn, 1, 1);
    RecordedSubject candidate(drawn, 2, effect);
    const std::array<Subject*, kServers> subjects{&baseline, &control, &candidate};
    CompareOptions options;
    options.seconds_at_most = static_cast<double>(kServers * rounds);
    options.warm_up_seconds = 0;
    options.seed = random.next();
    return *measure(subjects, options, silent_progress(), Deadline::after(Seconds{60}));
}

struct Tally {
    int faster = 0;
    int slower = 0;
    int covered = 0;
};

Tally tally(const Recording& recording, double effect, std::size_t rounds) {
    Random random(kSeed);
    Tally tally;
    for (int trial = 0; trial < kTrials; ++trial) {
        const Measured measured = run(recording, effect, rounds, random);
        const CandidateEvidence evidence = judge_candidate(measured, 2);
        tally.faster += evidence.effect.verdict == Verdict::kFaster;
        tally.slower += evidence.effect.verdict == Verdict::kSlower;
        tally.covered +=
            evidence.effect.interval.low <= effect && effect <= evidence.effect.interval.high;
    }
    return tally;
}

// SD of ln(candidate / geometric mean of the other two), whoever is the candidate.
double spread(const Recording& recording) {
    double squares = 0;
    for (const auto& rates : recording.rates)
        for (std::size_t server = 0; server < kServers; ++server) {
            const double others = rates[(server + 1) % kServers] * rates[(server + 2) % kServers];
            squares += std::pow(std::log(rates[server] / std::sqrt(others)), 2);
        }
    return std::sqrt(squares / static_cast<double>(kServers * recording.rates.size()));
}

std::string described(const Recording& recording, std::size_t rounds, const Tally& tally) {
    return recording.name + ": " + std::to_string(recording.rates.size()) +
           " rounds recorded, SD " + std::to_string(spread(recording)) + "; " +
           std::to_string(kTrials) + " trials of " + std::to_string(rounds) + " rounds, seed " +
           std::to_string(kSeed) + ": " + std::to_string(tally.faster) + " faster, " +
           std::to_string(tally.slower) + " slower, " + std::to_string(tally.covered) + " covered";
}

TEST(Recorded, SlicesAreThere) {
    EXPECT_GE(all_recordings().size(), 1U);
    for (const Recording& recording : all_recordings())
        EXPECT_GE(recording.rates.size(), 40U) << recording.name;
}

TEST(Recorded, EqualServersAreNotToldApart) {
    for (const Recording& recording : all_recordings()) {
        const Tally result = tally(recording, 1, 20);
        std::printf("  %s\n", described(recording, 20, result).c_str());
        EXPECT_LE(result.faster + result.slower, kTrials * 5 / 100)
            << described(recording, 20, result);
        EXPECT_GE(result.covered, kTrials * 93 / 100) << described(recording, 20, result);
    }
}

// As many rounds as the noise asks for: one and a half times (2.8 SD / ln 1.1)^2. Where that is more
// than was recorded, the slowdown must not be turned around.
TEST(Recorded, ASlowdownOfTenPercentIsFound) {
    constexpr double kFewestRounds = 20;
    for (const Recording& recording : all_recordings()) {
        const auto recorded = static_cast<double>(recording.rates.size());
        const double wanted = 1.5 * std::pow(2.8 * spread(recording) / std::log(1.1), 2);
        const auto rounds = static_cast<std::size_t>(std::clamp(wanted, kFewestRounds, recorded));
        const Tally result = tally(recording, 1 / 1.1, rounds);
        std::printf("  %s\n", described(recording, rounds, result).c_str());
        EXPECT_LE(result.faster, kTrials * 25 / 1000) << described(recording, rounds, result);
        if (wanted > recorded) continue;
        EXPECT_GE(result.slower, kTrials * 8 / 10) << described(recording, rounds, result);
    }
}

}  // namespace
}  // namespace hone::prove
