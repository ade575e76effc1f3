#include "host/system.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <array>
#include <limits>

namespace hone::host {

namespace {

Fact<std::string> kernel_release(const Tree& tree) {
    for (const char* file : {"/proc/sys/kernel/osrelease"})
        if (auto release = tree.line(file)) return read_fact(printable(*release), file);
    // "Linux version 6.1.0-18-amd64 (debian-kernel@...) ..."
    const auto version = tree.line("/proc/version");
    const auto words = split_words(version ? *version : std::string_view{});
    if (words.size() >= 3 && words[1] == "version")
        return read_fact(printable(words[2]), "/proc/version");
    return unknown_fact<std::string>("absent: /proc/sys/kernel/osrelease, /proc/version");
}

Fact<std::string> operating_system(const Tree& tree) {
    for (const char* file : {"/etc/os-release", "/usr/lib/os-release"}) {
        const auto content = tree.read(file);
        for (const std::string_view line : split_lines(content ? *content : std::string_view{})) {
            if (!line.starts_with("PRETTY_NAME=")) continue;
            std::string_view name = line.substr(12);
            if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
                name = name.substr(1, name.size() - 2);
            return read_fact(printable(name), file);
        }
    }
    return unknown_fact<std::string>("absent: /etc/os-release");
}

struct Trace {
    std::string_view word;
    std::string_view container;
};

constexpr std::array kMountTraces{
    Trace{"/kubelet/pods/", "kubernetes"}, Trace{"io.containerd.grpc.v1.cri/", "kubernetes"},
    Trace{"/docker/containers/", "docker"}, Trace{"overlay-containers/", "podman"}};

// What a group's path betrays, most telling first: a Kubernetes pod runs in containerd or docker,
// too.
constexpr std::array kCgroupTraces{Trace{"kubepods", "kubernetes"},
                                   Trace{"/docker/", "docker"},
                                   Trace{"docker-", "docker"},
                                   Trace{"libpod", "podman"},
                                   Trace{"/lxc", "lxc"},
                                   Trace{"lxc.payload", "lxc"},
                                   Trace{"containerd", "containerd"},
                                   Trace{"machine.slice", "systemd-nspawn"}};

// Container engines mount their own /etc/hosts and the like, LXC its own /proc/meminfo; the host
// sees those files elsewhere.
std::optional<std::string_view> container_in_mounts(const Tree& tree) {
    const auto content = tree.read("/proc/self/mountinfo");
    for (const std::string_view line : split_lines(content ? *content : std::string_view{})) {
        const auto words = split_words(line);
        if (words.size() < 5) continue;
        const std::string_view root = words[3];
        const std::string_view point = words[4];
        if (point == "/proc/meminfo" && line.find("fuse.lxcfs") != std::string_view::npos)
            return "lxc";
        if (point != "/etc/hosts" && point != "/etc/hostname" && point != "/etc/resolv.conf")
            continue;
        for (const Trace& trace : kMountTraces)
            if (root.find(trace.word) != std::string_view::npos) return trace.container;
    }
    return std::nullopt;
}

std::optional<std::string> container_in_environment(const Tree& tree) {
    const auto environment = tree.read("/proc/1/environ");
    for (const std::string_view variable :
         split(environment ? *environment : std::string_view{}, '\0')) {
        constexpr std::string_view kName = "container=";
        if (variable.starts_with(kName) && variable.size() > kName.size())
            return printable(variable.substr(kName.size()));
    }
    return std::nullopt;
}

Fact<std::string> container_of(const Tree& tree, const Fact<std::string>& kernel) {
    const auto infer = [](std::string_view name, std::string source) {
        return Fact<std::string>{std::string(name), std::move(source), Confidence::kInferred};
    };
    if (kernel.value && to_lower(*kernel.value).find("microsoft") != std::string::npos)
        return infer("wsl", kernel.source);
    if (auto named = tree.line("/run/systemd/container"))
        return read_fact(printable(*named), "/run/systemd/container");
    const auto groups = tree.read("/proc/self/cgroup");
    for (const Trace& trace : kCgroupTraces)
        if (groups && groups->find(trace.word) != std::string::npos)
            return infer(trace.container, "/proc/self/cgroup");
    if (const auto name = container_in_mounts(tree)) return infer(*name, "/proc/self/mountinfo");
    if (const auto name = container_in_environment(tree))
        return read_fact(*name, "/proc/1/environ container");
    if (tree.exists("/run/.containerenv")) return infer("podman", "/run/.containerenv");
    if (tree.exists("/.dockerenv")) return infer("docker", "/.dockerenv");
    if (!groups && !kernel.value) return unknown_fact<std::string>("absent: /proc/self/cgroup");
    return {"none", "no trace of a container", Confidence::kInferred};
}

constexpr std::array kVendorTraces{Trace{"qemu", "qemu"},
                                   Trace{"kvm", "kvm"},
                                   Trace{"vmware", "vmware"},
                                   Trace{"microsoft", "microsoft"},
                                   Trace{"xen", "xen"},
                                   Trace{"amazon", "amazon"},
                                   Trace{"google", "google"},
                                   Trace{"innotek", "virtualbox"},
                                   Trace{"openstack", "openstack"},
                                   Trace{"parallels", "parallels"},
                                   Trace{"bhyve", "bhyve"}};

Fact<std::string> virtualization_of(const Tree& tree, const Fact<std::string>& container) {
    if (auto type = tree.line("/sys/hypervisor/type"))
        return read_fact(printable(*type), "/sys/hypervisor/type");
    for (const char* file : {"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name"}) {
        const std::string vendor = to_lower(tree.line(file).value_or(""));
        for (const Trace& trace : kVendorTraces)
            if (vendor.find(trace.word) != std::string::npos)
                return {std::string(trace.container), file, Confidence::kInferred};
    }
    const auto cpuinfo = tree.read("/proc/cpuinfo");
    if (!cpuinfo) return unknown_fact<std::string>("absent: /proc/cpuinfo");
    const bool guest = cpuinfo->find(" hypervisor") != std::string::npos;
    if (guest && container.value == "wsl")
        return {"microsoft", "/proc/cpuinfo flags", Confidence::kInferred};
    if (guest) return {"yes, of an unknown kind", "/proc/cpuinfo flags", Confidence::kInferred};
    return {"none", "no trace of a hypervisor", Confidence::kInferred};
}

// "Max open files            20000                20000                files"
std::optional<std::int64_t> soft_limit(std::string_view content, std::string_view name) {
    for (const std::string_view line : split_lines(content)) {
        if (!line.starts_with(name)) continue;
        const auto words = split_words(line.substr(name.size()));
        if (words.empty()) return std::nullopt;
        if (words[0] == "unlimited") return std::numeric_limits<std::int64_t>::max();
        return parse_integer(words[0]);
    }
    return std::nullopt;
}

void read_limits(const Tree& tree, Host& host) {
    const auto content = tree.read("/proc/self/limits");
    const auto limit = [&](std::string_view name) {
        const auto found = content ? soft_limit(*content, name) : std::nullopt;
        return found
                   ? read_fact(*found, fmt::format("/proc/self/limits {}", name))
                   : unknown_fact<std::int64_t>(fmt::format("absent: /proc/self/limits {}", name));
    };
    host.open_files_limit = limit("Max open files");
    host.processes_limit = limit("Max processes");
    const Fact<std::int64_t> locked = limit("Max locked memory");
    host.locked_memory_limit = locked.value ? read_fact(Bytes{*locked.value}, locked.source)
                                            : unknown_fact<Bytes>(locked.source);
}

}  // namespace

void read_system(const Tree& tree, Host& host) {
    host.kernel = kernel_release(tree);
    host.operating_system = operating_system(tree);
    host.container = container_of(tree, host.kernel);
    host.virtualization = virtualization_of(tree, host.container);
    read_limits(tree, host);
}

}  // namespace hone::host
