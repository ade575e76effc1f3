#include "bench/tuners/resource_group.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/clock.hpp"
#include "base/descriptor.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::bench {

namespace {

namespace fs = std::filesystem;

const fs::path kMounts = "/sys/fs/cgroup";
constexpr Seconds kRemovalPatience{5};
constexpr useconds_t kRemovalNapMicroseconds = 10000;

// One write(2), as the kernel's files want it.
Status write_to(const fs::path& file, const std::string& text) {
    const Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (descriptor.valid() &&
        ::write(descriptor.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()))
        return {};
    return error_from_errno(errno, fmt::format("writing '{}' to '{}'", text, file.string()));
}

// The whole disk, because limits are a disk's and not a partition's.
Result<std::string> device_of(const fs::path& folder) {
    struct stat facts{};
    if (::stat(folder.c_str(), &facts) != 0)
        return error_from_errno(errno, "finding the device of '" + folder.string() + "'");
    const fs::path device =
        fmt::format("/sys/dev/block/{}:{}", major(facts.st_dev), minor(facts.st_dev));
    const fs::path disk = file_exists(device / "partition") ? device / ".." : device;
    HONE_TRY_ASSIGN(const std::string numbers, read_file(disk / "dev"));
    return std::string(trim(numbers));
}

Error no_memory_controller() {
    return {ErrorCode::kUnsupported, "limiting a server's memory",
            "neither cgroup v1 nor v2 offers its memory controller here",
            "run as root on a kernel with control groups, or measure with --memory none"};
}

// A group can be removed a moment after its last process has ended.
void remove_when_empty(const fs::path& group) {
    const Deadline patience = Deadline::after(kRemovalPatience);
    while (::rmdir(group.c_str()) != 0 && errno == EBUSY && !patience.expired())
        ::usleep(kRemovalNapMicroseconds);
}

}  // namespace

std::optional<std::string> path_of_controller(std::string_view cgroup,
                                              std::string_view controller) {
    for (const std::string_view line : split_lines(cgroup)) {
        const auto fields = split(line, ':');
        if (fields.size() < 3) continue;
        for (const std::string_view name : split(fields[1], ','))
            if (name == controller)
                return std::string(line.substr(fields[0].size() + fields[1].size() + 2));
    }
    return std::nullopt;
}

Status ResourceGroup::join(const std::string& name, const fs::path& mount,
                           const fs::path& own_path) {
    const fs::path before = mount / own_path.relative_path();
    const fs::path group = before / name;
    if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST)
        return error_from_errno(errno, "making the control group '" + group.string() + "'");
    memberships_.push_back({group, before});
    return {};
}

Status ResourceGroup::make_first(const std::string& name, const ResourceLimits& limits) {
    HONE_TRY_ASSIGN(const std::string cgroup, read_file("/proc/self/cgroup"));
    const auto memory = path_of_controller(cgroup, "memory");
    if (!memory) return no_memory_controller();
    HONE_TRY(join(name, kMounts / "memory", *memory));
    HONE_TRY(write_to(memberships_.back().group / "memory.limit_in_bytes",
                      fmt::format("{}", limits.memory.count())));
    if (const auto freezer = path_of_controller(cgroup, "freezer")) {
        HONE_TRY(join(name, kMounts / "freezer", *freezer));
        freeze_file_ = memberships_.back().group / "freezer.state";
        frozen_word_ = "FROZEN";
        thawed_word_ = "THAWED";
    }
    const auto disk = path_of_controller(cgroup, "blkio");
    if (limits.disk_iops == 0 || !disk) return {};
    HONE_TRY_ASSIGN(const std::string device, device_of(limits.folder));
    HONE_TRY(join(name, kMounts / "blkio", *disk));
    for (const char* file : {"blkio.throttle.read_iops_device", "blkio.throttle.write_iops_device"})
        HONE_TRY(write_to(memberships_.back().group / file,
                          fmt::format("{} {}", device, limits.disk_iops)));
    return {};
}

// Groups hang below the root of the hierarchy: only there may a group hold processes and other groups.
Status ResourceGroup::make_second(const std::string& name, const ResourceLimits& limits) {
    HONE_TRY_ASSIGN(const std::string cgroup, read_file("/proc/self/cgroup"));
    const auto own = path_of_controller(cgroup, "");
    HONE_TRY(write_to(kMounts / "cgroup.subtree_control",
                      limits.disk_iops > 0 ? "+memory +io" : "+memory"));
    HONE_TRY(join(name, kMounts, "/"));
    memberships_.back().before = kMounts / fs::path(own.value_or("/")).relative_path();
    const fs::path group = memberships_.back().group;
    HONE_TRY(write_to(group / "memory.max", fmt::format("{}", limits.memory.count())));
    freeze_file_ = group / "cgroup.freeze";
    frozen_word_ = "1";
    thawed_word_ = "0";
    if (limits.disk_iops == 0) return {};
    HONE_TRY_ASSIGN(const std::string device, device_of(limits.folder));
    return write_to(group / "io.max", fmt::format("{} riops={} wiops={}", device, limits.disk_iops,
                                                  limits.disk_iops));
}

Result<ResourceGroup> ResourceGroup::make(const std::string& name, const ResourceLimits& limits) {
    ResourceGroup group;
    const bool is_first = file_exists(kMounts / "memory" / "memory.limit_in_bytes");
    const bool is_second = file_exists(kMounts / "cgroup.controllers");
    if (!is_first && !is_second) return no_memory_controller();
    HONE_TRY(is_first ? group.make_first(name, limits) : group.make_second(name, limits));
    return group;
}

ResourceGroup::ResourceGroup(ResourceGroup&& other) noexcept
    : memberships_(std::exchange(other.memberships_, {})),
      freeze_file_(std::exchange(other.freeze_file_, {})),
      frozen_word_(std::move(other.frozen_word_)),
      thawed_word_(std::move(other.thawed_word_)) {}

ResourceGroup& ResourceGroup::operator=(ResourceGroup&& other) noexcept {
    if (this == &other) return *this;
    remove();
    memberships_ = std::exchange(other.memberships_, {});
    freeze_file_ = std::exchange(other.freeze_file_, {});
    frozen_word_ = std::move(other.frozen_word_);
    thawed_word_ = std::move(other.thawed_word_);
    return *this;
}

ResourceGroup::~ResourceGroup() {
    remove();
}

void ResourceGroup::remove() noexcept {
    if (can_freeze()) static_cast<void>(freeze(false).ok());
    for (const Membership& membership : memberships_) remove_when_empty(membership.group);
    memberships_.clear();
}

Status ResourceGroup::enter() {
    for (const Membership& membership : memberships_)
        HONE_TRY(write_to(membership.group / "cgroup.procs", fmt::format("{}", ::getpid())));
    return {};
}

Status ResourceGroup::leave() {
    for (const Membership& membership : memberships_)
        HONE_TRY(write_to(membership.before / "cgroup.procs", fmt::format("{}", ::getpid())));
    return {};
}

Status ResourceGroup::freeze(bool still) {
    if (!can_freeze()) return {};
    return write_to(freeze_file_, still ? frozen_word_ : thawed_word_);
}

}  // namespace hone::bench
