#include "host/storage.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <set>

namespace hone::host {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostDevices = 1024;
constexpr int kDeepestStack = 8;  // file system on LVM on RAID on partitions is three

bool is_disk(std::string_view name) {
    for (const char* other : {"loop", "ram", "zram", "sr", "fd", "dm-", "md", "nbd"})
        if (name.starts_with(other)) return false;
    // The boot areas of an eMMC chip are no place for data; zvols lie on disks that are listed.
    if (name.starts_with("zd") || name.starts_with("mtd")) return false;
    return name.find("boot") == std::string_view::npos && !name.ends_with("rpmb");
}

// "../devices/pci0000:00/0000:00:02.0/virtio1/block/vda" names every bus on the way.
std::string transport_of(std::string_view name, std::string_view path) {
    const auto through = [&](std::string_view part) {
        return path.find(part) != std::string_view::npos;
    };
    if (name.starts_with("nvme")) return "nvme";
    if (name.starts_with("dm-")) return "dm";
    if (name.starts_with("md")) return "md";
    if (name.starts_with("xvd") || through("/vbd-") || through("/xen")) return "xen";
    if (name.starts_with("mmcblk")) return "mmc";
    if (through("/usb")) return "usb";
    if (through("/virtio") || name.starts_with("vd")) return "virtio";
    if (through("/ata")) return "sata";
    if (through("/session") || through("/iscsi")) return "iscsi";
    if (through("/VMBUS") || through("/vmbus") || through("/MSFT1000:")) return "hyperv";
    if (through("/end_device-") || through("/sas")) return "sas";
    if (name.starts_with("sd")) return "scsi";
    return "";
}

// "none [mq-deadline] kyber bfq"
std::optional<std::string> chosen(const std::optional<std::string>& list) {
    if (!list) return std::nullopt;
    const std::size_t open = list->find('[');
    const std::size_t close = list->find(']');
    if (open == std::string::npos || close == std::string::npos || close < open) return list;
    return list->substr(open + 1, close - open - 1);
}

StorageFacts describe_disk(const Tree& tree, const std::string& name) {
    const std::string folder = "/sys/block/" + name;
    StorageFacts facts;
    facts.device = name;
    const std::string transport = transport_of(name, tree.link(folder).value_or(""));
    facts.transport = transport.empty()
                          ? unknown_fact<std::string>("unknown bus: " + folder)
                          : Fact<std::string>{transport, folder, Confidence::kInferred};
    const auto rotational = tree.integer(folder + "/queue/rotational");
    facts.rotational = rotational && (*rotational == 0 || *rotational == 1)
                           ? read_fact(*rotational == 1, folder + "/queue/rotational")
                           : unknown_fact<bool>("absent: " + folder + "/queue/rotational");
    const auto sectors = tree.integer(folder + "/size");
    constexpr std::int64_t kSectorBytes = 512;  // sysfs counts in these, whatever the device has
    constexpr std::int64_t kMostSectors = std::int64_t{1} << 50;
    facts.size = sectors && *sectors >= 0 && *sectors < kMostSectors
                     ? read_fact(Bytes{*sectors * kSectorBytes}, folder + "/size")
                     : unknown_fact<Bytes>("absent: " + folder + "/size");
    const auto scheduler = chosen(tree.line(folder + "/queue/scheduler"));
    facts.scheduler = scheduler
                          ? read_fact(printable(*scheduler), folder + "/queue/scheduler")
                          : unknown_fact<std::string>("absent: " + folder + "/queue/scheduler");
    facts.storage_class = unknown_fact<StorageClass>("not measured");
    facts.fdatasync_seconds = unknown_fact<double>("not measured");
    facts.random_read_seconds = unknown_fact<double>("not measured");
    // NVMe says what it is; anything else may lie, and is measured.
    if (transport == "nvme")
        facts.storage_class = {StorageClass::kNvme, "transport", Confidence::kInferred};
    return facts;
}

struct Mount {
    std::string device_number;  // "254:0"
    std::string point;
    std::string type;
    std::string options;
    std::string source;
};

// The kernel writes space, tab, newline and backslash in mountinfo as octal.
std::string unescaped(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool octal =
            text[at] == '\\' && at + 3 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '3';
        if (!octal) {
            plain += text[at];
            continue;
        }
        plain += static_cast<char>(((text[at + 1] - '0') << 6) | ((text[at + 2] - '0') << 3) |
                                   (text[at + 3] - '0'));
        at += 3;
    }
    return plain;
}

