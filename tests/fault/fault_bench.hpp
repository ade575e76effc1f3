// tests/fault/fault_bench.hpp - a private cluster on which the real hone program is killed or
// starved at one failpoint after the other.
//
// Shape    "old" is the configuration before the apply, "new" the one after it; whatever happens in
//          between, the cluster must end on one of them, running and healthy.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/full_run.hpp"
#include "support/made_plan.hpp"
#include "support/private_cluster.hpp"
#include "support/program.hpp"

namespace hone::test {

// One visit of one failpoint: "file.write@3".
struct Visit {
    std::string name;
    int number = 1;
    std::string action(const std::string& what) const;
    std::string text() const;
};

// Every visit, in order, or in a short run (without HONE_FULL=1) all of those that bear the names
// of steps and, unless `steps_only`, the first and the last of every other name.
std::vector<Visit> visits_to_try(const std::string& log, bool steps_only);

struct FaultScenario {
    std::string name;
    Settings settings;
    std::vector<std::string> apply_options;
    bool separate_config = false;
    bool steps_only = false;  // in a short run, where another scenario has the rest
};

class FaultBench {
  public:
    explicit FaultBench(FaultScenario scenario);

    // Runs hone with the failpoint's script, or none; `log`: also writes down each visit.
    ProcessResult hone(std::vector<std::string> arguments, const std::string& failpoint = "");
    ProcessResult apply(const std::string& failpoint = "");
    ProcessResult rollback(const std::string& failpoint = "");
    ProcessResult recover(const std::string& failpoint = "");
    // What the last run with `log_visits` passed.
    std::vector<Visit> visits() const;
    void log_visits(bool on);

    // Expects old or new, byte for byte, with a healthy server on it and nothing left lying about;
    // returns which.
    std::string expect_old_or_new();
    void expect_nothing_to_recover();
    // Brings the cluster there by the ordinary way.
    void go_to_old();
    void go_to_new();

    void report(const Visit& visit, const std::string& action, const std::string& outcome);

  private:
    std::map<std::string, std::string> values();
    std::vector<std::string> leftovers() const;
    FaultScenario scenario_;
    PrivateCluster cluster_;
    std::string plan_;
    std::string log_;
    bool logging_ = false;
    std::map<std::string, std::string> old_files_;
    std::map<std::string, std::string> new_files_;
    std::map<std::string, std::string> old_values_;
    std::map<std::string, std::string> new_values_;
};

}  // namespace hone::test
