// bench/tuners/standing.hpp - how hone stands against each of the others, load by load.
//
// Shape    pure. "Ahead": the whole 95 % interval of hone / other lies above 1. "Behind": the ratio lies
//          below 0.98, whatever its interval; "surely behind": the whole interval below 1, too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/tuners/experiment.hpp"
#include "model/verdict.hpp"

namespace hone::bench {

inline constexpr double kTolerated = 0.98;
inline constexpr int kWantedAhead = 4;

enum class Standing { kAhead, kLevel, kBehind, kSurelyBehind };
Standing standing_of(const Comparison& comparison);

// A contestant's place among the subjects of the measurement; none where it was not measured.
std::optional<std::size_t> subject_of(const LoadOutcome& load, std::string_view name);
// Against the default, which is the mean of its two servers.
std::optional<Comparison> against_default(const LoadOutcome& load, std::string_view name);
// Server CPU seconds per operation; below 1 is cheaper.
std::optional<Comparison> cpu_against_default(const LoadOutcome& load, std::string_view name);
std::optional<Comparison> control_of(const LoadOutcome& load);
// hone / other.
std::optional<Comparison> hone_against(const LoadOutcome& load, std::string_view other);

struct Score {
    std::string other;
    int measured = 0;
    int ahead = 0;
    int behind = 0;  // surely or not
    int surely_behind = 0;
    bool goal_met() const { return ahead >= kWantedAhead && behind == 0; }
};
// Against each of the others, in the order of the table.
std::vector<Score> scores_of(const Outcome& outcome);
std::string sentence_of(const Score& score);

// The names of the table's columns: without the control.
std::vector<std::string> tools_of(const Outcome& outcome);

}  // namespace hone::bench
