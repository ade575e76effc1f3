#include "model/verdict.hpp"

namespace hone {

namespace {

json::object without_verdict(const Comparison& comparison) {
    json::object object = hone::to_json(comparison);
    object.erase("verdict");
    return object;
}

json::array to_array(const std::vector<double>& rates) {
    return json::array(rates.begin(), rates.end());
}

json::object to_json(const WorkloadEvidence& workload) {
    json::array companions;
    for (const Comparison& companion : workload.companions)
        companions.push_back(without_verdict(companion));
    json::object object{{"workload", workload.workload},
                        {"verdict", to_string(workload.effect.verdict)}};
    if (workload.effect.verdict == Verdict::kNotRun) {
        object["not_run_because"] = workload.not_run_because;
        return object;
    }
    object["sentence"] = workload.sentence;
    object["effect"] = hone::to_json(workload.effect);
    object["control"] = hone::to_json(workload.control);
    object["companions"] = std::move(companions);
    object["slice_seconds"] = workload.slice_seconds;
    object["clients"] = workload.clients;
    object["current_rates"] = to_array(workload.current_rates);
    object["control_rates"] = to_array(workload.control_rates);
    object["planned_rates"] = to_array(workload.planned_rates);
    return object;
}

}  // namespace

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
    json::object object{{"metric", comparison.metric},
                        {"verdict", to_string(comparison.verdict)},
                        {"ratio", comparison.ratio},
                        {"interval_low", comparison.interval.low},
                        {"interval_high", comparison.interval.high},
                        {"pairs", comparison.pairs}};
    if (comparison.smallest_effect > 0) object["smallest_effect"] = comparison.smallest_effect;
    return object;
}

json::object to_json(const Evidence& evidence) {
    json::array workloads;
    for (const WorkloadEvidence& workload : evidence.workloads)
        workloads.push_back(to_json(workload));
    return {{"schema_version", 1},
            {"kind", "hone evidence"},
            {"plan", evidence.plan_id},
            {"server_build", evidence.server_build},
            {"measured_at", evidence.measured_at},
            {"seed", evidence.seed},
            {"seconds", evidence.seconds},
            {"scale", evidence.scale},
            {"workloads", std::move(workloads)},
            {"caveats", json::array(evidence.caveats.begin(), evidence.caveats.end())}};
}

}  // namespace hone
