#include "model/verdict.hpp"

namespace hone {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::kFaster:
            return "faster";
        case Verdict::kSlower:
            return "slower";
        case Verdict::kNoDifference:
            return "no difference";
        case Verdict::kCannotTell:
            return "cannot tell";
        case Verdict::kNotRun:
            return "not run";
    }
    return "cannot tell";
}

json::object to_json(const Comparison& comparison) {
    return {{"metric", comparison.metric},
            {"verdict", to_string(comparison.verdict)},
            {"ratio", comparison.ratio},
            {"interval_low", comparison.interval.low},
            {"interval_high", comparison.interval.high},
            {"smallest_effect", comparison.smallest_effect},
            {"pairs", comparison.pairs}};
}

json::object to_json(const Evidence& evidence) {
    json::array workloads;
    for (const WorkloadEvidence& workload : evidence.workloads) {
        json::array companions;
        for (const Comparison& companion : workload.companions)
            companions.push_back(to_json(companion));
        json::object object{{"workload", workload.workload},
                            {"verdict", to_string(workload.effect.verdict)},
                            {"control", to_json(workload.control)},
                            {"effect", to_json(workload.effect)},
                            {"companions", std::move(companions)},
                            {"current_rates", json::array(workload.current_rates.begin(),
                                                          workload.current_rates.end())},
                            {"planned_rates", json::array(workload.planned_rates.begin(),
                                                          workload.planned_rates.end())}};
        if (!workload.not_run_because.empty()) object["not_run_because"] = workload.not_run_because;
        workloads.push_back(std::move(object));
    }
    return {{"schema_version", 1},
            {"kind", "hone evidence"},
            {"plan", evidence.plan_id},
            {"server_build", evidence.server_build},
            {"seed", evidence.seed},
            {"seconds", evidence.seconds},
            {"workloads", std::move(workloads)},
            {"caveats", json::array(evidence.caveats.begin(), evidence.caveats.end())}};
}

}  // namespace hone
