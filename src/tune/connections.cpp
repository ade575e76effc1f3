#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr const char* kRule = "connections.max_connections";
constexpr int kAdministratorSpare = 5;  // psql, monitoring, backup
constexpr double kCrowded = 0.8;        // of max_connections in use: raise it
constexpr double kRoomToGrow = 1.25;
constexpr int kFewestSensible = 20;

int rounded_up(double count, int step) {
    return static_cast<int>(std::ceil(count / step)) * step;
}

int in_use_with_reserve(const Situation& situation, const Draft& draft) {
    return situation.input.statistics.client_connections.value_or(0) + connection_reserve(draft);
}

void propose(Draft& draft, int wanted, std::string reason, int clients, int kept) {
    draft.propose_exactly({kRule,
                           "max_connections",
                           fmt::format("{}", wanted),
                           std::move(reason),
                           {{"clients", fmt::format("{}", clients)},
                            {"kept for superusers and tools", fmt::format("{}", kept)}}});
}

void plan_for_stated(const Situation& situation, Draft& draft, int clients) {
    const int kept = connection_reserve(draft);
    const int present = static_cast<int>(draft.current_number("max_connections", 100));
    const int wanted =
        rounded_up(std::max(clients + kept, in_use_with_reserve(situation, draft)), 10);
    if (wanted < present && situation.input.statistics.is_standby) return;
    // A few connections more than needed are not worth a restart.
    if (std::abs(wanted - present) <= kNegligibleShare * present && clients + kept <= present)
        return;
    propose(draft, wanted,
            fmt::format("{} clients, and {} for superusers, monitoring and backup.", clients, kept),
            clients, kept);
}

void plan_for_seen(const Situation& situation, Draft& draft) {
    const auto seen = situation.input.statistics.client_connections;
    const double present = draft.current_number("max_connections", 100);
    if (!seen || *seen < kCrowded * present) return;
    const int kept = connection_reserve(draft);
    propose(draft, rounded_up(*seen * kRoomToGrow + kept, 10),
            fmt::format("{} of {:.0f} connections are in use now: a quarter more, and {} for "
                        "superusers, monitoring and backup.",
                        *seen, present, kept),
            *seen, kept);
}

}  // namespace

int connection_reserve(const Draft& draft) {
    return static_cast<int>(draft.number("superuser_reserved_connections", 3) +
                            draft.number("reserved_connections", 0)) +
           kAdministratorSpare;
}

void plan_connections(const Situation& situation, Draft& draft) {
    if (const auto stated = situation.stated_connections())
        plan_for_stated(situation, draft, *stated);
    else
        plan_for_seen(situation, draft);
}

std::optional<int> fewest_connections(const Situation& situation, const Draft& draft) {
    if (situation.stated_connections() || situation.input.statistics.is_standby) return {};
    if (!draft.may_set("max_connections")) return {};
    return std::max(kFewestSensible, in_use_with_reserve(situation, draft));
}

}  // namespace hone::tune
