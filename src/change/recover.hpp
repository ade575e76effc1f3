// change/recover.hpp - ends what a killed hone left open: forward where every value had been
// verified, back otherwise.
//
// Shape    idempotent: a recovery that is killed is begun again.
// Errors   as change/undo.hpp.
#pragma once

#include <string>
#include <vector>

#include "change/undo.hpp"

namespace hone::change {

enum class Recovery {
    kFinish,   // it was verified: close the journal
    kUndo,     // put everything back
    kAbandon,  // nothing had been written: close the journal
};
std::string_view to_string(Recovery recovery);
// What the records of an open journal call for.
Recovery recovery_of(const std::vector<JournalRecord>& records);

struct RecoveryJob {
    Apply apply;
    Recovery recovery = Recovery::kUndo;
    postgres::Server server;
    TargetLock lock;
    std::vector<std::string> restart_settings;  // what going back needs a restart for
    bool must_start = false;                    // the server is down and was running
};

// `data_directory`: "" for every server.
Result<std::vector<Apply>> open_applies(const std::filesystem::path& state_directory,
                                        const std::filesystem::path& data_directory);
Result<RecoveryJob> prepare_recovery(Apply apply, Deadline deadline);
Result<UndoReport> recover(const RecoveryJob& job, Progress& progress, Deadline deadline);

}  // namespace hone::change
