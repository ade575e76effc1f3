// change/store.hpp - the state folder: every apply that was ever begun, and what became of it.
//
// Shape    STATE/applies/<id>/{plan.json, journal.log, backup/}; an id is the time it began and
//          a number (base/dated_folder.hpp): no id sorts before an older one.
// Errors   as the file system says; an apply whose journal cannot be read is listed with the reason
//          and never an error of the list.
// Limits   10000 applies.
// Source   docs/reference/journal.md
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "change/intent.hpp"
#include "change/journal.hpp"

namespace hone::change {

enum class ApplyState {
    kInterrupted,  // begun, and neither kept nor taken back: hone recover
    kKept,         // holds now
    kAbandoned,    // ended before anything was written
    kUndone,       // taken back by hone itself
    kRolledBack,   // taken back by hand
    kUndoFailed,   // could not be taken back: a person must act, then hone recover
    kUnreadable,   // its journal is damaged
};
std::string_view to_string(ApplyState state);
bool is_open(ApplyState state);

// Who takes an apply back.
enum class UndoneBy { kApply, kRollback, kRecover };
std::string_view to_string(UndoneBy by);
UndoneBy undone_by_named(std::string_view name);

struct Apply {
    std::string id;
    std::filesystem::path folder;
    std::string time;              // when it began
    std::optional<Intent> intent;  // none: it died before it wrote down what it was about
    ApplyState state = ApplyState::kAbandoned;
    std::string problem;  // why it is kUnreadable, or what its undo failed on
    std::vector<JournalRecord> records;

    std::filesystem::path journal_path() const { return folder / "journal.log"; }
    std::filesystem::path backup_folder() const { return folder / "backup"; }
    bool concerns(const std::filesystem::path& data_directory,
                  const std::string& system_identifier) const;
};

ApplyState state_after(const std::vector<JournalRecord>& records);

class Store {
  public:
    explicit Store(std::filesystem::path state_directory)
        : applies_(std::move(state_directory) / "applies") {}

    // A new folder, mode 0700, on the disk when it returns.
    Result<std::filesystem::path> create() const;
    // Oldest first; empty where there is no state folder.
    Result<std::vector<Apply>> list() const;
    // not_found: no apply of that id; the message names the closest.
    Result<Apply> find(const std::string& id) const;
    // Those of one server that were begun and not ended.
    Result<std::vector<Apply>> open_ones(const std::filesystem::path& data_directory,
                                         const std::string& system_identifier) const;

  private:
    Apply read(const std::string& id) const;
    std::filesystem::path applies_;
};

// data_loss where a journal in that folder is damaged: nobody knows which server it is about.
Status refuse_damaged_journals(const std::filesystem::path& state_directory);

// The same, and failed_precondition where an earlier apply to that server was interrupted; every command that
// works on a server may ask.
Status refuse_open_journal(const std::filesystem::path& state_directory,
                           const std::filesystem::path& data_directory,
                           const std::string& system_identifier);

}  // namespace hone::change
