#include "prove/bench/result.hpp"

#include <fmt/format.h>

#include <array>

#include "prove/bench/result_fields.hpp"

namespace hone::prove {

namespace {

constexpr std::string_view kKind = "bench_result";

constexpr std::array kVerdicts{TargetVerdict::kMet, TargetVerdict::kNotMet,
                               TargetVerdict::kNotReachableHere, TargetVerdict::kNotRun};

}  // namespace

std::string_view to_string(TargetVerdict verdict) {
    switch (verdict) {
        case TargetVerdict::kMet:
            return "MET";
        case TargetVerdict::kNotMet:
            return "NOT MET";
        case TargetVerdict::kNotReachableHere:
            return "NOT REACHABLE HERE";
        case TargetVerdict::kNotRun:
            return "NOT RUN";
    }
    return "NOT RUN";
}

TargetVerdict target_verdict_named(std::string_view name) {
    for (const TargetVerdict verdict : kVerdicts)
        if (to_string(verdict) == name) return verdict;
    return TargetVerdict::kNotRun;
}

std::string BenchKey::for_people() const {
    std::string text = name;
    if (!preset.empty()) text += " " + preset;
    if (!volume.empty()) text += ", " + volume;
    for (const auto& [variant, value] : variants) text += fmt::format(", {}={}", variant, value);
    if (rate_factor != 1) text += fmt::format(", at {:g} times the rate", rate_factor);
    return text;
}

json::object to_json(const BenchResult& result) {
    return document_of(kKind, result);
}

Result<BenchResult> result_from_text(std::string_view text, std::string_view what) {
    return value_from_document<BenchResult>(kKind, text, what);
}

}  // namespace hone::prove
