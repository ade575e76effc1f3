#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "prove/compare/judgement.hpp"
#include "prove/report.hpp"

namespace hone::prove {

namespace {

constexpr int kBarCells = 21;  // odd: the middle cell is "equal"

// The interval on a line from slower to faster, "      |   ├──●──┤ ": the furthest interval of
// the run reaches the edge.
std::string interval_bar(const Comparison& comparison, double reach) {
    const auto cell = [&](double ratio) {
        const double share = (std::log(ratio) / reach + 1) / 2;
        return std::clamp(static_cast<int>(std::lround(share * (kBarCells - 1))), 0, kBarCells - 1);
    };
    const int low = cell(comparison.interval.low);
    const int high = cell(comparison.interval.high);
    const int middle = cell(comparison.ratio);
    std::string bar;
    for (int at = 0; at < kBarCells; ++at) {
        if (at == middle)
            bar += "●";
        else if (at == low)
            bar += "├";
        else if (at == high)
            bar += "┤";
        else if (at > low && at < high)
            bar += "─";
        else
            bar += at == kBarCells / 2 ? "│" : at % 2 == 0 ? "·" : " ";
    }
    return bar;
}

bool was_run(const WorkloadEvidence& workload) {
    return workload.effect.verdict != Verdict::kNotRun;
}

double furthest_reach(const Evidence& evidence) {
    double reach = std::log1p(2 * kBandWidth);
    for (const WorkloadEvidence& workload : evidence.workloads)
        if (was_run(workload))
            reach = std::max({reach, std::abs(std::log(workload.effect.interval.low)),
                              std::abs(std::log(workload.effect.interval.high))});
    return reach;
}

std::string colored(Verdict verdict, std::string text, bool color) {
    if (!color) return text;
    const char* escape = "\033[33m";
    if (verdict == Verdict::kFaster) escape = "\033[1;32m";
    if (verdict == Verdict::kSlower) escape = "\033[1;31m";
    if (verdict == Verdict::kNoDifference) escape = "\033[36m";
    return escape + text + "\033[0m";
}

std::string row(const WorkloadEvidence& workload, double reach, bool color) {
    const Verdict verdict = workload.effect.verdict;
    const std::string name = colored(verdict, fmt::format("{:<13}", to_string(verdict)), color);
    if (verdict == Verdict::kNotRun) return fmt::format("  {:<12} {}\n", workload.workload, name);
    const auto interval = [](const Comparison& comparison) {
        return fmt::format("{:.2f} to {:.2f}", comparison.interval.low, comparison.interval.high);
    };
    return fmt::format("  {:<12} {} {:>6.3f}  {:<13} {} {:<13} {:>7.0f} %\n", workload.workload,
                       name, workload.effect.ratio, interval(workload.effect),
                       interval_bar(workload.effect, reach), interval(workload.control),
                       std::ceil(workload.effect.smallest_effect * 100));
}

std::string header() {
    return fmt::format("  {:<12} {:<13} {:>6}  {:<13} {:^21} {:<13} {:>9}\n", "WORKLOAD", "VERDICT",
                       "RATIO", "95 % INTERVAL", "slower  equal  faster", "CONTROL", "SMALLEST");
}

std::string details_of(const WorkloadEvidence& workload) {
    std::string text = fmt::format("      {} rounds of 3 slices of {:g} s, {} clients\n",
                                   workload.effect.pairs, workload.slice_seconds, workload.clients);
    for (const Comparison& companion : workload.companions)
        text += fmt::format("      {}: {:+.1f} % ({:+.1f} % to {:+.1f} %)\n", companion.metric,
                            (companion.ratio - 1) * 100, (companion.interval.low - 1) * 100,
                            (companion.interval.high - 1) * 100);
    return text;
}

// Workloads that failed alike share one line.
std::string reasons_not_run(const Evidence& evidence) {
    std::vector<std::pair<std::string, std::string>> reasons;  // reason, workloads
    for (const WorkloadEvidence& workload : evidence.workloads) {
        if (was_run(workload)) continue;
        const auto known = std::ranges::find(reasons, workload.not_run_because,
                                             [](const auto& reason) { return reason.first; });
        if (known == reasons.end())
            reasons.emplace_back(workload.not_run_because, workload.workload);
        else
            known->second += ", " + workload.workload;
    }
    std::string text;
    for (const auto& [reason, workloads] : reasons)
        text += fmt::format("  {} not run: {}\n", workloads, reason);
    return text;
}

}  // namespace

std::string report_text(const Evidence& evidence, bool color) {
    std::string text = summary_sentence(evidence) + "\n\n" + header();
    const double reach = furthest_reach(evidence);
    for (const WorkloadEvidence& workload : evidence.workloads) text += row(workload, reach, color);
    text += "\n";
    text += reasons_not_run(evidence);
    for (const WorkloadEvidence& workload : evidence.workloads)
        if (was_run(workload))
            text += fmt::format("  {}: {}\n", workload.workload, workload.sentence) +
                    details_of(workload);
    if (std::ranges::any_of(evidence.workloads, was_run))
        text +=
            "\n  Ratio: the plan's rate over the current one's. Control: the same for two servers "
            "with equal settings.\n  Smallest: the change that four of five such runs would "
            "find.\n";
    if (!evidence.caveats.empty()) text += "\n  To bear in mind:\n";
    for (const std::string& caveat : evidence.caveats) text += "    - " + caveat + "\n";
    return text + fmt::format("\n  Seed {}: pass --seed to repeat the order and the resampling.\n",
                              evidence.seed);
}

}  // namespace hone::prove
