// host/probe.hpp - how fast a folder's storage really is: what the kernel says of virtual disks is
// not to be believed.
//
// Shape    an 8 kB append with fdatasync, as a commit does it; an 8 kB read at a random place with
//          O_DIRECT, as a cache miss does it. Medians, because one slow answer says little of the
//          device.
// Errors   not_found, permission_denied: the folder cannot be written to; unsupported: the file
//          system has no O_DIRECT; exhausted: less than 512 MB is free; a server's folder is never
//          filled up to measure it.
// Cost     2 s at most, whatever the device; a file of 64 MB without a name, which the kernel
//          removes even if hone is killed.
// Threads  one probe per device at a time, or they measure each other.
// Source   pg_test_fsync's method; the thresholds are explained in docs/reference/detect.md.
#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "model/host.hpp"

namespace hone::host {

struct ProbeResult {
    double fdatasync_seconds = 0;  // median
    std::optional<double>
        random_read_seconds;  // median; none where the file system has no O_DIRECT
};

Result<ProbeResult> probe_storage(const std::filesystem::path& folder, Seconds budget);

// By the random read where there is one, else by the flush.
StorageClass classify(const ProbeResult& result);

}  // namespace hone::host
