// host/zfs.hpp - whether this kernel has ZFS, and which pools it has imported.
#pragma once

#include "host/tree.hpp"
#include "model/host.hpp"

namespace hone::host {

ZfsFacts read_zfs(const Tree& tree);

}  // namespace hone::host
