#include <fmt/format.h>

#include <algorithm>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr int kFewestWorkers = 3;
constexpr int kCoresPerWorker = 4;
constexpr int kDefaultCostLimit = 200;
constexpr int kDiskCostLimit = 400;  // a spinning disk has no more to give
constexpr int kBusyNaptimeSeconds = 20;

using Inputs = std::vector<std::pair<std::string, std::string>>;

int cost_limit(const Situation& situation) {
    int limit = situation.machine_traits.vacuum_cost_limit;
    if (situation.workload == Workload::kIngest) limit += limit / 2;
    return situation.is_fast ? limit : std::min(limit, kDiskCostLimit);
}

void plan_workers(const Situation& situation, Draft& draft) {
    int wanted = std::clamp(situation.whole_cores / kCoresPerWorker, kFewestWorkers,
                            situation.machine_traits.autovacuum_workers_cap);
    if (draft.has("autovacuum_worker_slots"))
        wanted = std::min(wanted, static_cast<int>(draft.number("autovacuum_worker_slots", 16)));
    if (wanted <= draft.current_number("autovacuum_max_workers", 3)) return;
    draft.propose({"autovacuum.autovacuum_max_workers",
                   "autovacuum_max_workers",
                   fmt::format("{}", wanted),
                   fmt::format("One worker for every {} of {} cores.", kCoresPerWorker,
                               situation.whole_cores),
                   {{"cores", fmt::format("{}", situation.whole_cores)}}});
}

void plan_cost_limit(const Situation& situation, Draft& draft) {
    const int wanted = cost_limit(situation);
    // -1 takes vacuum_cost_limit; more than the rule's was somebody's decision.
    const double own = draft.current_number("autovacuum_vacuum_cost_limit", -1);
    const double present = own > 0 ? own : draft.current_number("vacuum_cost_limit", 200);
    if (present >= wanted) return;
    draft.propose({"autovacuum.autovacuum_vacuum_cost_limit",
                   "autovacuum_vacuum_cost_limit",
                   fmt::format("{}", wanted),
                   fmt::format("On {} vacuum may do {} times the default's work before it pauses.",
                               situation.storage_text(), wanted / kDefaultCostLimit),
                   {{"storage", std::string(to_string(situation.input.machine.storage))},
                    {"profile", std::string(to_string(situation.base_profile))},
                    {"workload", std::string(to_string(situation.workload))}}});
}

// A smaller factor than the rule's was somebody's decision, and stays.
void plan_factor(Draft& draft, const std::string& setting, double wanted, std::string reason,
                 Inputs inputs) {
    if (draft.current_number(setting, 0) <= wanted) return;
    draft.propose({"autovacuum." + setting, setting, fmt::format("{}", wanted), std::move(reason),
                   std::move(inputs)});
}

}  // namespace

void plan_autovacuum(const Situation& situation, Draft& draft) {
    plan_workers(situation, draft);
    plan_cost_limit(situation, draft);
    const WorkloadTraits& traits = situation.workload_traits;
    const Inputs inputs{{"workload", std::string(to_string(situation.workload))}};
    plan_factor(draft, "autovacuum_vacuum_scale_factor", traits.vacuum_scale_factor,
                fmt::format("Vacuum a table after {:.0f} % of it has changed, not 20 %: smaller "
                            "and earlier rounds.",
                            100 * traits.vacuum_scale_factor),
                inputs);
    plan_factor(draft, "autovacuum_vacuum_insert_scale_factor", traits.vacuum_scale_factor,
                fmt::format("Vacuum a table after {:.0f} % has been added, so that index-only "
                            "scans and freezing keep up.",
                            100 * traits.vacuum_scale_factor),
                inputs);
    plan_factor(draft, "autovacuum_analyze_scale_factor", traits.analyze_scale_factor,
                fmt::format("Renew statistics after {:.0f} % of a table has changed.",
                            100 * traits.analyze_scale_factor),
                inputs);
    if (traits.writes_heavily)
        plan_factor(draft, "autovacuum_naptime", kBusyNaptimeSeconds,
                    "Look for tables to vacuum every 20 s: this workload makes dead rows all the "
                    "time.",
                    inputs);
}

}  // namespace hone::tune
