// prove/instances.hpp - three running servers with the same data, for one experiment.
//
// Shape    kCurrent and kControl run the current settings, kPlanned the planned ones. The data is
//          made once, in kCurrent; the folders of the others are copies of its, made while it was
//          stopped.
// Errors   failed_precondition: a server does not boot, with the reason; what pgbench and the
//          operating system say otherwise.
// Cost     about 10 s for scale 10, and three times 16 MB of disk per unit of scale.
// Threads  one.
#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "engines/postgres/scratch.hpp"
#include "prove/arm_settings.hpp"
#include "prove/compare/usage.hpp"
#include "prove/pgbench.hpp"
#include "prove/schedule.hpp"

namespace hone::prove {

struct InstanceOptions {
    std::filesystem::path bin_directory;
    Identity owner;
    std::filesystem::path parent_folder;
    std::filesystem::path cache_folder;
    Pgbench pgbench;
    ArmSettings settings;
    int scale = 1;
};

class Instances {
  public:
    static Result<Instances> make(const InstanceOptions& options, Progress& progress,
                                  Deadline deadline);

    std::string conninfo(Arm arm) const { return servers_[index(arm)].conninfo(); }
    const Identity& owner() const { return servers_[0].owner(); }
    // Where the load's script lies, readable by the owner.
    std::filesystem::path script_file(const Load& load) const;

    Result<Usage> usage(Arm arm, Deadline deadline);
    // On all three, so that none starts with another's dirty pages behind it.
    Status checkpoint(Deadline deadline);
    // The smallest number of clients that all three have room for.
    Result<int> client_room(Deadline deadline);
    Result<Bytes> data_size(Deadline deadline);
    // The data was read into the caches of all three: false where the build has no pg_prewarm.
    bool warm() const { return warm_; }

  private:
    static constexpr std::size_t index(Arm arm) { return static_cast<std::size_t>(arm); }
    Instances(std::vector<postgres::ScratchServer> servers,
              std::vector<postgres::Connection> connections, bool warm)
        : servers_(std::move(servers)), connections_(std::move(connections)), warm_(warm) {}

    std::vector<postgres::ScratchServer> servers_;   // by Arm
    std::vector<postgres::Connection> connections_;  // by Arm; closed before the servers stop
    bool warm_ = false;
};

}  // namespace hone::prove
