#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tune/budget.hpp"
#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr double kSharedBuffersShare = 0.25;
// Data that the server's statistics know to be no more than this share of the memory is held in
// shared_buffers as a whole, up to the largest share.
constexpr double kLargestDataShare = 0.6;
constexpr double kLargestSharedBuffersShare = 0.5;
constexpr double kRoomForDataToGrow = 1.25;
constexpr std::int64_t kGrowthSteps = 16;
constexpr double kCacheShare = 0.75;
constexpr double kHashMemMultiplier = 2;
constexpr std::int64_t kAutovacuumPart = 4;  // of maintenance_work_mem, for each worker
constexpr Bytes kSmallestSharedBuffers = Bytes::mega(16);
constexpr Bytes kSmallestWorkMem = Bytes::kilo(64);  // of the server
constexpr Bytes kComfortableWorkMem = Bytes::mega(4);
constexpr Bytes kUsableWorkMem = Bytes::mega(1);

Bytes rounded_work_mem(Bytes size) {
    if (size >= Bytes::mega(4)) return round_down_to(size, Bytes::mega(1));
    if (size >= Bytes::mega(1)) return round_down_to(size, Bytes::kilo(256));
    return round_down_to(size, Bytes::kilo(64));
}

Bytes rounded(Bytes size) {
    const Bytes step = size >= Bytes::giga(4)    ? Bytes::mega(256)
                       : size >= Bytes::mega(64) ? Bytes::mega(16)
                                                 : Bytes::mega(1);
    return round_down_to(size, step);
}

Bytes quarter_of_memory(const Situation& situation) {
    return std::max(rounded(share_of(situation.usable, kSharedBuffersShare)),
                    kSmallestSharedBuffers);
}

// What the data would like to have, were there nothing else; a quarter where it is unknown, too large,
// or read in long scans, which pass shared_buffers by.
Bytes buffers_for_data(const Situation& situation, const Draft& draft) {
    const Bytes quarter = quarter_of_memory(situation);
    const Bytes data = situation.input.statistics.database_size.value_or(Bytes{});
    if (situation.workload_traits.has_long_queries || data <= quarter ||
        data > share_of(situation.usable, kLargestDataShare))
        return quarter;
    const Bytes wanted = std::min(rounded(share_of(data, kRoomForDataToGrow)),
                                  rounded(share_of(situation.usable, kLargestSharedBuffersShare)));
    // What holds the data already stays as it is: a plan is not to ask for a restart each time that
    // the data has grown a little.
    const Bytes present = draft.bytes("shared_buffers");
    return std::max(quarter, present >= data && present <= wanted ? present : wanted);
}

// The same, less whatever a comfortable work_mem needs. `shape` has everything else.
Bytes wished_buffers(const Situation& situation, const Draft& draft, MemoryShape shape) {
    const Bytes quarter = quarter_of_memory(situation);
    shape.shared_buffers = buffers_for_data(situation, draft);
    const Bytes step = (shape.shared_buffers - quarter) / kGrowthSteps;
    while (shape.shared_buffers - quarter > step &&
           affordable_work_mem(situation, shape) < kComfortableWorkMem)
        shape.shared_buffers -= step;
    if (affordable_work_mem(situation, shape) < kComfortableWorkMem) return quarter;
    return std::max(quarter, rounded(shape.shared_buffers));
}

