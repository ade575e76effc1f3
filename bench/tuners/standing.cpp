#include "bench/tuners/standing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hone::bench {

Standing standing_of(const Comparison& comparison) {
    if (comparison.interval.low > 1) return Standing::kAhead;
    if (comparison.ratio >= kTolerated) return Standing::kLevel;
    return comparison.interval.high < 1 ? Standing::kSurelyBehind : Standing::kBehind;
}

std::optional<std::size_t> subject_of(const LoadOutcome& load, std::string_view name) {
    if (!load.measured) return std::nullopt;
    const auto& subjects = load.measured->subjects;
    const auto found = std::find_if(subjects.begin(), subjects.end(),
                                    [&](const auto& subject) { return subject.name == name; });
    if (found == subjects.end()) return std::nullopt;
    return static_cast<std::size_t>(found - subjects.begin());
}

std::optional<Comparison> against_default(const LoadOutcome& load, std::string_view name) {
    const auto subject = subject_of(load, name);
    if (!subject || *subject < 2) return std::nullopt;
    return prove::judge_candidate(*load.measured, *subject).effect;
}

std::optional<Comparison> cpu_against_default(const LoadOutcome& load, std::string_view name) {
    const auto subject = subject_of(load, name);
    if (!subject || *subject < 2) return std::nullopt;
    for (Comparison& companion : prove::judge_candidate(*load.measured, *subject).companions)
        if (companion.metric.find("CPU") != std::string::npos) return std::move(companion);
    return std::nullopt;
}

std::optional<Comparison> control_of(const LoadOutcome& load) {
    if (!load.measured || load.measured->subjects.size() < 3) return std::nullopt;
    return prove::judge_candidate(*load.measured, 2).control;
}

std::optional<Comparison> hone_against(const LoadOutcome& load, std::string_view other) {
    if (other == kDefault) return against_default(load, kHone);
    const auto hone = subject_of(load, kHone);
    const auto against = subject_of(load, other);
    if (!hone || !against) return std::nullopt;
    return prove::compare_subjects(*load.measured, *hone, *against);
}

std::vector<std::string> tools_of(const Outcome& outcome) {
    std::vector<std::string> tools;
    for (const LoadOutcome& load : outcome.loads)
        for (const Contestant& contestant : load.contestants)
            if (contestant.name != kControl &&
                std::find(tools.begin(), tools.end(), contestant.name) == tools.end())
                tools.push_back(contestant.name);
    return tools;
}

std::vector<Score> scores_of(const Outcome& outcome) {
    std::vector<Score> scores;
    for (const std::string& tool : tools_of(outcome)) {
        if (tool == kHone) continue;
        Score score{.other = tool};
        for (const LoadOutcome& load : outcome.loads) {
            const auto comparison = hone_against(load, tool);
            if (!comparison) continue;
            const Standing standing = standing_of(*comparison);
            ++score.measured;
            score.ahead += standing == Standing::kAhead ? 1 : 0;
            score.surely_behind += standing == Standing::kSurelyBehind ? 1 : 0;
            score.behind +=
                standing == Standing::kBehind || standing == Standing::kSurelyBehind ? 1 : 0;
        }
        scores.push_back(std::move(score));
    }
    return scores;
}

std::string sentence_of(const Score& score) {
    const std::string behind = score.behind == 0
                                   ? "more than 2 % behind on none"
                                   : fmt::format("more than 2 % behind on {}, surely on {}",
                                                 score.behind, score.surely_behind);
    return fmt::format("Ahead of {} on {} of {} loads, {}.", score.other, score.ahead,
                       score.measured, behind);
}

}  // namespace hone::bench
