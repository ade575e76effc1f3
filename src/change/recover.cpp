#include "change/recover.hpp"

#include "base/failpoint.hpp"
#include "base/interrupt.hpp"
#include "engines/postgres/control.hpp"

namespace hone::change {

namespace {

// Who had begun to take it back, and whether the server ran then; from the last "undoing".
struct Begun {
    UndoneBy by = UndoneBy::kRecover;
    bool was_running = false;
};

Begun begun_of(const Apply& apply) {
    Begun begun{.was_running = apply.intent->was_running};
    const JournalRecord* undoing = last_record(apply.records, event::kUndoing);
    if (undoing == nullptr) return begun;
    const json::value detail(undoing->detail);
    const JsonReader reader(detail, "undoing");
    if (undone_by_named(reader.text("by").value_or("")) == UndoneBy::kRollback)
        begun.by = UndoneBy::kRollback;
    begun.was_running = reader.boolean("was_running").value_or(begun.was_running);
    return begun;
}

bool is_down(const postgres::Server& server) {
    return !server.data_directory.empty() && !postgres::is_running(server);
}

Status start_again(const RecoveryJob& job, Deadline deadline) {
    if (!job.must_start) return {};
    HONE_TRY(postgres::start(job.server, deadline));
    return postgres::wait_until_ready(job.server, deadline);
}

}  // namespace

std::string_view to_string(Recovery recovery) {
    switch (recovery) {
        case Recovery::kFinish:
            return "finish";
        case Recovery::kUndo:
            return "undo";
        case Recovery::kAbandon:
            return "abandon";
    }
    return "undo";
}

Recovery recovery_of(const std::vector<JournalRecord>& records) {
    if (last_record(records, event::kUndoing) != nullptr) return Recovery::kUndo;
    if (last_record(records, event::kVerified) != nullptr) return Recovery::kFinish;
    if (last_record(records, event::kWriting) != nullptr) return Recovery::kUndo;
    return Recovery::kAbandon;
}

Result<std::vector<Apply>> open_applies(const std::filesystem::path& state_directory,
                                        const std::filesystem::path& data_directory) {
    HONE_TRY_ASSIGN(std::vector<Apply> applies, Store(state_directory).list());
    std::vector<Apply> open;
    for (Apply& apply : applies)
        if (is_open(apply.state) && (data_directory.empty() || apply.concerns(data_directory, "")))
            open.push_back(std::move(apply));
    return open;
}

Result<RecoveryJob> prepare_recovery(Apply apply, Deadline deadline) {
    HONE_TRY_ASSIGN(postgres::Server server, locate(*apply.intent, deadline));
    HONE_TRY_ASSIGN(TargetLock lock, TargetLock::acquire(server, deadline));
    RecoveryJob job{
        .apply = std::move(apply), .server = std::move(server), .lock = std::move(lock)};
    job.recovery = recovery_of(job.apply.records);
    Intent& intent = *job.apply.intent;
    intent.was_running = begun_of(job.apply).was_running;
    if (job.recovery == Recovery::kUndo) {
        HONE_TRY(require_untouched(job.apply, job.server, true, deadline));
        HONE_TRY_ASSIGN(job.restart_settings,
                        restart_settings_of_undo(intent, job.server, deadline));
    }
    job.must_start = intent.was_running && is_down(job.server);
    return job;
}

Result<UndoReport> recover(const RecoveryJob& job, Progress& progress, Deadline deadline) {
    const InterruptsHeld held;  // half an undo helps nobody
    HONE_TRY_ASSIGN(Journal journal, Journal::open(job.apply.journal_path()));
    HONE_FAILPOINT("recover.begin");
    if (job.recovery == Recovery::kUndo) {
        const UndoJob undo_job{.intent = *job.apply.intent,
                               .backup_folder = job.apply.backup_folder(),
                               .server = job.server,
                               .by = begun_of(job.apply).by,
                               .why = "it was interrupted"};
        return undo(undo_job, journal, progress, deadline);
    }
    for (const WrittenFile& file : job.apply.intent->files) HONE_TRY(remove_leftovers(file.path()));
    HONE_TRY(start_again(job, deadline));
    HONE_FAILPOINT("recover.before_close");
    HONE_TRY(journal.append(job.recovery == Recovery::kFinish ? event::kKept : event::kAbandoned));
    HONE_FAILPOINT("recover.after_close");
    return UndoReport{.was_running = job.apply.intent->was_running};
}

}  // namespace hone::change