// What the profile would like, before anything has to give way.
MemoryShape wished_shape(const Situation& situation, const Draft& draft) {
    const ProfileTraits& traits = situation.machine_traits;
    MemoryShape shape = shape_of(draft);
    const Bytes maintenance = std::min(
        rounded(share_of(situation.usable, traits.maintenance_share)), traits.maintenance_cap);
    shape.maintenance_work_mem =
        draft.settled("maintenance_work_mem", std::max(maintenance, Bytes::mega(16)));
    const Bytes vacuum = std::min(rounded(maintenance / kAutovacuumPart), traits.autovacuum_cap);
    if (draft.may_set("autovacuum_work_mem"))
        shape.autovacuum_work_mem =
            draft.settled("autovacuum_work_mem", std::max(vacuum, Bytes::mega(8)));
    const bool is_close = shape.hash_mem_multiplier >= kHashMemMultiplier * (1 - kNegligibleShare);
    if (draft.may_set("hash_mem_multiplier") && !is_close)
        shape.hash_mem_multiplier = kHashMemMultiplier;
    shape.shared_buffers = draft.settled("shared_buffers", wished_buffers(situation, draft, shape));
    return shape;
}

struct Concession {
    const char* what;  // for the notice
    void (*give)(const Situation&, const Draft&, MemoryShape&);
    Bytes enough;  // this work_mem, and no more has to give way
};

void cut_to(const Draft& draft, const char* setting, Bytes& size, Bytes target) {
    if (draft.may_set(setting)) size = std::min(size, target);
}

void cut_maintenance(const Draft& draft, MemoryShape& shape, Bytes maintenance, Bytes vacuum) {
    cut_to(draft, "maintenance_work_mem", shape.maintenance_work_mem, maintenance);
    if (shape.autovacuum_work_mem.count() >= 0)
        cut_to(draft, "autovacuum_work_mem", shape.autovacuum_work_mem, vacuum);
}

// What remains for one more connection decides how many there can be.
void cut_connections(const Situation& situation, const Draft& draft, MemoryShape& shape) {
    const auto fewest = fewest_connections(situation, draft);
    if (!fewest) return;
    while (shape.connections > *fewest && affordable_work_mem(situation, shape) < kUsableWorkMem)
        shape.connections = std::max(*fewest, shape.connections - 5);
}

// In this order, until what is left for work_mem is enough.
constexpr std::array kConcessions{
    Concession{"hash_mem_multiplier",
               [](const Situation&, const Draft& draft, MemoryShape& shape) {
                   if (draft.may_set("hash_mem_multiplier")) shape.hash_mem_multiplier = 1;
               },
               kComfortableWorkMem},
    Concession{"maintenance memory",
               [](const Situation&, const Draft& draft, MemoryShape& shape) {
                   cut_maintenance(draft, shape, Bytes::mega(64), Bytes::mega(32));
               },
               kComfortableWorkMem},
    Concession{"shared_buffers",
               [](const Situation& situation, const Draft& draft, MemoryShape& shape) {
                   cut_to(draft, "shared_buffers", shape.shared_buffers,
                          rounded(share_of(situation.usable, kSharedBuffersShare / 2)));
               },
               kUsableWorkMem},
    Concession{"max_connections", cut_connections, kUsableWorkMem},
    Concession{"maintenance memory and shared_buffers, to their minimum",
               [](const Situation&, const Draft& draft, MemoryShape& shape) {
                   cut_maintenance(draft, shape, Bytes::mega(16), Bytes::mega(8));
                   cut_to(draft, "shared_buffers", shape.shared_buffers, kSmallestSharedBuffers);
               },
               kSmallestWorkMem},
};

// Returns what gave way, "" where nothing had to.
std::string make_room(const Situation& situation, const Draft& draft, MemoryShape& shape) {
    std::vector<std::string> given;
    for (const Concession& concession : kConcessions) {
        // A work_mem that is fixed must fit as it is.
        const Bytes enough = draft.may_set("work_mem") ? concession.enough : shape.work_mem;
        if (affordable_work_mem(situation, shape) >= enough) continue;
        const MemoryShape before = shape;
        concession.give(situation, draft, shape);
        if (affordable_work_mem(situation, shape) > affordable_work_mem(situation, before))
            given.emplace_back(concession.what);
    }
    std::string text;
    for (const std::string& what : given) text += (text.empty() ? "" : ", ") + what;
    return text;
}

