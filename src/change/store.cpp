#include "change/store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/dated_folder.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::change {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostApplies = 10000;

UndoneBy last_undo(const std::vector<JournalRecord>& records) {
    const JournalRecord* undoing = last_record(records, event::kUndoing);
    if (undoing == nullptr) return UndoneBy::kApply;
    const json::value detail(undoing->detail);
    return undone_by_named(JsonReader(detail, "undoing").text("by").value_or("apply"));
}

// What was learnt after the intent was written: the names of the copies, and what ALTER SYSTEM made
// of its file.
Status complete_intent(const std::vector<JournalRecord>& records, Intent& intent) {
    for (const JournalRecord& record : records) {
        const json::value detail(record.detail);
        const JsonReader reader(detail, record.event);
        if (record.event == event::kBackedUp) {
            HONE_TRY_ASSIGN(const auto images, reader.array("files"));
            for (const JsonReader& image_reader : images) {
                HONE_TRY_ASSIGN(const FileImage image, file_image_from_json(image_reader));
                for (WrittenFile& file : intent.files)
                    if (file.path() == image.path) file.before = image;
            }
        } else if (record.event == event::kWritten && reader.has("sha256")) {
            HONE_TRY_ASSIGN(const std::string path, reader.text("path"));
            for (WrittenFile& file : intent.files)
                if (file.path() == path) {
                    HONE_TRY_ASSIGN(file.sha256_after, reader.text("sha256"));
                }
        }
    }
    return {};
}

Result<Intent> intent_of_records(const std::vector<JournalRecord>& records) {
    const json::value detail(records.front().detail);
    HONE_TRY_ASSIGN(Intent intent, intent_from_json(JsonReader(detail, "intent")));
    HONE_TRY(complete_intent(records, intent));
    return intent;
}

}  // namespace

std::string_view to_string(ApplyState state) {
    switch (state) {
        case ApplyState::kInterrupted:
            return "interrupted";
        case ApplyState::kKept:
            return "kept";
        case ApplyState::kAbandoned:
            return "abandoned";
        case ApplyState::kUndone:
            return "undone by hone";
        case ApplyState::kRolledBack:
            return "rolled back";
        case ApplyState::kUndoFailed:
            return "undo failed";
        case ApplyState::kUnreadable:
            return "unreadable";
    }
    return "unreadable";
}

bool is_open(ApplyState state) {
    return state == ApplyState::kInterrupted || state == ApplyState::kUndoFailed;
}

std::string_view to_string(UndoneBy by) {
    switch (by) {
        case UndoneBy::kApply:
            return "apply";
        case UndoneBy::kRollback:
            return "rollback";
        case UndoneBy::kRecover:
            return "recover";
    }
    return "apply";
}

UndoneBy undone_by_named(std::string_view name) {
    for (const UndoneBy by : {UndoneBy::kRollback, UndoneBy::kRecover})
        if (to_string(by) == name) return by;
    return UndoneBy::kApply;
}

ApplyState state_after(const std::vector<JournalRecord>& records) {
    if (records.empty()) return ApplyState::kAbandoned;
    const std::string& last = records.back().event;
    if (last == event::kKept) return ApplyState::kKept;
    if (last == event::kAbandoned) return ApplyState::kAbandoned;
    if (last == event::kUndoFailed) return ApplyState::kUndoFailed;
    if (last == event::kUndone)
        return last_undo(records) == UndoneBy::kRollback ? ApplyState::kRolledBack
                                                         : ApplyState::kUndone;
    return ApplyState::kInterrupted;
}

bool Apply::concerns(const fs::path& data_directory, const std::string& system_identifier) const {
    if (!intent) return false;
    // Copies of a cluster share its identifier, so the folder decides where there is one.
    if (!data_directory.empty() && !intent->data_directory.empty())
        return intent->data_directory == data_directory;
    return intent->system_identifier == system_identifier;
}

Result<fs::path> Store::create() const {
    HONE_TRY(make_folders(applies_.parent_path(), 0755));
    HONE_TRY(make_folders(applies_, 0700));
    HONE_TRY_ASSIGN(fs::path folder, create_dated_folder(applies_));
    HONE_FAILPOINT("store.after_create");
    return folder;
}

Apply Store::read(const std::string& id) const {
    Apply apply;
    apply.id = id;
    apply.folder = applies_ / id;
    if (!file_exists(apply.journal_path())) return apply;
    auto content = read_journal(apply.journal_path());
    if (!content.ok()) {
        apply.state = ApplyState::kUnreadable;
        apply.problem = content.error().message();
        return apply;
    }
    apply.records = std::move(content->records);
    apply.state = state_after(apply.records);
    if (apply.records.empty()) return apply;
    apply.time = apply.records.front().time;
    auto intent = intent_of_records(apply.records);
    if (intent.ok()) {
        apply.intent = std::move(intent).value();
    } else {
        apply.state = ApplyState::kUnreadable;
        apply.problem = intent.error().message();
    }
    return apply;
}

Result<std::vector<Apply>> Store::list() const {
    std::vector<Apply> applies;
    if (!file_exists(applies_)) return applies;
    HONE_TRY_ASSIGN(const auto names, list_folder(applies_));
    if (names.size() > kMostApplies)
        return Error{ErrorCode::kExhausted, fmt::format("listing '{}'", applies_.string()),
                     fmt::format("more than {} applies", kMostApplies),
                     "move the oldest folders elsewhere"};
    for (const std::string& name : names) applies.push_back(read(name));
    return applies;
}

Result<Apply> Store::find(const std::string& id) const {
    HONE_TRY_ASSIGN(std::vector<Apply> applies, list());
    std::vector<std::string> ids;
    for (Apply& apply : applies) {
        if (apply.id == id) return std::move(apply);
        ids.push_back(apply.id);
    }
    const auto near = closest(id, ids);
    return Error{ErrorCode::kNotFound, fmt::format("looking for the apply '{}'", printable(id)),
                 "there is none of that name",
                 near ? fmt::format("did you mean {}?", *near) : "hone history lists them all"};
}

Result<std::vector<Apply>> Store::open_ones(const fs::path& data_directory,
                                            const std::string& system_identifier) const {
    HONE_TRY_ASSIGN(std::vector<Apply> applies, list());
    std::vector<Apply> open;
    for (Apply& apply : applies)
        if (is_open(apply.state) && apply.concerns(data_directory, system_identifier))
            open.push_back(std::move(apply));
    return open;
}

Status refuse_damaged_journals(const fs::path& state_directory) {
    HONE_TRY_ASSIGN(const auto applies, Store(state_directory).list());
    for (const Apply& apply : applies)
        if (apply.state == ApplyState::kUnreadable)
            return Error{
                ErrorCode::kDataLoss, fmt::format("reading the journal of {}", apply.id),
                apply.problem,
                fmt::format("hone cannot tell how far that apply got: compare the server's files "
                            "with the copies in '{}', then move '{}' elsewhere",
                            apply.backup_folder().string(), apply.folder.string())};
    return {};
}

Status refuse_open_journal(const fs::path& state_directory, const fs::path& data_directory,
                           const std::string& system_identifier) {
    HONE_TRY(refuse_damaged_journals(state_directory));
    HONE_TRY_ASSIGN(const auto open,
                    Store(state_directory).open_ones(data_directory, system_identifier));
    if (open.empty()) return {};
    return Error{ErrorCode::kFailedPrecondition, "looking at the journal of this server",
                 fmt::format("the apply {} was interrupted and is neither kept nor taken back",
                             open.front().id),
                 "run hone recover first"};
}

}  // namespace hone::change