bool is_below(std::string_view path, std::string_view point) {
    if (point == "/") return path.starts_with('/');
    return path == point ||
           (path.starts_with(point) && path.size() > point.size() && path[point.size()] == '/');
}

// The mount that covers the folder: the longest mount point, the last one where several lie over
// each other.
std::optional<Mount> mount_of(const Tree& tree, const std::string& folder) {
    const auto content = tree.read("/proc/self/mountinfo");
    std::optional<Mount> best;
    for (const std::string_view line : split_lines(content ? *content : std::string_view{})) {
        const std::size_t dash = line.find(" - ");
        if (dash == std::string_view::npos) continue;
        const auto before = split_words(line.substr(0, dash));
        const auto after = split_words(line.substr(dash + 3));
        if (before.size() < 6 || after.size() < 2) continue;
        Mount mount{.device_number = std::string(before[2]),
                    .point = unescaped(before[4]),
                    .type = std::string(after[0]),
                    .options = std::string(before[5]),
                    .source = unescaped(after[1])};
        if (is_below(folder, mount.point) && (!best || mount.point.size() >= best->point.size()))
            best = std::move(mount);
    }
    return best;
}

// The disk behind "254:0": itself, the parent of a partition, or the first disk under a stack.
std::string disk_of(const Tree& tree, const std::string& device_number) {
    for (const std::string& disk : tree.list("/sys/block")) {
        if (tree.line("/sys/block/" + disk + "/dev") == device_number) return disk;
        for (const std::string& part : tree.list("/sys/block/" + disk))
            if (part.starts_with(disk) &&
                tree.line(fmt::format("/sys/block/{}/{}/dev", disk, part)) == device_number)
                return disk;
    }
    return "";
}

std::string parent_disk(const Tree& tree, const std::string& name) {
    if (tree.exists("/sys/block/" + name)) return name;
    for (const std::string& disk : tree.list("/sys/block"))
        if (tree.exists(fmt::format("/sys/block/{}/{}", disk, name))) return disk;
    return name;
}

// Each device is visited once: damaged links may lead in circles, many times over.
void collect_bottom_disks(const Tree& tree, const std::string& name, int level,
                          std::set<std::string>& visited, std::vector<std::string>& disks) {
    if (level > kDeepestStack || visited.size() >= kMostDevices) return;
    if (!visited.insert(name).second) return;
    const auto slaves = tree.list(fmt::format("/sys/block/{}/slaves", name));
    if (slaves.empty()) disks.push_back(name);
    for (const std::string& slave : slaves)
        collect_bottom_disks(tree, parent_disk(tree, slave), level + 1, visited, disks);
}

// A mirror or a stripe waits for its slowest disk: one that turns, else one that is not NVMe. ""
// where the devices only name each other.
std::string bottom_disk(const Tree& tree, const std::string& name) {
    std::vector<std::string> disks;
    std::set<std::string> visited;
    collect_bottom_disks(tree, name, 0, visited, disks);
    const auto slowness = [&](const std::string& disk) {
        if (tree.integer(fmt::format("/sys/block/{}/queue/rotational", disk)) == 1) return 2;
        return disk.starts_with("nvme") ? 0 : 1;
    };
    const auto slowest = std::ranges::max_element(disks, {}, slowness);
    return slowest == disks.end() ? "" : *slowest;
}

// "vg0-root" is "dm-3"; "" where there is no such mapping.
std::string mapped_device(const Tree& tree, std::string_view mapping) {
    for (const std::string& device : tree.list("/sys/block"))
        if (device.starts_with("dm-") && tree.line("/sys/block/" + device + "/dm/name") == mapping)
            return device;
    return "";
}

