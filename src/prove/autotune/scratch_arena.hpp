// prove/autotune/scratch_arena.hpp - an arena of scratch servers on copies of one data folder.
//
// Shape    the data is made once and kept in a stopped cluster; every contest gets three new servers
//          on new copies of it, with the target's own settings, the plan's on top, and the searched
//          values on top of those. A candidate is held against the boot check's rules first
//          (engines/postgres/check.hpp), and is refused where they or its boot refuse it.
//          shared_buffers of all servers are scaled by one factor for the whole search, where the
//          largest of the space would not fit three times.
// Errors   as make_servers; failed_precondition: the plan itself does not boot.
// Cost     four times the data's size on disk.
// Threads  one; the servers end with it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "engines/postgres/scratch.hpp"
#include "model/plan.hpp"
#include "prove/autotune/arena.hpp"
#include "prove/autotune/trial_load.hpp"

namespace hone::prove {

struct ArenaOptions {
    std::filesystem::path bin_directory;
    std::filesystem::path parent_folder;  // of the servers' folders; their owner can enter it
    std::filesystem::path cache_folder;   // of skeletons
    Bytes memory_limit;                   // of this machine
    Plan plan;
    Catalogue catalogue;
    std::vector<postgres::ConfigEntry> settings;  // the target's own, detached
    Bytes largest_buffers;                        // of the space
};

class ScratchArena : public Arena {
  public:
    // Makes the data, with the plan's settings. The load must outlive the arena.
    static Result<ScratchArena> make(ArenaOptions options, TrialLoad& load, Progress& progress,
                                     Deadline deadline);

    Result<Opened> open(const SettingValues& baseline, const SettingValues& candidate,
                        Deadline deadline) override;
    // What a reader of the figures has to know.
    const std::vector<std::string>& caveats() const { return caveats_; }

  private:
    ScratchArena(ArenaOptions options, Identity owner, TrialLoad& load);
    std::vector<postgres::ConfigEntry> settings_with(const SettingValues& values) const;
    Result<std::optional<std::string>> refused_by_rules(const SettingValues& values) const;
    Status make_data(Progress& progress, Deadline deadline);

    ArenaOptions options_;
    Identity owner_;
    TrialLoad* load_;
    std::optional<postgres::ScratchServer> data_;  // stopped
    double buffers_factor_ = 1;
    std::vector<std::string> caveats_;
};

}  // namespace hone::prove
