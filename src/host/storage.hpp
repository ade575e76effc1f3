// host/storage.hpp - the block devices, and the file system that one folder lies on.
//
// Shape    disks, not partitions; a stack (LVM, RAID, encryption) is followed down to its disks,
//          and the folder's device is the first entry. Loop, RAM and zram devices are no disks.
// Limits   1024 devices.
// Source   sysfs(5), block/stat ABI documents; proc(5) mountinfo.
#pragma once

#include <filesystem>
#include <vector>

#include "host/tree.hpp"
#include "model/host.hpp"

namespace hone::host {

// `folder`: whose file system is described in the first entry; "" for none.
std::vector<StorageFacts> read_storage(const Tree& tree, const std::filesystem::path& folder);

}  // namespace hone::host
