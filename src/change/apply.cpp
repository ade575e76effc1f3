#include "change/apply.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "base/hash.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "change/alter_system.hpp"
#include "change/store.hpp"
#include "change/undo.hpp"
#include "change/verify.hpp"
#include "engines/postgres/control.hpp"

namespace hone::change {

namespace {

// Ctrl-C in the middle of an apply stops it at the next safe step, from where it is taken back.
Status stop_if_interrupted() {
    if (!interrupt_came()) return {};
    return Error{ErrorCode::kCancelled, "applying the plan", "it was interrupted"};
}

namespace fs = std::filesystem;

constexpr FileAttributes kPrivateFile{.mode = 0600, .user = std::nullopt, .group = std::nullopt};

// An apply on its way: what it needs at every step.
struct Run {
    const Preparation& preparation;
    Progress& progress;
    fs::path folder;
    Journal journal;
    Intent intent;
    bool switched = false;  // the server has been told
};

Switch switch_of(const Preparation& preparation) {
    if (!preparation.running) return Switch::kNothing;
    return preparation.restart_settings().empty() ? Switch::kReload : Switch::kRestart;
}

Result<Intent> intent_of(const Preparation& preparation) {
    const postgres::Server& server = preparation.server;
    Intent intent{.plan_id = preparation.plan.id(),
                  .system_identifier = server.system_identifier,
                  .data_directory = server.data_directory,
                  .bin_directory = server.bin_directory,
                  .conninfo = preparation.conninfo,
                  .method = preparation.method,
                  .was_running = preparation.running,
                  .will_restart = switch_of(preparation) == Switch::kRestart,
                  .process_id = static_cast<int>(::getpid())};
    intent.changes = preparation.changes;
    for (const FileEdit& edit : preparation.edits) {
        HONE_TRY_ASSIGN(FileImage image, image_of(edit.path));
        if (image.sha256 != edit.sha256_before)
            return Error{ErrorCode::kConflict, "applying the plan",
                         fmt::format("'{}' was changed while hone waited", edit.path.string()),
                         "make the plan again with hone plan"};
        intent.files.push_back({std::move(image), sha256_hex(edit.content)});
    }
    // Where the file may be read and not written, the way back is SQL as well.
    const bool writable = ::geteuid() == 0 || ::geteuid() == server.owner.user;
    if (preparation.method == Method::kAlterSystem && server.files_in_reach() && writable) {
        HONE_TRY_ASSIGN(FileImage image, image_of(server.auto_config_file));
        intent.files.push_back({std::move(image), ""});
    }
    return intent;
}

// The names under which back_up will store the images follow from the order of the files.
std::vector<fs::path> files_to_back_up(const Preparation& preparation, const Intent& intent) {
    std::vector<fs::path> files;
    for (const WrittenFile& file : intent.files) files.push_back(file.path());
    for (const fs::path& file : preparation.tree.files)
        if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    return files;
}

json::object settings_document(const postgres::ServerState& state) {
    json::array settings;
    for (const auto& [name, setting] : state.settings)
        settings.push_back(json::object{{"name", name},
                                        {"setting", setting.value},
                                        {"reset_value", setting.reset_value},
                                        {"source", setting.source},
                                        {"source_file", setting.source_file},
                                        {"source_line", setting.source_line},
                                        {"pending_restart", setting.pending_restart}});
    json::array roles;
    for (const auto& role : state.role_settings)
        roles.push_back(json::object{{"database", role.database},
                                     {"role", role.role},
                                     {"setting", role.setting},
                                     {"value", role.value}});
    return {{"schema_version", 1},
            {"pg_settings", std::move(settings)},
            {"pg_db_role_setting", std::move(roles)}};
}

Status back_up_everything(Run& run) {
    const fs::path folder = run.folder / "backup";
    const auto files = files_to_back_up(run.preparation, run.intent);
    run.progress.step(fmt::format("backing up {} configuration files", files.size()));
    HONE_TRY_ASSIGN(const auto images, back_up(files, folder));
    for (std::size_t index = 0; index < run.intent.files.size(); ++index) {
        if (images[index].sha256 != run.intent.files[index].before.sha256)
            return Error{ErrorCode::kConflict, "backing up the configuration",
                         fmt::format("'{}' changes while hone works", files[index].string()),
                         "try again when nobody else edits it"};
        run.intent.files[index].before = images[index];
    }
    HONE_TRY(replace_file(folder / "settings.json",
                          to_json_text(settings_document(run.preparation.state)), kPrivateFile));
    json::array documents;
    for (const FileImage& image : images) documents.push_back(to_json(image));
    HONE_TRY(replace_file(folder / "files.json",
                          to_json_text(json::object{{"schema_version", 1}, {"files", documents}}),
                          kPrivateFile));
    return run.journal.append(event::kBackedUp, {{"files", std::move(documents)}});
}

Status write_files(Run& run) {
    for (const FileEdit& edit : run.preparation.edits) {
        run.progress.step(fmt::format("writing {}", edit.path.string()));
        HONE_TRY(run.journal.append(event::kWriting, {{"path", edit.path.string()}}));
        HONE_FAILPOINT("apply.before_write");
        HONE_TRY(replace_file(edit.path, edit.content, edit.attributes));
        HONE_FAILPOINT("apply.after_write");
        HONE_TRY(run.journal.append(
            event::kWritten, {{"path", edit.path.string()}, {"sha256", sha256_hex(edit.content)}}));
    }
    return {};
}

Status alter_settings(Run& run, Deadline deadline) {
    run.progress.step("setting them with ALTER SYSTEM");
    const fs::path& file = run.preparation.server.auto_config_file;
    HONE_TRY(run.journal.append(event::kWriting, {{"path", file.string()}}));
    HONE_TRY_ASSIGN(postgres::Connection connection,
                    postgres::connect(run.preparation.server, deadline));
    for (const ChangedSetting& change : run.intent.changes) {
        HONE_FAILPOINT("apply.before_alter");
        auto altered = connection.query(alter_system_set(change.setting, change.to), deadline);
        HONE_FAILPOINT("apply.after_alter");
        if (!altered.ok()) return std::move(altered).error();
    }
    json::object detail{{"path", file.string()}};
    if (!run.intent.files.empty()) {
        HONE_TRY_ASSIGN(detail["sha256"], sha256_of_file(file));
    }
    return run.journal.append(event::kWritten, std::move(detail));
}

Status check_files(Run& run, Deadline deadline) {
    if (!run.preparation.running) return {};
    run.progress.step("asking the server to read the files");
    HONE_FAILPOINT("apply.before_file_check");
    HONE_TRY(require_readable_files(run.preparation, deadline));
    return run.journal.append(event::kFilesChecked);
}

Status switch_server(Run& run, Deadline deadline) {
    const Switch how = switch_of(run.preparation);
    if (how == Switch::kNothing) return {};
    const postgres::Server& server = run.preparation.server;
    run.progress.step(how == Switch::kRestart ? "restarting the server" : "reloading the server");
    HONE_TRY(run.journal.append(event::kSwitching, {{"how", to_string(how)}}));
    run.switched = true;
    HONE_FAILPOINT("apply.before_switch");
    HONE_TRY(how == Switch::kRestart ? postgres::restart(server, deadline)
                                     : postgres::reload(server, deadline));
    HONE_FAILPOINT("apply.after_switch");
    return run.journal.append(event::kSwitched);
}

Status verify(Run& run, Deadline deadline) {
    run.progress.step("verifying every value in a new session");
    HONE_FAILPOINT("apply.before_verify");
    HONE_TRY(run.preparation.running ? require_effective(run.preparation, deadline)
                                     : require_written(run.preparation));
    HONE_FAILPOINT("apply.after_verify");
    return run.journal.append(event::kVerified);
}

Status change_everything(Run& run) {
    const Deadline deadline = Deadline::after(kSwitchPatience);
    HONE_TRY(run.preparation.method == Method::kFile ? write_files(run)
                                                     : alter_settings(run, deadline));
    HONE_TRY(stop_if_interrupted());
    HONE_TRY(check_files(run, deadline));
    HONE_TRY(switch_server(run, deadline));
    HONE_TRY(stop_if_interrupted());
    return verify(run, deadline);
}

// Nothing was written yet: only the state folder has to be tidied.
Error abandoned(Run& run, Error cause) {
    if (!run.journal.append(event::kAbandoned, {{"error", cause.message()}}).ok())
        return std::move(cause).with_advice("run hone recover when the disk takes writes again");
    return cause;
}

Error taken_back(Run& run, const Error& cause) {
    const UndoJob job{.intent = run.intent,
                      .backup_folder = run.folder / "backup",
                      .server = run.preparation.server,
                      .by = UndoneBy::kApply,
                      .why = cause.message()};
    auto undone = undo(job, run.journal, run.progress, Deadline::after(kUndoPatience));
    if (!undone.ok()) return std::move(undone).error();
    std::string advice = (cause.advice().empty() ? "" : cause.advice() + "; ") +
                         "everything was taken back, the server runs on its old configuration";
    for (const KeptEdit& edit : undone->kept_edits) advice += "; " + describe(edit);
    const ErrorCode code = run.switched && cause.code() != ErrorCode::kCancelled
                               ? ErrorCode::kRolledBack
                               : cause.code();
    return Error{code, cause.tried(), cause.wrong(), advice}.with_outcome(Outcome::kNotApplied);
}

Result<Run> begin(const Preparation& preparation, Progress& progress) {
    HONE_TRY_ASSIGN(Intent intent, intent_of(preparation));
    HONE_TRY_ASSIGN(fs::path folder, Store(preparation.options.state_directory).create());
    Status planned =
        replace_file(folder / "plan.json", plan_to_text(preparation.plan), kPrivateFile);
    auto journal = planned.ok() ? Journal::create(folder / "journal.log")
                                : Result<Journal>(std::move(planned).error());
    Status begun =
        journal.ok() ? journal->append(event::kIntent, to_json(intent)) : Status(journal.error());
    if (!begun.ok()) {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        return std::move(begun).error();
    }
    HONE_FAILPOINT("apply.after_intent");
    return Run{preparation, progress, std::move(folder), std::move(journal).value(),
               std::move(intent)};
}

}  // namespace

std::string_view to_string(Switch how) {
    switch (how) {
        case Switch::kNothing:
            return "nothing";
        case Switch::kReload:
            return "reload";
        case Switch::kRestart:
            return "restart";
    }
    return "nothing";
}

Result<Applied> apply(const Preparation& preparation, Progress& progress) {
    const InterruptsHeld held;
    HONE_TRY_ASSIGN(Run run, begin(preparation, progress));
    if (auto backed_up = back_up_everything(run); !backed_up.ok())
        return abandoned(run, std::move(backed_up).error());
    HONE_FAILPOINT("apply.after_backup");
    if (auto changed = change_everything(run); !changed.ok())
        return taken_back(run, changed.error());
    HONE_FAILPOINT("apply.before_kept");
    const bool closed = run.journal.append(event::kKept).ok();
    HONE_FAILPOINT("apply.after_kept");
    return Applied{run.folder.filename().string(), switch_of(preparation), closed};
}

}  // namespace hone::change
