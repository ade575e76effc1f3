// prove/bench/recording_source.hpp - a recorded workload, replayed onto a copy of the data that it
// was recorded on.
//
// Errors   as open_workload_file; failed_precondition where no copy is given.
#pragma once

#include <filesystem>
#include <memory>

#include "prove/bench/source.hpp"
#include "prove/replay/replay.hpp"
#include "prove/replay/target_copy.hpp"

namespace hone::prove {

// `speed` times as fast as recorded.
Result<std::unique_ptr<BenchSource>> open_recording_source(const std::filesystem::path& file,
                                                           const ReplayOptions& options,
                                                           double speed, TargetCopy copy);

}  // namespace hone::prove
