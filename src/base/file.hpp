// base/file.hpp - reading with a bound, replacing without a moment in which the file is torn.
//
// Errors   permission_denied (EACCES, EROFS), not_found, exhausted (ENOSPC), data_loss (shorter
//          than it was); each names the path.
// Outcome  of replace_file and remove_file: not_applied while the name still leads to the old file;
//          unknown when the folder's fsync failed after the rename, because a power cut may then
//          bring the old file back.
// Threads  free functions; two writers of one path must lock (base/file_lock.hpp).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace hone {

// Configuration files, /proc files and JSON documents stay far below this.
inline constexpr Bytes kLargestTextFile = Bytes::mega(16);

// The whole file, at most `limit`; invalid_argument: larger than that.
Result<std::string> read_file(const std::filesystem::path& path, Bytes limit = kLargestTextFile);
bool file_exists(const std::filesystem::path& path);

struct FileAttributes {
    mode_t mode = 0644;
    std::optional<uid_t> user;   // absent: whoever writes
    std::optional<gid_t> group;  // absent: whoever writes
};
Result<FileAttributes> read_attributes(const std::filesystem::path& path);

// Writes a temporary file beside `path`, fsyncs it, renames it over `path`, fsyncs the folder. An
// existing file keeps its mode and owner unless `attributes` says otherwise; a symbolic link is
// followed, and its target replaced. A crash leaves the old file or the new one; a left-over
// temporary file is named ".hone-*.tmp".
Status replace_file(const std::filesystem::path& path, std::string_view content,
                    std::optional<FileAttributes> attributes = std::nullopt);
// Removes the file and fsyncs its folder; success when it was not there.
Status remove_file(const std::filesystem::path& path);
Status fsync_folder(const std::filesystem::path& folder);
// Makes the folder and its parents with `mode`; success when it is there.
Status make_folders(const std::filesystem::path& folder, mode_t mode = 0755);

// Sorted names of the entries; not recursive.
Result<std::vector<std::string>> list_folder(const std::filesystem::path& folder);

// A folder of its own under `parent`, removed with all in it when the object goes, unless kept.
class TemporaryFolder {
  public:
    // Mode 0700, owned by whoever calls.
    static Result<TemporaryFolder> create(const std::filesystem::path& parent,
                                          std::string_view prefix);
    TemporaryFolder(TemporaryFolder&& other) noexcept;
    TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
    ~TemporaryFolder();

    const std::filesystem::path& path() const { return path_; }
    void keep() { kept_ = true; }

  private:
    explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
    void remove() noexcept;
    std::filesystem::path path_;
    bool kept_ = false;
};

}  // namespace hone
