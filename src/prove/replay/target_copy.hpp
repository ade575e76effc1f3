// prove/replay/target_copy.hpp - a server's data in a private folder, for loads that must not touch
// the server.
//
// Shape    from a running server by pg_basebackup, from a stopped one by copying its files. The copy
//          is then booted once, detached: it has no connection to a primary, archives nothing, runs
//          no subscription and no other program's background work. What remains is a cleanly
//          stopped data folder, to be used as ScratchOptions::template_data.
// Errors   unsupported: tablespaces; permission_denied: the role may not replicate, or pg_hba.conf
//          has no line for it; exhausted: the disk has no room for `copies` of it; as
//          pg_basebackup and ScratchServer say.
// Outcome  the target is only read.
// Cost     the size of the data once more, for as long as the object lives, and as much again while
//          it is made.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/scratch.hpp"
#include "engines/postgres/server.hpp"

namespace hone::prove {

struct TargetCopyOptions {
    std::filesystem::path parent_folder;  // of the copy; "" for /tmp
    int copies = 1;                       // scratch servers that will be made from it at once
};

class TargetCopy {
  public:
    static Result<TargetCopy> make(const postgres::Server& server, const TargetCopyOptions& options,
                                   Progress& progress, Deadline deadline);

    // For ScratchOptions: template_data and settings (the target's own, detached).
    std::filesystem::path data_directory() const { return stopped_->data_directory(); }
    const std::vector<postgres::ConfigEntry>& settings() const { return settings_; }
    const std::filesystem::path& bin_directory() const { return bin_directory_; }
    const std::vector<std::string>& caveats() const { return caveats_; }

  private:
    TargetCopy() = default;
    std::shared_ptr<postgres::ScratchServer> stopped_;
    std::vector<postgres::ConfigEntry> settings_;
    std::filesystem::path bin_directory_;
    std::vector<std::string> caveats_;
};

// Put last among the settings of a server on a copy of somebody's data, so that it reaches nobody.
std::vector<postgres::ConfigEntry> quiet_settings();

}  // namespace hone::prove
