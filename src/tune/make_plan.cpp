#include <fmt/format.h>

#include <array>
#include <cmath>

#include "tune/budget.hpp"
#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr int kOldestVersion = 14;
constexpr int kNewestVersion = 18;
constexpr Bytes kSmallestMemory = Bytes::mega(128);
constexpr Bytes kLargestMemory = Bytes::giga(64 * 1024);
constexpr double kFewestCores = 0.05;
constexpr double kMostCores = 8192;
constexpr int kMostConnections = 262143;

// What a standby must have at least as much of as its primary (manual, 26.4).
constexpr std::array<std::string_view, 5> kStandbySettings{
    "max_connections", "max_locks_per_transaction", "max_prepared_transactions", "max_wal_senders",
    "max_worker_processes"};

Error refuse(std::string tried, std::string wrong, std::string advice) {
    return {ErrorCode::kInvalidArgument, std::move(tried), std::move(wrong), std::move(advice)};
}

Status check_machine(const TuneInput& input) {
    const PlanMachine& machine = input.machine;
    const std::string tried =
        fmt::format("planning for {} of memory", format_for_people(machine.memory_limit));
    if (machine.memory_limit < kSmallestMemory)
        return refuse(tried, "PostgreSQL needs at least 128 MB",
                      "state the memory with its unit, as in --memory 16GB");
    if (machine.memory_limit > kLargestMemory)
        return refuse(tried, "no machine has more than 64 TB",
                      "state the memory as in --memory 16GB");
    if (!std::isfinite(machine.cores) || machine.cores < kFewestCores || machine.cores > kMostCores)
        return refuse(fmt::format("planning for {} cores", machine.cores),
                      "no machine has so many or so few", "state them as in --cores 8");
    return {};
}

Status check_demands(const TuneInput& input, const Situation& situation) {
    if (input.server_version < kOldestVersion || input.server_version > kNewestVersion)
        return Error{ErrorCode::kUnsupported,
                     fmt::format("planning for PostgreSQL {}", input.server_version),
                     "hone knows 14 to 18", "use a hone that knows that version"};
    const auto connections = situation.stated_connections();
    if (connections && (*connections < 1 || *connections > kMostConnections - 100))
        return refuse(fmt::format("planning for {} connections", *connections),
                      "a server takes 1 to 262143", "state them as in --connections 200");
    for (const Tenant& tenant : situation.tenants)
        if (tenant.memory < Bytes{})
            return refuse("planning beside " + tenant.name, "its memory is negative",
                          "state it as in --tenant kaspad=8GB");
    if (situation.usable < kSmallestMemory)
        return refuse(fmt::format("planning beside other programs that take {}",
                                  format_for_people(situation.tenant_memory)),
                      fmt::format("{} of memory leave less than 128 MB for PostgreSQL",
                                  situation.memory_text()),
                      "name fewer or smaller tenants, or give it more memory");
    return {};
}

void report_standby(const Situation& situation, Draft& draft) {
    const ServerStatistics& statistics = situation.input.statistics;
    if (!statistics.is_standby && !statistics.has_standbys) return;
    std::string changed;
    for (const std::string_view setting : kStandbySettings)
        if (draft.effective(setting) != draft.current(setting))
            changed += (changed.empty() ? "" : ", ") + std::string(setting);
    if (changed.empty()) return;
    draft.notice(
        Severity::kWarning, "connections.standby",
        fmt::format("{} {} changed on a server with replication: a standby with a smaller "
                    "value than its primary stops.",
                    changed, changed.find(',') == std::string::npos ? "is" : "are"),
        "Raise on the standbys first and then on the primary; lower on the primary first.");
}

void report_machine(const Situation& situation, Draft& draft) {
    if (situation.input.overcommit_is_strict)
        draft.notice(Severity::kWarning, "memory.overcommit",
                     "vm.overcommit_memory is 2: memory is refused when the commit limit is "
                     "reached, before the machine is full.",
                     "The plan keeps to the commit limit if that is the limit it names; raise "
                     "vm.overcommit_ratio to use the rest.");
    if (situation.input.machine.storage == StorageClass::kUnknown)
        draft.notice(Severity::kNote, "planner.storage",
                     "What the storage is was neither measured nor stated: its cost settings stay.",
                     "Run without --no-probe, or state --storage nvme, ssd or hdd.");
}

Status run_rules(const Situation& situation, Draft& draft) {
    plan_connections(situation, draft);
    plan_parallel(situation, draft);
    plan_timescaledb(situation, draft);
    plan_autovacuum(situation, draft);
    plan_io_method(situation, draft);
    plan_wal(situation, draft);
    HONE_TRY(plan_memory(situation, draft));
    plan_huge_pages(situation, draft);
    plan_planner(situation, draft);
    plan_background_writer(situation, draft);
    plan_monitoring(situation, draft);
    report_durability(situation, draft);
    report_machine(situation, draft);
    report_standby(situation, draft);
    return {};
}

}  // namespace

Result<Plan> make_plan(const TuneInput& input) {
    HONE_TRY(check_machine(input));
    const Situation situation(input);
    HONE_TRY(check_demands(input, situation));
    Draft draft(input);
    HONE_TRY(draft.fix(input.customization));
    HONE_TRY(run_rules(situation, draft));

    Plan plan;
    plan.server_version = input.server_version;
    plan.server_build = input.server_build;
    plan.target = input.target;
    plan.machine = input.machine;
    // Three decimals, so that the plan reads back as the same bytes.
    plan.machine.cores = std::round(input.machine.cores * 1000) / 1000;
    plan.profile = to_string(situation.profile);
    plan.profile_reason = situation.profile_reason;
    plan.workload = to_string(situation.workload);
    plan.workload_reason = situation.workload_reason;
    plan.changes = draft.changes();
    plan.budget = budget_of(situation, shape_of(draft));
    plan.notices = draft.notices();
    HONE_ASSERT(plan.budget.closes());
    return plan;
}

}  // namespace hone::tune
