#include "host/processor.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>

namespace hone::host {

namespace {

// The value of the first "name : value" line; several names, because architectures differ.
std::optional<std::string> cpuinfo_value(std::string_view content,
                                         std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names)
        for (const std::string_view line : split_lines(content)) {
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos || trim(line.substr(0, colon)) != name) continue;
            const std::string_view value = trim(line.substr(colon + 1));
            if (!value.empty()) return printable(value);
        }
    return std::nullopt;
}

std::int64_t count_processors(std::string_view content) {
    const auto lines = split_lines(content);
    return std::count_if(lines.begin(), lines.end(), [](std::string_view line) {
        const std::size_t colon = line.find(':');
        return colon != std::string_view::npos && trim(line.substr(0, colon)) == "processor";
    });
}

Fact<std::int64_t> online_cores(const Tree& tree, const std::optional<std::string>& cpuinfo) {
    const std::string file = "/sys/devices/system/cpu/online";
    const auto list = tree.line(file);
    if (const auto count = list ? count_cpus(*list) : std::nullopt) return read_fact(*count, file);
    const std::int64_t counted = cpuinfo ? count_processors(*cpuinfo) : 0;
    if (counted > 0) return read_fact(counted, "/proc/cpuinfo processor");
    return unknown_fact<std::int64_t>("absent: " + file);
}

Fact<std::int64_t> numa_nodes(const Tree& tree) {
    const auto entries = tree.list("/sys/devices/system/node");
    const auto nodes = std::count_if(entries.begin(), entries.end(), [](std::string_view name) {
        return name.starts_with("node") && parse_integer(name.substr(4)).has_value();
    });
    if (nodes == 0) return unknown_fact<std::int64_t>("absent: /sys/devices/system/node");
    return read_fact<std::int64_t>(nodes, "/sys/devices/system/node");
}

std::optional<Fact<std::string>> architecture_in(const std::string& cpuinfo) {
    const auto inferred = [](std::string_view name, std::string_view line) {
        return Fact<std::string>{std::string(name), fmt::format("/proc/cpuinfo {}", line),
                                 Confidence::kInferred};
    };
    if (const auto arm = cpuinfo_value(cpuinfo, {"CPU architecture"}))
        return inferred(*arm == "8" || *arm == "AArch64" ? "aarch64" : "arm", "CPU architecture");
    const auto vendor = cpuinfo_value(cpuinfo, {"vendor_id"});
    if (vendor && *vendor == "IBM/S390") return inferred("s390x", "vendor_id");
    if (vendor) return inferred("x86_64", "vendor_id");
    const auto cpu = cpuinfo_value(cpuinfo, {"cpu"});
    // PostgreSQL is packaged for the little-endian kernel only, and cpuinfo does not say which.
    if (cpu && cpu->starts_with("POWER")) return inferred("ppc64le", "cpu");
    const auto isa = cpuinfo_value(cpuinfo, {"isa"});
    if (isa && isa->starts_with("rv64")) return inferred("riscv64", "isa");
    return std::nullopt;
}

Fact<std::string> architecture(const Tree& tree, const std::optional<std::string>& cpuinfo) {
    if (tree.is_this_machine()) {
        utsname names{};
        if (::uname(&names) == 0) return read_fact<std::string>(names.machine, "uname(2)");
    }
    // A recorded machine: what its cpuinfo looks like.
    if (cpuinfo) {
        if (auto inferred = architecture_in(*cpuinfo)) return *inferred;
    }
    return unknown_fact<std::string>("nothing in /proc/cpuinfo says so");
}

Fact<double> binding_cores(const ProcessorFacts& facts) {
    Fact<double> binding = unknown_fact<double>("nothing says how many cores there are");
    const auto consider = [&](std::optional<double> cores, const std::string& source) {
        if (cores && *cores > 0 && (!binding.value || *cores < *binding.value))
            binding = read_fact(*cores, source);
    };
    const auto whole = [](const Fact<std::int64_t>& fact) {
        return fact.value ? std::optional(static_cast<double>(*fact.value)) : std::nullopt;
    };
    consider(whole(facts.online), facts.online.source);
    consider(whole(facts.cpuset_cores), facts.cpuset_cores.source);
    consider(facts.quota_cores.value, facts.quota_cores.source);
    return binding;
}

}  // namespace

ProcessorFacts read_processor(const Tree& tree, const CgroupLimits& limits) {
    const auto cpuinfo = tree.read("/proc/cpuinfo");
    ProcessorFacts facts;
    facts.online = online_cores(tree, cpuinfo);
    facts.quota_cores = limits.quota_cores;
    facts.cpuset_cores = limits.cpuset_cores;
    facts.limit_cores = binding_cores(facts);
    const auto model =
        cpuinfo ? cpuinfo_value(*cpuinfo, {"model name", "Model", "Hardware", "cpu", "CPU part"})
                : std::nullopt;
    facts.model = model ? read_fact(*model, "/proc/cpuinfo")
                        : unknown_fact<std::string>("absent: /proc/cpuinfo model name");
    facts.architecture = architecture(tree, cpuinfo);
    facts.numa_nodes = numa_nodes(tree);
    return facts;
}

}  // namespace hone::host
