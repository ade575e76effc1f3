#include "change/undo.hpp"

#include <fmt/format.h>

#include "base/failpoint.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "change/alter_system.hpp"
#include "change/foreign_edit.hpp"
#include "engines/postgres/control.hpp"

namespace hone::change {

namespace {

// The files come first: what cannot be written down any more (a full disk) must not keep a server
// down. Recovery undoes an apply without an "undone" record again, which does no harm.
void note(Journal& journal, std::string_view event, json::object detail) {
    [[maybe_unused]] const Status ignored = journal.append(event, std::move(detail));
}

std::string by_hand(const UndoJob& job) {
    std::string text = "by hand:";
    for (const WrittenFile& file : job.intent.files) {
        const FileImage& image = file.before;
        if (!image.existed)
            text += fmt::format("\n  rm -f '{}'", image.path.string());
        else
            text +=
                fmt::format("\n  install -m {:04o} -o {} -g {} '{}' '{}'", image.attributes.mode,
                            image.attributes.user.value_or(0), image.attributes.group.value_or(0),
                            (job.backup_folder / image.stored_as).string(), image.path.string());
    }
    return text + "\n  then start the server, and run hone recover";
}

Error undo_failed(const UndoJob& job, Journal& journal, const Error& cause) {
    note(journal, event::kUndoFailed, {{"error", cause.message()}});
    return Error{
        ErrorCode::kRollbackFailed,
        job.why.empty() ? "taking the apply back" : "taking the apply back (" + job.why + ")",
        cause.message(), by_hand(job)}
        .with_outcome(Outcome::kUnknown);
}

// What a person wrote is never thrown away, not even to bring a server back.
Status keep_foreign_edit(const UndoJob& job, const WrittenFile& file, UndoReport& report) {
    HONE_TRY_ASSIGN(const auto edit, foreign_edit_of(job.intent, file, job.backup_folder, true));
    if (!edit || !file_exists(file.path())) return {};
    HONE_TRY_ASSIGN(std::filesystem::path copy, keep_edit(file.path(), job.backup_folder));
    report.kept_edits.push_back({file.path(), std::move(copy)});
    return {};
}

Status restore_files(const UndoJob& job, Journal& journal, UndoReport& report) {
    for (auto file = job.intent.files.rbegin(); file != job.intent.files.rend(); ++file) {
        const json::object which{{"path", file->path().string()}};
        note(journal, event::kRestoring, which);
        HONE_TRY(keep_foreign_edit(job, *file, report));
        HONE_FAILPOINT("undo.before_restore");
        HONE_TRY(restore(file->before, job.backup_folder));
        HONE_TRY(remove_leftovers(file->path()));
        HONE_FAILPOINT("undo.after_restore");
        note(journal, event::kRestored, which);
    }
    return {};
}

// The file that ALTER SYSTEM writes is out of reach.
bool undone_by_sql(const Intent& intent) {
    return intent.method == Method::kAlterSystem && intent.files.empty();
}

Error changed_since(const std::filesystem::path& file, const std::vector<std::string>& settings) {
    const std::string tried = "taking an apply back";
    if (settings.empty())
        return {ErrorCode::kFailedPrecondition, tried,
                fmt::format("'{}' was changed since", file.string()),
                "take that change out, or make a new plan for what should change"};
    return {ErrorCode::kFailedPrecondition, tried,
            fmt::format("'{}' was changed since, by somebody else's ALTER SYSTEM: {}",
                        file.string(), join(settings, ", ")),
            "put those back with ALTER SYSTEM, take the apply back, then set them again"};
}

Status restore_settings(const UndoJob& job, Deadline deadline) {
    if (!undone_by_sql(job.intent)) return {};
    HONE_TRY_ASSIGN(postgres::Connection connection, postgres::connect(job.server, deadline));
    return restore_altered(connection, job.intent.changes, deadline);
}

Status undo_all(const UndoJob& job, Journal& journal, Progress& progress, Deadline deadline,
                UndoReport& report) {
    progress.step("restoring the configuration");
    HONE_TRY(restore_files(job, journal, report));
    HONE_TRY(restore_settings(job, deadline));
    if (!job.intent.was_running) return {};
    progress.step("bringing the server back on its old configuration");
    return bring_back(job.server, job.intent.changes, deadline);
}

bool is_for(const Apply& apply, const std::optional<postgres::Server>& server) {
    return !server || apply.concerns(server->data_directory, server->system_identifier);
}

// Without a name and without a server, the newest of the only server there is.
Result<Apply> newest_kept(std::vector<Apply> applies,
                          const std::optional<postgres::Server>& server) {
    std::erase_if(applies, [&](const Apply& apply) {
        return apply.state != ApplyState::kKept || !apply.intent || !is_for(apply, server);
    });
    for (const Apply& apply : applies)
        if (!apply.concerns(applies.back().intent->data_directory,
                            applies.back().intent->system_identifier))
            return Error{ErrorCode::kInvalidArgument, "looking for an apply to take back",
                         "there are applies to several servers",
                         "name the apply (hone history lists them) or the server (--data-dir)"};
    if (!applies.empty()) return std::move(applies.back());
    return Error{ErrorCode::kNotFound, "looking for an apply to take back", "none is in force",
                 "hone history lists them all"};
}

Result<Apply> apply_to_undo(const Store& store, const std::string& id,
                            const std::optional<postgres::Server>& server) {
    if (id.empty()) {
        HONE_TRY_ASSIGN(std::vector<Apply> applies, store.list());
        return newest_kept(std::move(applies), server);
    }
    HONE_TRY_ASSIGN(Apply apply, store.find(id));
    if (is_for(apply, server)) return apply;
    return Error{ErrorCode::kInvalidArgument, fmt::format("taking {} back", id),
                 "it was applied to another server than the one that you named",
                 "leave --data-dir and --target away, or name another apply"};
}

Status require_newest(const Store& store, const Apply& apply) {
    HONE_TRY_ASSIGN(const auto applies, store.list());
    for (const Apply& other : applies)
        if (other.id > apply.id && other.state == ApplyState::kKept &&
            other.concerns(apply.intent->data_directory, apply.intent->system_identifier))
            return Error{ErrorCode::kFailedPrecondition, fmt::format("taking {} back", apply.id),
                         fmt::format("the newer apply {} stands on top of it", other.id),
                         fmt::format("take that one back first: hone rollback {}", other.id)};
    return {};
}

Status require_kept(const Apply& apply) {
    if (apply.state == ApplyState::kKept && apply.intent) return {};
    return Error{ErrorCode::kFailedPrecondition, fmt::format("taking {} back", apply.id),
                 fmt::format("it is not in force: {}", to_string(apply.state)),
                 is_open(apply.state) ? "run hone recover" : "hone history lists them all"};
}

}  // namespace

Result<UndoReport> undo(const UndoJob& job, Journal& journal, Progress& progress,
                        Deadline deadline) {
    const InterruptsHeld held;  // half an undo helps nobody
    HONE_FAILPOINT("undo.begin");
    const json::object detail{
        {"by", to_string(job.by)}, {"why", job.why}, {"was_running", job.intent.was_running}};
    auto begun = journal.append(event::kUndoing, detail);
    // An apply that is kept is not open: without this record a crash would leave it half taken
    // back.
    if (!begun.ok() && job.by == UndoneBy::kRollback) return std::move(begun).error();
    UndoReport report;
    report.was_running = job.intent.was_running;
    auto undone = undo_all(job, journal, progress, deadline, report);
    if (!undone.ok()) return undo_failed(job, journal, undone.error());
    if (report.was_running) {
        auto differences = differences_from_before(job.server, job.intent.changes, deadline);
        if (!differences.ok()) return undo_failed(job, journal, differences.error());
        report.differences = std::move(differences).value();
    }
    HONE_FAILPOINT("undo.before_undone");
    auto closed = journal.append(event::kUndone);
    if (!closed.ok())
        return Error{ErrorCode::kRollbackFailed, "closing the journal", closed.error().message(),
                     "everything was taken back; run hone recover when the disk takes writes again"}
            .with_outcome(Outcome::kNotApplied);
    return report;
}

std::string describe(const KeptEdit& edit) {
    return fmt::format("'{}' had been edited meanwhile: that edit is kept in '{}'",
                       edit.file.string(), edit.copy.string());
}

Status require_untouched(const Apply& apply, const postgres::Server& server, bool allow_old,
                         Deadline deadline) {
    const Intent& intent = *apply.intent;
    for (const WrittenFile& file : intent.files) {
        HONE_TRY_ASSIGN(const auto edit,
                        foreign_edit_of(intent, file, apply.backup_folder(), allow_old));
        if (edit) return changed_since(file.path(), edit->settings);
    }
    if (!undone_by_sql(intent)) return {};
    HONE_TRY_ASSIGN(postgres::Connection connection, postgres::connect(server, deadline));
    HONE_TRY_ASSIGN(const AlteredValues now, altered_values(connection, deadline));
    const auto foreign = plan_settings_altered_by_others(now, intent.changes);
    return foreign.empty() ? Status() : changed_since("postgresql.auto.conf", foreign);
}

Result<std::vector<std::string>> restart_settings_of_undo(const Intent& intent,
                                                          const postgres::Server& server,
                                                          Deadline deadline) {
    std::vector<std::string> none;
    if (!intent.was_running || !postgres::is_running(server)) return none;
    HONE_TRY(postgres::wait_until_ready(server, deadline));
    HONE_TRY_ASSIGN(const auto differences,
                    differences_from_before(server, intent.changes, deadline));
    return restart_names(differences, intent.changes);
}

Result<Rollback> prepare_rollback(const std::filesystem::path& state_directory,
                                  const std::string& id,
                                  const std::optional<postgres::Server>& named, Deadline deadline) {
    const Store store(state_directory);
    HONE_TRY_ASSIGN(Apply apply, apply_to_undo(store, id, named));
    HONE_TRY(require_kept(apply));
    HONE_TRY_ASSIGN(postgres::Server server, locate(*apply.intent, deadline));
    HONE_TRY_ASSIGN(TargetLock lock, TargetLock::acquire(server, deadline));
    HONE_TRY(refuse_open_journal(state_directory, server.data_directory, server.system_identifier));
    HONE_TRY(require_newest(store, apply));
    HONE_TRY(require_untouched(apply, server, false, deadline));
    // A server that was stopped then may run now, and the other way round.
    apply.intent->was_running = postgres::is_running(server);
    HONE_TRY_ASSIGN(auto restart_settings,
                    restart_settings_of_undo(*apply.intent, server, deadline));
    return Rollback{std::move(apply), std::move(server), std::move(lock),
                    std::move(restart_settings)};
}

Result<UndoReport> roll_back(const Rollback& rollback, Progress& progress, Deadline deadline) {
    HONE_TRY_ASSIGN(Journal journal, Journal::open(rollback.apply.journal_path()));
    const UndoJob job{.intent = *rollback.apply.intent,
                      .backup_folder = rollback.apply.backup_folder(),
                      .server = rollback.server,
                      .by = UndoneBy::kRollback,
                      .why = ""};
    return undo(job, journal, progress, deadline);
}

}  // namespace hone::change
