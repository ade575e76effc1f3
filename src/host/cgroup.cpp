#include "host/cgroup.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hone::host {

namespace {

constexpr int kDeepestNesting = 64;
constexpr std::int64_t kMostCpus = 65536;
// v1 says "no limit" with the largest multiple of a page that fits: 2^63 - 4096 on most, 2^63 -
// 65536 with 64 kB pages.
constexpr std::int64_t kNoLimit = std::int64_t{1} << 60;

// Where one hierarchy is, seen from inside: "/sys/fs/cgroup/memory" and "/docker/abc".
struct Hierarchy {
    std::string mount_point;
    std::string
        mount_root;  // the group that the mount point shows: "/" unless a container's bind mount
    std::string own_path;  // of this process
    bool found() const { return !mount_point.empty(); }
};

bool has_controller(std::string_view list, std::string_view controller) {
    const auto names = split(list, ',');
    return std::find(names.begin(), names.end(), controller) != names.end();
}

// "36 35 98:0 /root /mount/point rw,noatime master:1 - ext4 /dev/root rw,memory" (proc(5))
struct MountLine {
    std::string_view root;
    std::string_view point;
    std::string_view type;
    std::string_view super_options;
};

std::optional<MountLine> parse_mount(std::string_view line) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) return std::nullopt;
    const auto before = split_words(line.substr(0, dash));
    const auto after = split_words(line.substr(dash + 3));
    if (before.size() < 5 || after.empty()) return std::nullopt;
    return MountLine{.root = before[3],
                     .point = before[4],
                     .type = after[0],
                     .super_options = after.size() > 2 ? after[2] : std::string_view{}};
}

// controller "": the unified hierarchy of v2.
std::string own_path(const Tree& tree, std::string_view controller) {
    const auto content = tree.read("/proc/self/cgroup");
    for (const std::string_view line : split_lines(content ? *content : std::string_view{})) {
        const std::size_t first = line.find(':');
        const std::size_t second =
            first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? controllers.empty() : has_controller(controllers, controller))
            return std::string(line.substr(second + 1));
    }
    return "/";
}

std::vector<std::string> usual_places(std::string_view controller) {
    if (controller.empty()) return {"", "/unified"};
    if (controller == "cpu") return {"/cpu", "/cpu,cpuacct", "/cpuacct,cpu"};
    return {fmt::format("/{}", controller)};
}

Hierarchy find_hierarchy(const Tree& tree, std::string_view controller) {
    const auto content = tree.read("/proc/self/mountinfo");
    for (const std::string_view line : split_lines(content ? *content : std::string_view{})) {
        const auto mount = parse_mount(line);
        if (!mount) continue;
        const bool wanted =
            controller.empty()
                ? mount->type == "cgroup2"
                : mount->type == "cgroup" && has_controller(mount->super_options, controller);
        if (wanted)
            return {std::string(mount->point), std::string(mount->root),
                    own_path(tree, controller)};
    }
    // A recorded or restricted machine may lack mountinfo: the places that systemd and containers
    // use.
    for (const std::string& name : usual_places(controller)) {
        const std::string place = "/sys/fs/cgroup" + name;
        const bool there = controller.empty() ? tree.exists(place + "/cgroup.controllers") ||
                                                    tree.exists(place + "/memory.max")
                                              : tree.exists(place);
        if (there) return {place, "/", own_path(tree, controller)};
    }
    return {};
}

// The process's group below the mount point. A container sees its own group as the mount's root,
// and its path in /proc/self/cgroup may start with that root, or be relative to a namespace ("/"),
// or lie outside ("/../..").
std::string path_below_mount(const Hierarchy& hierarchy) {
    std::string_view path = hierarchy.own_path;
    const std::string_view root = hierarchy.mount_root;
    const bool below_root = path == root || path.starts_with(std::string(root) + '/');
    if (root != "/" && below_root) path.remove_prefix(root.size());
    if ((std::string(path) + "/").find("/../") != std::string::npos || path == "/") return "";
    return std::string(path);
}

// Own group first, then its parents, up to the mount point itself.
std::vector<std::string> levels(const Hierarchy& hierarchy) {
    std::vector<std::string> folders;
    if (!hierarchy.found()) return folders;
    std::string path = path_below_mount(hierarchy);
    for (int level = 0; level < kDeepestNesting && !path.empty(); ++level) {
        folders.push_back(hierarchy.mount_point + path);
        path.erase(std::min(path.rfind('/'), path.size()));
    }
    folders.push_back(hierarchy.mount_point);
    return folders;
}

template <class T>
void keep_smallest(Fact<T>& smallest, std::optional<T> value, const std::string& source) {
    if (!value || (smallest.value && *smallest.value <= *value)) return;
    smallest = read_fact(*value, source);
}

// "max", "", text, zero and numbers too large for a machine are no limit.
std::optional<Bytes> as_memory_limit(std::optional<std::int64_t> count) {
    if (!count || *count <= 0 || *count >= kNoLimit) return std::nullopt;
    return Bytes{*count};
}

Fact<Bytes> smallest_memory(const Tree& tree, const Hierarchy& hierarchy,
                            std::string_view file_name) {
    Fact<Bytes> smallest = unknown_fact<Bytes>("no cgroup limit");
    for (const std::string& folder : levels(hierarchy)) {
        const std::string file = fmt::format("{}/{}", folder, file_name);
        keep_smallest(smallest, as_memory_limit(tree.integer(file)), file);
    }
    return smallest;
}

