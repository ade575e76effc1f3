// bench/tuners/resource_group.hpp - a control group for one server: a limit on its memory, a brake on
// its disk, and a way to let it stand still.
//
// Shape    cgroup v1 (memory, freezer, blkio) or v2, whichever has the memory controller. A process
//          started between enter() and leave() is in the group, and so is everything it starts.
// Errors   unsupported: no memory controller, or no right to make a group; the message says which.
// Threads  enter() moves the whole process: no other thread may start children meanwhile.
// Limits   a group is removed with its object, after its processes have ended. A bench that is killed
//          by SIGKILL leaves its groups, frozen ones among them: /sys/fs/cgroup/*/hone-bench-*.
// Source   the kernel's Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace hone::bench {

struct ResourceLimits {
    Bytes memory;
    // Of the device under `folder`, reads and writes each. 0: no brake.
    int disk_iops = 0;
    std::filesystem::path folder;
};

class ResourceGroup {
  public:
    static Result<ResourceGroup> make(const std::string& name, const ResourceLimits& limits);
    ResourceGroup(ResourceGroup&& other) noexcept;
    ResourceGroup& operator=(ResourceGroup&& other) noexcept;
    ~ResourceGroup();

    // This process, and what it starts from now on.
    Status enter();
    Status leave();
    // All processes of the group stand still, or go on. Nothing where the kernel cannot.
    Status freeze(bool still);
    bool can_freeze() const { return !freeze_file_.empty(); }

  private:
    struct Membership {
        std::filesystem::path group;   // ours
        std::filesystem::path before;  // the group this process came from
    };
    ResourceGroup() = default;
    Status join(const std::string& name, const std::filesystem::path& mount,
                const std::filesystem::path& own_path);
    Status make_first(const std::string& name, const ResourceLimits& limits);
    Status make_second(const std::string& name, const ResourceLimits& limits);
    void remove() noexcept;

    std::vector<Membership> memberships_;
    std::filesystem::path freeze_file_;
    std::string frozen_word_;
    std::string thawed_word_;
};

// What `cgroup` (the text of /proc/self/cgroup) says of a v1 controller; none where it has none.
std::optional<std::string> path_of_controller(std::string_view cgroup, std::string_view controller);

}  // namespace hone::bench
