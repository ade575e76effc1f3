#include <fmt/format.h>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

// From 18 reads are asynchronous and up to io_combine_limit large: fewer of them fill a device.
constexpr int kFirstVersionWithAsyncReads = 18;
constexpr int kAnalyticsStatisticsTarget = 500;

struct StorageCosts {
    double random_page_cost;
    int concurrency;
    int concurrency_async;
};

// None for storage whose class nobody knows: the present values stay.
std::optional<StorageCosts> costs_of(StorageClass storage) {
    switch (storage) {
        case StorageClass::kNvme:
            return StorageCosts{1.1, 256, 64};
        case StorageClass::kSsd:
            return StorageCosts{1.1, 200, 32};
        case StorageClass::kHdd:
            return StorageCosts{4, 2, 16};
        case StorageClass::kUnknown:
            return std::nullopt;
    }
    return std::nullopt;
}

void plan_storage(const Situation& situation, Draft& draft, const StorageCosts& costs) {
    const std::string storage(to_string(situation.input.machine.storage));
    const bool is_async = situation.input.server_version >= kFirstVersionWithAsyncReads;
    const int concurrency = is_async ? costs.concurrency_async : costs.concurrency;
    const std::vector<std::pair<std::string, std::string>> inputs{
        {"storage", storage}, {"storage read from", situation.input.machine.storage_source}};
    draft.propose(
        {"planner.random_page_cost", "random_page_cost", fmt::format("{}", costs.random_page_cost),
         situation.is_fast ? fmt::format("On {} a random page costs hardly more than the next one.",
                                         situation.storage_text())
                           : "On a spinning disk a random page costs a movement of the head.",
         inputs});
    const std::string reason =
        fmt::format("{} serves {} {} reads at once.",
                    situation.is_fast ? situation.storage_text() : "A spinning disk", concurrency,
                    is_async ? "asynchronous" : "prefetched");
    draft.propose({"planner.effective_io_concurrency", "effective_io_concurrency",
                   fmt::format("{}", concurrency), reason, inputs});
    if (situation.is_fast)
        draft.propose({"planner.maintenance_io_concurrency", "maintenance_io_concurrency",
                       fmt::format("{}", concurrency), reason, inputs});
}

}  // namespace

void plan_planner(const Situation& situation, Draft& draft) {
    if (const auto costs = costs_of(situation.input.machine.storage))
        plan_storage(situation, draft, *costs);
    const bool has_reports = situation.workload_traits.has_long_queries;
    const std::string workload(to_string(situation.workload));
    if (has_reports &&
        draft.current_number("default_statistics_target", 100) < kAnalyticsStatisticsTarget)
        draft.propose({"planner.default_statistics_target",
                       "default_statistics_target",
                       fmt::format("{}", kAnalyticsStatisticsTarget),
                       "Reports join and group: better row estimates are worth a longer ANALYZE.",
                       {{"workload", workload}}});
    draft.propose({"planner.jit",
                   "jit",
                   has_reports ? "on" : "off",
                   has_reports ? "Reports run long enough to earn back the compiling."
                               : fmt::format("The queries of {} are over before compiling pays.",
                                             situation.workload_text()),
                   {{"workload", workload}}});
}

}  // namespace hone::tune
