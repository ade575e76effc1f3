// change/apply.hpp - does what was prepared, and either keeps it or takes it back.
//
// Shape    intent, backup, write, pg_file_settings, reload or restart, verify, keep; each step is
//          in the journal before it happens. From the first byte written on, every failure takes
//          everything back.
// Errors   rolled_back: tried on the server, found wanting, taken back; the message names each
//          obstacle. The error's own code where the server never saw it (a full disk).
//          rollback_failed: a person must act.
// Outcome  not_applied but for rollback_failed (unknown).
// Threads  one thread.
#pragma once

#include <string>

#include "base/progress.hpp"
#include "change/preparation.hpp"

namespace hone::change {

// For a restart or reload and the verification; the way back has its own (kUndoPatience).
inline constexpr Seconds kSwitchPatience{60};

enum class Switch { kNothing, kReload, kRestart };
std::string_view to_string(Switch how);

struct Applied {
    std::string id;
    Switch how = Switch::kNothing;  // kNothing: the server is stopped
    bool journal_closed = true;     // false: it holds, but the journal says so only after recover
};

// The preparation's lock is held throughout.
Result<Applied> apply(const Preparation& preparation, Progress& progress);

}  // namespace hone::change
