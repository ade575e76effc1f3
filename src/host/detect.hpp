// host/detect.hpp - reads the machine, or a recorded one.
//
// Shape    detect() never fails on an absent or odd file: the fact has no value and its source says
//          why.
// Cost     < 100 ms without the probe; the probe takes 2 s at most.
// Threads  free functions; the probe writes and removes one file of its own in `folder`.
// Limits   16 MiB a file; 1024 block devices; 64 levels of cgroups.
// Source   docs/reference/detect.md names the kernel's documents.
#pragma once

#include <filesystem>
#include <string>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "model/host.hpp"

namespace hone::host {

struct DetectOptions {
    std::filesystem::path root = "/";  // elsewhere: a recorded tree with proc/ and sys/; nothing
                                       // outside it is read, no probe is made
    std::filesystem::path folder;  // whose device and file system are of interest; "" for the first
                                   // cluster's, else /var/lib
    bool probe = true;
};

Host detect(const DetectOptions& options, Progress& progress);

}  // namespace hone::host
