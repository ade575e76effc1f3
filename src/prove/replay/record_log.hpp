// prove/replay/record_log.hpp - a recording from a server's csvlog or jsonlog files.
//
// Shape    the files are read one after the other, whatever their order: transactions are sorted by
//          time in the end. The log needs log_statement = 'all' or log_min_duration_statement = 0.
// Errors   as LogFile; invalid_argument: no statement in any of the files (with what the server must
//          be set to); cancelled.
// Cost     one pass; memory as kLargestRecording.
// Source   docs/reference/workload.md
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

struct RecordLogOptions {
    std::vector<std::filesystem::path> files;
    std::string database;  // "" for the one with the most transactions
};

Result<Recording> record_from_log(const RecordLogOptions& options, Progress& progress);

}  // namespace hone::prove
