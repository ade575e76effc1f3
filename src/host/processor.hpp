// host/processor.hpp - how many cores there are, and how many of them may be used.
#pragma once

#include "host/cgroup.hpp"
#include "host/tree.hpp"
#include "model/host.hpp"

namespace hone::host {

ProcessorFacts read_processor(const Tree& tree, const CgroupLimits& limits);

}  // namespace hone::host