// btrfs, overlay and ZFS have no device number of a disk; their source may name one.
std::string device_of_mount(const Tree& tree, const Mount& mount) {
    if (std::string disk = disk_of(tree, mount.device_number); !disk.empty()) return disk;
    constexpr std::string_view kDevices = "/dev/";
    if (!mount.source.starts_with(kDevices)) return "";
    constexpr std::string_view kMapped = "mapper/";
    const std::string name = mount.source.substr(kDevices.size());
    const std::string disk = name.starts_with(kMapped)
                                 ? mapped_device(tree, name.substr(kMapped.size()))
                                 : parent_disk(tree, name);
    if (disk.empty()) return "";
    return tree.exists("/sys/block/" + disk) ? disk : "";
}

Fact<Bytes> free_space_of(const Tree& tree, const std::string& folder) {
    if (!tree.is_this_machine()) return unknown_fact<Bytes>("a recorded machine");
    struct statvfs facts{};
    if (::statvfs(folder.c_str(), &facts) != 0)
        return unknown_fact<Bytes>("statvfs(2) failed: " + folder);
    return read_fact(Bytes{static_cast<std::int64_t>(facts.f_bavail * facts.f_frsize)},
                     "statvfs(2)");
}

void describe_folder(const Tree& tree, const Mount& mount, const std::string& folder,
                     StorageFacts& facts) {
    const std::string source = "/proc/self/mountinfo";
    facts.folder = folder;
    facts.file_system = read_fact(printable(mount.type), source);
    facts.mount_point = read_fact(printable(mount.point), source);
    facts.mount_options = read_fact(printable(mount.options), source);
    facts.free_space = free_space_of(tree, folder);
}

// The nearest folder that exists, without links: what is mounted there is what counts.
std::string existing_folder(const Tree& tree, const fs::path& folder) {
    if (!tree.is_this_machine()) return folder.lexically_normal().string();
    std::error_code error;
    fs::path existing = fs::weakly_canonical(folder, error);
    if (error) existing = fs::absolute(folder);
    while (!fs::exists(existing, error) && existing != existing.root_path())
        existing = existing.parent_path();
    return existing.string();
}

// What lies on ZFS, on tmpfs or on an overlay.
StorageFacts without_device(std::string_view file_system) {
    const std::string why = "no block device behind " + printable(file_system);
    StorageFacts facts;
    facts.transport = read_fact<std::string>("none", "/proc/self/mountinfo");
    facts.rotational = unknown_fact<bool>(why);
    facts.storage_class = unknown_fact<StorageClass>(why);
    facts.fdatasync_seconds = unknown_fact<double>("not measured");
    facts.random_read_seconds = unknown_fact<double>("not measured");
    facts.size = unknown_fact<Bytes>(why);
    facts.scheduler = unknown_fact<std::string>(why);
    return facts;
}

}  // namespace

std::vector<StorageFacts> read_storage(const Tree& tree, const fs::path& folder) {
    std::vector<StorageFacts> storage;
    std::string folder_disk;
    if (!folder.empty()) {
        const std::string existing = existing_folder(tree, folder);
        if (const auto mount = mount_of(tree, existing)) {
            const std::string device = device_of_mount(tree, *mount);
            folder_disk = device.empty() ? "" : bottom_disk(tree, device);
            StorageFacts facts = folder_disk.empty() ? without_device(mount->type)
                                                     : describe_disk(tree, folder_disk);
            describe_folder(tree, *mount, existing, facts);
            storage.push_back(std::move(facts));
        }
    }
    for (const std::string& name : tree.list("/sys/block"))
        if (is_disk(name) && name != folder_disk && storage.size() < kMostDevices &&
            tree.integer("/sys/block/" + name + "/hidden").value_or(0) == 0)
            storage.push_back(describe_disk(tree, name));
    return storage;
}

}  // namespace hone::host
