// host/memory.hpp - how much memory there is, and how much of it may be used.
#pragma once

#include "host/cgroup.hpp"
#include "host/tree.hpp"
#include "model/host.hpp"

namespace hone::host {

MemoryFacts read_memory(const Tree& tree, const CgroupLimits& limits);

}  // namespace hone::host
