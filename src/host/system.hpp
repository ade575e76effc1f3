// host/system.hpp - the kernel, what it runs on, what it runs in, and what it allows one process.
//
// Shape    a container named here limits nothing by itself: limits are read from the cgroups alone.
#pragma once

#include "host/tree.hpp"
#include "model/host.hpp"

namespace hone::host {

// Fills kernel, operating_system, container, virtualization and the limits of one process.
void read_system(const Tree& tree, Host& host);

}  // namespace hone::host