std::optional<double> cores_of(std::optional<std::int64_t> quota,
                               std::optional<std::int64_t> period) {
    if (!quota || *quota <= 0 || !period || *period <= 0) return std::nullopt;
    return static_cast<double>(*quota) / static_cast<double>(*period);
}

// v1 says what all groups above leave, even those that a container cannot see.
std::optional<Bytes> hierarchical_limit(const Tree& tree, const std::string& file) {
    const auto content = tree.read(file);
    for (const std::string_view line : split_lines(content ? *content : std::string_view{})) {
        const auto words = split_words(line);
        if (words.size() == 2 && words[0] == "hierarchical_memory_limit")
            return as_memory_limit(parse_integer(words[1]));
    }
    return std::nullopt;
}

Fact<Bytes> smallest_memory_v1(const Tree& tree, const Hierarchy& hierarchy) {
    Fact<Bytes> smallest = smallest_memory(tree, hierarchy, "memory.limit_in_bytes");
    for (const std::string& folder : levels(hierarchy)) {
        const std::string file = folder + "/memory.stat";
        keep_smallest(smallest, hierarchical_limit(tree, file),
                      file + " hierarchical_memory_limit");
    }
    return smallest;
}

// "150000 100000", "max 100000"
std::optional<double> quota_v2(const Tree& tree, const std::string& folder) {
    const auto text = tree.line(folder + "/cpu.max");
    const auto words = split_words(text ? *text : std::string_view{});
    if (words.size() != 2) return std::nullopt;
    return cores_of(parse_integer(words[0]), parse_integer(words[1]));
}

std::optional<double> quota_v1(const Tree& tree, const std::string& folder) {
    return cores_of(tree.integer(folder + "/cpu.cfs_quota_us"),
                    tree.integer(folder + "/cpu.cfs_period_us"));
}

Fact<double> smallest_quota(const Tree& tree, const Hierarchy& hierarchy, bool unified) {
    Fact<double> smallest = unknown_fact<double>("no CPU quota");
    for (const std::string& folder : levels(hierarchy))
        keep_smallest(smallest, unified ? quota_v2(tree, folder) : quota_v1(tree, folder),
                      folder + (unified ? "/cpu.max" : "/cpu.cfs_quota_us"));
    return smallest;
}

// The effective file already holds what all levels above leave; the plain one only what this level
// asks for.
Fact<std::int64_t> smallest_cpuset(const Tree& tree, const Hierarchy& hierarchy) {
    Fact<std::int64_t> smallest = unknown_fact<std::int64_t>("no cpuset");
    for (const std::string& folder : levels(hierarchy)) {
        for (const char* name : {"cpuset.cpus.effective", "cpuset.effective_cpus", "cpuset.cpus"}) {
            const std::string file = fmt::format("{}/{}", folder, name);
            const auto list = tree.line(file);
            const auto count = list ? count_cpus(*list) : std::nullopt;
            if (!count || *count == 0) continue;
            keep_smallest(smallest, count, file);
            break;
        }
    }
    return smallest;
}

template <class T>
Fact<T> smaller(Fact<T> a, Fact<T> b) {
    if (!a.value) return b;
    if (!b.value) return a;
    return *b.value < *a.value ? b : a;
}

std::string version_of(bool unified, bool legacy) {
    if (unified && legacy) return "hybrid";
    if (unified) return "v2";
    return legacy ? "v1" : "none";
}

}  // namespace

std::optional<std::int64_t> count_cpus(std::string_view list) {
    std::int64_t count = 0;
    list = trim(list);
    if (list.empty()) return std::nullopt;
    for (const std::string_view range : split(list, ',')) {
        const std::size_t dash = range.find('-');
        const auto first = parse_integer(range.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : parse_integer(range.substr(dash + 1));
        if (!first || !last || *first < 0 || *last < *first || *last >= kMostCpus)
            return std::nullopt;
        count += *last - *first + 1;
    }
    return count <= kMostCpus ? std::optional(count) : std::nullopt;
}

CgroupLimits read_cgroup_limits(const Tree& tree) {
    const Hierarchy unified = find_hierarchy(tree, "");
    const Hierarchy memory = find_hierarchy(tree, "memory");
    const Hierarchy cpu = find_hierarchy(tree, "cpu");
    const Hierarchy cpuset = find_hierarchy(tree, "cpuset");
    const bool legacy = memory.found() || cpu.found() || cpuset.found();

    CgroupLimits limits;
    limits.facts.version = {version_of(unified.found(), legacy),
                            "/proc/self/mountinfo and /sys/fs/cgroup", Confidence::kInferred};
    limits.facts.path =
        read_fact(printable((memory.found() ? memory : unified).own_path), "/proc/self/cgroup");
    if (!unified.found() && !legacy)
        limits.facts.path = unknown_fact<std::string>("absent: /proc/self/cgroup");
    limits.memory =
        smaller(smallest_memory(tree, unified, "memory.max"), smallest_memory_v1(tree, memory));
    limits.quota_cores =
        smaller(smallest_quota(tree, unified, true), smallest_quota(tree, cpu, false));
    limits.cpuset_cores = smaller(smallest_cpuset(tree, unified), smallest_cpuset(tree, cpuset));
    return limits;
}

}  // namespace hone::host