// By halving: the worst case grows with every connection.
int most_connections(const Situation& situation, MemoryShape shape) {
    int fits = 0;
    int too_many = shape.connections;
    while (too_many - fits > 1) {
        shape.connections = (fits + too_many) / 2;
        (budget_of(situation, shape).closes() ? fits : too_many) = shape.connections;
    }
    return fits;
}

Error does_not_fit(const Situation& situation, const Draft& draft, const MemoryShape& shape) {
    MemoryShape smallest = shape;
    if (draft.may_set("work_mem")) smallest.work_mem = kSmallestWorkMem;
    const MemoryBudget budget = budget_of(situation, smallest);
    std::string terms;
    for (const BudgetTerm& term : budget.terms)
        terms += fmt::format("{}{} {}", terms.empty() ? "" : ", ", term.name,
                             format_for_people(term.size));
    const int clients = most_connections(situation, smallest) / 10 * 10 - connection_reserve(draft);
    const std::string advice =
        clients > 0
            ? fmt::format(
                  "plan for at most {} connections with a pooler in front, name fewer or "
                  "smaller tenants, or give it more memory",
                  clients)
            : "let hone change what is fixed, name fewer or smaller tenants, allow a restart, or "
              "give it more memory";
    return {
        ErrorCode::kInvalidArgument,
        fmt::format("fitting {} connections into {}", shape.connections, situation.memory_text()),
        fmt::format("even the smallest settings need {} at worst ({})",
                    format_for_people(budget.worst_case()), terms),
        advice};
}

// The shape has settled already which sizes stay: what it says must hold, or the budget would not.
void propose_size(Draft& draft, const std::string& setting, Bytes size, std::string reason,
                  std::vector<std::pair<std::string, std::string>> inputs) {
    draft.propose_exactly({"memory." + setting, setting, format_for_postgres(size),
                           std::move(reason), std::move(inputs)});
}

std::string base_text(const Situation& situation) {
    if (situation.tenant_memory.count() == 0) return situation.memory_text();
    return fmt::format("{} ({} without the other programs' {})",
                       format_for_people(situation.usable), situation.memory_text(),
                       format_for_people(situation.tenant_memory));
}

std::string buffers_reason(const Situation& situation, Bytes buffers) {
    const double share = 100.0 * static_cast<double>(buffers.count()) /
                         static_cast<double>(situation.usable.count());
    if (buffers <= quarter_of_memory(situation))
        return fmt::format("{:.0f} % of {}; the file cache needs the rest.", share,
                           base_text(situation));
    return fmt::format(
        "{:.0f} % of {}, because the data fits: {} of it, found there and not asked of "
        "the kernel.",
        share, base_text(situation),
        format_for_people(situation.input.statistics.database_size.value_or(Bytes{})));
}

void propose_caches(const Situation& situation, Draft& draft, const MemoryShape& shape) {
    std::vector<std::pair<std::string, std::string>> inputs{
        {"memory limit", situation.memory_text()},
        {"other programs", format_for_people(situation.tenant_memory)}};
    if (const auto data = situation.input.statistics.database_size)
        inputs.emplace_back("data", format_for_people(*data));
    propose_size(draft, "shared_buffers", shape.shared_buffers,
                 buffers_reason(situation, shape.shared_buffers), inputs);
    const Bytes cache =
        std::max(rounded(share_of(situation.usable, kCacheShare)), draft.bytes("shared_buffers"));
    draft.propose({"memory.effective_cache_size", "effective_cache_size",
                   format_for_postgres(cache),
                   fmt::format("75 % of {} is what shared_buffers and the file cache hold "
                               "together; nothing is allocated.",
                               base_text(situation)),
                   inputs});
}

