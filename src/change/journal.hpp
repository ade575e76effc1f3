// change/journal.hpp - the write-ahead record of one apply: what is about to happen is on the disk
// before it happens.
//
// Shape    one line of JSON per record: sequence, time, event, detail, checksum. The checksum
//          covers the record and the checksum before it, so that a line that was edited, dropped or
//          moved shows.
// Errors   data_loss: a bad record that is not the last one; exhausted and permission_denied as the
//          file system says. append leaves the journal as it was when it fails.
// Cost     one write and one fsync for each record.
// Limits   16 MiB a journal (kLargestTextFile).
// Threads  one writer per journal: hold the target's lock (change/lock.hpp).
// Source   docs/reference/journal.md
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace hone::change {

// The events, in the order in which an apply that goes well writes them; then those of undoing.
namespace event {
inline constexpr std::string_view kIntent = "intent";
inline constexpr std::string_view kBackedUp = "backed_up";
inline constexpr std::string_view kWriting = "writing";
inline constexpr std::string_view kWritten = "written";
inline constexpr std::string_view kFilesChecked = "files_checked";
inline constexpr std::string_view kSwitching = "switching";
inline constexpr std::string_view kSwitched = "switched";
inline constexpr std::string_view kVerified = "verified";  // the commit point
inline constexpr std::string_view kKept = "kept";
inline constexpr std::string_view kAbandoned = "abandoned";  // nothing had been written
inline constexpr std::string_view kUndoing = "undoing";
inline constexpr std::string_view kRestoring = "restoring";
inline constexpr std::string_view kRestored = "restored";
inline constexpr std::string_view kUndone = "undone";
inline constexpr std::string_view kUndoFailed = "undo_failed";
}  // namespace event

struct JournalRecord {
    std::int64_t sequence = 0;  // from 1
    std::string time;
    std::string event;
    json::object detail;
};

struct JournalContent {
    std::vector<JournalRecord> records;
    // The last line was cut off by a crash while it was written: it never counted.
    bool torn_tail = false;
    std::int64_t valid_bytes = 0;  // up to the end of the last good record
    std::string last_checksum;     // "" without records
};

Result<JournalContent> read_journal(const std::filesystem::path& path);
// The last record with this event; nullptr where there is none.
const JournalRecord* last_record(const std::vector<JournalRecord>& records, std::string_view event);

class Journal {
  public:
    // The file must not exist; its folder is fsynced.
    static Result<Journal> create(const std::filesystem::path& path);
    // Goes on with an existing one; a torn last line is cut off.
    static Result<Journal> open(const std::filesystem::path& path);
    Journal(Journal&& other) noexcept;
    Journal& operator=(Journal&& other) noexcept;
    ~Journal();

    // On the disk when it returns.
    Status append(std::string_view event, json::object detail = {});
    const std::vector<JournalRecord>& records() const { return content_.records; }
    bool had_torn_tail() const { return content_.torn_tail; }

  private:
    Journal(int descriptor, std::filesystem::path path, JournalContent content)
        : descriptor_(descriptor), path_(std::move(path)), content_(std::move(content)) {}
    Status write_line(std::string_view line);
    int descriptor_;
    std::filesystem::path path_;
    JournalContent content_;
};

}  // namespace hone::change
