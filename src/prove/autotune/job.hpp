// prove/autotune/job.hpp - what one automatic search is about, as its journal keeps it.
//
// Shape    a value; whoever resumes a search needs nothing else but the plan beside it.
// Source   docs/reference/autotune.md
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engines/postgres/config_file.hpp"
#include "prove/autotune/search.hpp"

namespace hone::prove {

// Where data and load come from.
struct TrialSource {
    std::string kind;  // "pgbench", "pack", "workload"
    std::string name;  // of pgbench's load or of the pack; the recording's file
    std::string preset;
    std::string volume;
    std::map<std::string, std::string> variants;
    int scale = 10;       // of pgbench
    std::string copy_of;  // of a recording: the cluster whose data is copied
    bool with_writes = false;
};

struct AutotuneJob {
    TrialSource source;
    std::string load;  // for people: TrialLoad::description()
    std::uint64_t seed = 0;
    double budget_seconds = 0;
    double slice_seconds = 1;
    double screening_seconds = 0;   // of slices, of one evaluation at most
    double evaluation_seconds = 0;  // what one is expected to take
    double check_seconds = 0;
    bool reload_only = false;
    std::string bin_directory;
    std::string server_build;
    std::vector<std::pair<std::string, std::string>> settings;  // the target's own, detached
    std::vector<Dimension> space;
};

// Shares the budget out: how long an evaluation and the check may be. Pure.
void share_out_budget(AutotuneJob& job);
// How many evaluations the budget is expected to have room for.
double expected_evaluations(const AutotuneJob& job);
// The shortest budget that has room for an evaluation and the check.
double shortest_budget_seconds(double slice_seconds);

std::vector<postgres::ConfigEntry> entries_of(const SettingValues& values);

// Numbers are cut to kJournalDigits: a longer one would not be read back as the same bytes, and its
// record would count as damaged.
inline constexpr int kJournalDigits = 12;
double journal_number(double number);

json::object to_json(const AutotuneJob& job);
Result<AutotuneJob> job_from_json(const json::value& value);
json::object to_json(const Evaluation& evaluation);
Result<Evaluation> evaluation_from_json(const json::value& value);
json::object to_json(const Check& check);
Result<Check> check_from_json(const json::value& value);

}  // namespace hone::prove
