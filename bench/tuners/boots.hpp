// bench/tuners/boots.hpp - whose settings start a server at all, build by build.
//
// Errors   where a build cannot be tried; settings that do not boot are a row.
// Cost     about a second for each build and tool.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "bench/tuners/tuner.hpp"

namespace hone::bench {

struct BootRow {
    std::string build;  // "15.20 (Debian 15.20-0+deb12u1)"
    std::string tool;
    int tried = 0;  // kinds of load
    int booted = 0;
    std::string wrong;  // the server's words of the first that did not
};

// The installed builds, and the npm packages' under `cache`.
std::vector<std::filesystem::path> builds_found(const std::filesystem::path& cache);

// For every kind of load on a machine like `input`; hone's plan is made offline, from the build's own
// catalogue.
Result<std::vector<BootRow>> try_boots(const std::vector<std::filesystem::path>& bin_directories,
                                       const TunerInput& input,
                                       const std::filesystem::path& scratch_folder,
                                       Progress& progress, Deadline deadline);

}  // namespace hone::bench