void propose_maintenance(const Situation& situation, Draft& draft, const MemoryShape& shape) {
    const std::string profile(to_string(situation.base_profile));
    propose_size(
        draft, "maintenance_work_mem", shape.maintenance_work_mem,
        fmt::format("CREATE INDEX and VACUUM get {} of {}, a {} machine's share.",
                    format_for_people(shape.maintenance_work_mem), base_text(situation), profile),
        {{"memory limit", situation.memory_text()}, {"profile", profile}});
    if (shape.autovacuum_work_mem.count() < 0) return;
    propose_size(
        draft, "autovacuum_work_mem", shape.autovacuum_work_mem,
        fmt::format("{} workers take {} at most; by default each would take "
                    "maintenance_work_mem.",
                    shape.autovacuum_workers,
                    format_for_people(shape.autovacuum_work_mem * shape.autovacuum_workers)),
        {{"autovacuum_max_workers", fmt::format("{}", shape.autovacuum_workers)}});
}

void propose_connections(Draft& draft, const MemoryShape& shape) {
    if (shape.connections == static_cast<int>(draft.number("max_connections"))) return;
    draft.propose_exactly(
        {"connections.max_connections",
         "max_connections",
         fmt::format("{}", shape.connections),
         fmt::format("More than {} connections do not fit into the memory; put a pooler in front.",
                     shape.connections),
         {{"connections now", fmt::format("{:.0f}", draft.number("max_connections"))}}});
}

// The present value stays where it is close and still fits.
void propose_work_mem(const Situation& situation, Draft& draft, const MemoryShape& shape) {
    const Bytes present = draft.bytes("work_mem");
    const bool fits = present <= affordable_work_mem(situation, shape);
    Proposal proposal{
        "memory.work_mem",
        "work_mem",
        format_for_postgres(shape.work_mem),
        fmt::format("What {} leave for each of {} sorts and hashes at once, {} for each connection "
                    "and parallel worker.",
                    situation.memory_text(),
                    (shape.connections + shape.parallel_workers) * situation.workload_traits.nodes,
                    situation.workload_traits.nodes),
        {{"memory limit", situation.memory_text()},
         {"max_connections", fmt::format("{}", shape.connections)},
         {"max_parallel_workers", fmt::format("{}", shape.parallel_workers)},
         {"nodes", fmt::format("{}", situation.workload_traits.nodes)},
         {"hash_mem_multiplier", fmt::format("{}", shape.hash_mem_multiplier)}}};
    if (fits)
        draft.propose(std::move(proposal));
    else
        draft.propose_exactly(std::move(proposal));
}

}  // namespace

Status plan_memory(const Situation& situation, Draft& draft) {
    MemoryShape shape = wished_shape(situation, draft);
    const std::string given = make_room(situation, draft, shape);
    const Bytes affordable = affordable_work_mem(situation, shape);
    if (draft.may_set("work_mem")) {
        if (affordable < kSmallestWorkMem) return does_not_fit(situation, draft, shape);
        shape.work_mem =
            std::min(rounded_work_mem(affordable), situation.machine_traits.work_mem_cap);
    } else if (!budget_of(situation, shape).closes()) {
        return does_not_fit(situation, draft, shape);
    }
    propose_connections(draft, shape);
    propose_caches(situation, draft, shape);
    propose_maintenance(situation, draft, shape);
    draft.propose_exactly(
        {"memory.hash_mem_multiplier",
         "hash_mem_multiplier",
         fmt::format("{}", shape.hash_mem_multiplier),
         shape.hash_mem_multiplier > 1
             ? "Hashes spill to disk at a cost that sorts do not have: they may take "
               "twice work_mem."
             : "Memory is short: hashes get no more than sorts.",
         {{"memory limit", situation.memory_text()}}});
    propose_work_mem(situation, draft, shape);
    if (!given.empty())
        draft.notice(Severity::kWarning, "memory.tight",
                     fmt::format("Memory is short for {} connections: {} had to give way.",
                                 shape.connections, given),
                     "A pooler such as PgBouncer in front, fewer connections or more memory make "
                     "room for queries.");
    return {};
}

}  // namespace hone::tune
