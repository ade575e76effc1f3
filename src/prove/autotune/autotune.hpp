// prove/autotune/autotune.hpp - searches for better settings than the plan's, on scratch servers,
// and says whether what it found holds.
//
// Shape    begin (or open, after a kill), then run. The record on disk (store.hpp) is all that a
//          resumed search needs.
// Errors   invalid_argument: too small a budget, programs of another version than the plan's;
//          failed_precondition: the plan does not boot, a load that fails; cancelled: what was
//          evaluated is kept, and the search can be resumed.
// Cost     the budget, and four times the data's size on disk.
// Threads  one; it starts and ends its own processes.
// Source   docs/reference/autotune.md
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "prove/autotune/store.hpp"
#include "prove/autotune/trial_load.hpp"

namespace hone::prove {

struct AutotuneOptions {
    std::filesystem::path state_directory;
    std::filesystem::path cache_folder;    // of skeletons
    std::filesystem::path scratch_folder;  // "" for /var/tmp
    Bytes memory_limit;                    // of this machine
};

struct AutotuneReport {
    std::string id;
    AutotuneJob job;
    Plan plan;
    SearchSpace space;
    SearchResult result;
    std::optional<Plan> found;         // where it is better
    std::filesystem::path found_file;  // its file
    std::vector<std::string> caveats;
};

// invalid_argument: no room for one evaluation and its check. To be asked before anything is made.
Status check_budget(const AutotuneJob& job);

// Fills in what follows from plan and load: the space, the shares of the budget, the build.
Result<AutotuneRecord> begin_autotune(AutotuneJob job, const Plan& plan, const TrialLoad& load,
                                      const AutotuneOptions& options, Deadline deadline);

// Until the budget is used up, from where the record ends.
Result<AutotuneReport> run_autotune(AutotuneRecord& record, TrialLoad& load,
                                    const AutotuneOptions& options, Progress& progress);

}  // namespace hone::prove
