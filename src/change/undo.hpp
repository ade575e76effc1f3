// change/undo.hpp - the way back: files byte for byte as they were, and a server that runs by them.
//
// Shape    idempotent: every step looks at what is there first, so that it may be begun again after
//          it was killed anywhere.
// Errors   conflict-like refusals are failed_precondition and leave everything alone;
//          rollback_failed: begun and not finished; the advice says what to type.
// Threads  hold the server's lock (change/lock.hpp).
#pragma once

#include <string>
#include <vector>

#include "base/progress.hpp"
#include "change/health.hpp"
#include "change/intent.hpp"
#include "change/journal.hpp"
#include "change/lock.hpp"
#include "change/store.hpp"

namespace hone::change {

// Long enough for a crash recovery of a busy server.
inline constexpr Seconds kUndoPatience{120};

// Somebody edited a file of the apply before it was taken back.
struct KeptEdit {
    std::filesystem::path file;
    std::filesystem::path copy;
};
// "'a.conf' had been edited meanwhile: ..."
std::string describe(const KeptEdit& edit);

struct UndoReport {
    // Values that are not what they were before, although the files are: somebody changed something
    // else since.
    std::vector<Difference> differences;
    bool was_running = false;  // false: the files alone were restored
    std::vector<KeptEdit> kept_edits;
};

struct UndoJob {
    Intent intent;
    std::filesystem::path backup_folder;
    postgres::Server server;
    UndoneBy by = UndoneBy::kApply;
    std::string why;
};

Result<UndoReport> undo(const UndoJob& job, Journal& journal, Progress& progress,
                        Deadline deadline);

// failed_precondition where somebody else changed what the apply wrote; names the file, and the
// settings where it was ALTER SYSTEM. `allow_old`: an interrupted apply leaves some files old.
Status require_untouched(const Apply& apply, const postgres::Server& server, bool allow_old,
                         Deadline deadline);

// What a running server must be restarted for when it is taken back; empty where it is down.
Result<std::vector<std::string>> restart_settings_of_undo(const Intent& intent,
                                                          const postgres::Server& server,
                                                          Deadline deadline);

// An earlier apply that is to be taken back by hand, and its server under lock.
struct Rollback {
    Apply apply;
    postgres::Server server;
    TargetLock lock;
    std::vector<std::string> restart_settings;
};
// `id`: "" for the newest that is kept. `named`: the server that it must be of; none for any.
// failed_precondition: a newer one stands on top, a file was changed since, an open journal.
// invalid_argument: it is of another server, or neither was named and there are several servers.
Result<Rollback> prepare_rollback(const std::filesystem::path& state_directory,
                                  const std::string& id,
                                  const std::optional<postgres::Server>& named, Deadline deadline);
Result<UndoReport> roll_back(const Rollback& rollback, Progress& progress, Deadline deadline);

}  // namespace hone::change
