#include <fmt/format.h>

#include <algorithm>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr int kMaintenanceWorkersCap = 4;
constexpr int kAnalyticsPerGatherCap = 8;
constexpr Bytes kMemoryPerCore = Bytes::mega(64);

using Inputs = std::vector<std::pair<std::string, std::string>>;

Inputs inputs_of(const Situation& situation) {
    return {{"cores", fmt::format("{:.4g}", situation.input.machine.cores)},
            {"profile", std::string(to_string(situation.base_profile))},
            {"workload", std::string(to_string(situation.workload))}};
}

void propose(const Situation& situation, Draft& draft, const std::string& setting, int wanted,
             std::string reason) {
    draft.propose({"parallel." + setting, setting, fmt::format("{}", wanted), std::move(reason),
                   inputs_of(situation)});
}

// Half of the cores at most, so that one query never takes them all.
int per_gather(const Situation& situation) {
    const bool reports = situation.workload_traits.has_long_queries &&
                         situation.base_profile == Profile::kHighPerformance;
    const int cap = reports ? kAnalyticsPerGatherCap : situation.machine_traits.per_gather_cap;
    return std::min(cap, situation.whole_cores / 2);
}

void plan_worker_processes(const Situation& situation, Draft& draft, int parallel) {
    const int present = static_cast<int>(draft.number("max_worker_processes", 8));
    const int replication = static_cast<int>(draft.number("max_logical_replication_workers", 4));
    // Never lowered: extensions and a standby's primary may count on them.
    const int wanted = std::max(present, parallel + replication);
    propose(situation, draft, "max_worker_processes", wanted,
            fmt::format("{} parallel workers and {} for logical replication share one pool.",
                        parallel, replication));
}

}  // namespace

int workers_for(const Situation& situation, int cores_each) {
    const auto by_memory = situation.usable.count() / kMemoryPerCore.count();
    const int cores = static_cast<int>(std::min<std::int64_t>(situation.whole_cores, by_memory));
    return std::max(1, (cores + cores_each - 1) / cores_each);
}

void plan_parallel(const Situation& situation, Draft& draft) {
    const int cores = situation.whole_cores;
    const int wanted = workers_for(situation, 1);
    plan_worker_processes(situation, draft, wanted);
    const int workers = std::min(wanted, static_cast<int>(draft.number("max_worker_processes", 8)));
    propose(situation, draft, "max_parallel_workers", workers,
            workers < cores
                ? fmt::format("{} of {} cores: more workers would take too much of {}.", workers,
                              cores, situation.memory_text())
                : fmt::format("No more parallel workers than the {} {} that can run them.", cores,
                              cores == 1 ? "core" : "cores"));
    const int gather = std::min(per_gather(situation), workers);
    propose(situation, draft, "max_parallel_workers_per_gather", gather,
            gather == 0 ? "One core: a parallel plan would only add processes."
                        : fmt::format("One query gets at most {} {}, half of {} cores or less.",
                                      gather, gather == 1 ? "worker" : "workers", cores));
    const int maintenance = std::min({kMaintenanceWorkersCap, std::max(1, cores / 2), workers});
    propose(situation, draft, "max_parallel_maintenance_workers", maintenance,
            fmt::format("CREATE INDEX and VACUUM may use {} more {} of {} cores.", maintenance,
                        maintenance == 1 ? "process" : "processes", cores));
}

}  // namespace hone::tune
