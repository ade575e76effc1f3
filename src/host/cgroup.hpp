// host/cgroup.hpp - the limits that the kernel enforces on this process and on everything above it.
//
// Shape    for each kind of limit, the smallest of every level from the process's own group up to
//          the root that can be seen.
// Limits   64 levels.
// Source   cgroups(7); kernel documents admin-guide/cgroup-v2.rst (memory.max, cpu.max,
//          cpuset.cpus.effective) and admin-guide/cgroup-v1 (memory.limit_in_bytes,
//          cpu.cfs_quota_us, cpuset.cpus).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/tree.hpp"
#include "model/host.hpp"

namespace hone::host {

struct CgroupLimits {
    CgroupFacts facts;
    Fact<Bytes> memory;        // no value: no limit anywhere
    Fact<double> quota_cores;  // no value: no quota anywhere
    Fact<std::int64_t> cpuset_cores;
};

CgroupLimits read_cgroup_limits(const Tree& tree);

// "0-3,8" is 5; none where it is no list of CPUs, or names more than 65536.
std::optional<std::int64_t> count_cpus(std::string_view list);

}  // namespace hone::host
