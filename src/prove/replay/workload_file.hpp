// prove/replay/workload_file.hpp - a recording on disk: one JSON document on each line.
//
// Shape    the first line is the header, with how many of each follow; then the statements; then
//          the transactions by time. Written beside its place and renamed (base/file.hpp), mode
//          0600: texts and parameters are a user's data.
// Errors   write: as base/file.hpp; exhausted: larger than kLargestWorkloadFile. read: data_loss (no
//          such file, cut off, edited so that it cannot be), unsupported (a newer version); the
//          message names the line.
// Source   docs/reference/workload.md
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

inline constexpr Bytes kLargestWorkloadFile = Bytes::giga(1);
inline constexpr std::int64_t kWorkloadSchemaVersion = 1;

Status write_workload_file(const std::filesystem::path& file, const Recording& recording);
Result<Recording> read_workload_file(const std::filesystem::path& file);

std::string workload_to_text(const Recording& recording);
Result<Recording> workload_from_text(std::string_view text, std::string_view what);

// As in the header and in the statements' lines.
json::object header_document(const Recording& recording);
json::object statement_document(const RecordedStatement& statement);

}  // namespace hone::prove
