// tune/rules.hpp - the rule groups, one file each, in the order in which make_plan runs them.
//
// Shape    a rule reads the Situation and the Draft and proposes; it never fails. The order
//          matters: the memory rules come after everything that decides how many processes there
//          will be.
#pragma once

#include <string_view>

#include "tune/draft.hpp"
#include "tune/situation.hpp"
#include "tune/tune.hpp"

namespace hone::tune {

void plan_connections(const Situation& situation, Draft& draft);
void plan_parallel(const Situation& situation, Draft& draft);
void plan_autovacuum(const Situation& situation, Draft& draft);
void plan_timescaledb(const Situation& situation, Draft& draft);
void plan_io_method(const Situation& situation, Draft& draft);
void plan_wal(const Situation& situation, Draft& draft);
// Errors: invalid_argument: the limit cannot be kept with what is fixed; the terms are in the
// message.
Status plan_memory(const Situation& situation, Draft& draft);
void plan_huge_pages(const Situation& situation, Draft& draft);
void plan_planner(const Situation& situation, Draft& draft);
void plan_background_writer(const Situation& situation, Draft& draft);
void plan_monitoring(const Situation& situation, Draft& draft);
void report_durability(const Situation& situation, Draft& draft);

// The fewest connections that the server may be set to, because memory is short; none where
// max_connections may not be lowered.
std::optional<int> fewest_connections(const Situation& situation, const Draft& draft);

// What the server keeps for superusers, plus a few for people and their tools.
int connection_reserve(const Draft& draft);

// How many processes of a pool a machine should have: one for every `cores_each` cores, where only
// one core counts for every 64 MB, or a small container on a large host would be full of workers.
int workers_for(const Situation& situation, int cores_each);

// The library is named in shared_preload_libraries.
bool is_preloaded(const Draft& draft, std::string_view library);

// nullptr where there is none: a test keeps every proposal's rule in rules.toml.
const RuleText* find_rule_text(std::string_view rule);

}  // namespace hone::tune
