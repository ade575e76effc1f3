#include "change/intent.hpp"

#include <fmt/format.h>

namespace hone::change {

namespace {

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

json::object to_json(const ChangedSetting& change) {
    return {{"setting", change.setting},
            {"from", change.from},
            {"to", change.to},
            {"before", change.before},
            {"after", change.after},
            {"was_pending", change.was_pending},
            {"takes_effect", to_string(change.context)},
            {"altered_before", text_or_null(change.altered_before)}};
}

Result<ChangedSetting> changed_setting_from_json(const JsonReader& reader) {
    ChangedSetting change;
    HONE_TRY_ASSIGN(change.setting, reader.text("setting"));
    HONE_TRY_ASSIGN(change.from, reader.text("from"));
    HONE_TRY_ASSIGN(change.to, reader.text("to"));
    HONE_TRY_ASSIGN(change.before, reader.text("before"));
    HONE_TRY_ASSIGN(change.after, reader.text("after"));
    HONE_TRY_ASSIGN(change.was_pending, reader.boolean("was_pending"));
    HONE_TRY_ASSIGN(const std::string context, reader.text("takes_effect"));
    change.context = setting_context_named(context);
    HONE_TRY_ASSIGN(change.altered_before, reader.optional_text("altered_before"));
    return change;
}

Result<WrittenFile> written_file_from_json(const JsonReader& reader) {
    WrittenFile file;
    HONE_TRY_ASSIGN(const JsonReader before, reader.object("before"));
    HONE_TRY_ASSIGN(file.before, file_image_from_json(before));
    HONE_TRY_ASSIGN(file.sha256_after, reader.text("sha256_after"));
    return file;
}

Status read_target(const JsonReader& reader, Intent& intent) {
    HONE_TRY_ASSIGN(intent.system_identifier, reader.text("system_identifier"));
    HONE_TRY_ASSIGN(const std::string data_directory, reader.text("data_directory"));
    HONE_TRY_ASSIGN(const std::string bin_directory, reader.text("bin_directory"));
    HONE_TRY_ASSIGN(intent.conninfo, reader.text("conninfo"));
    intent.data_directory = data_directory;
    intent.bin_directory = bin_directory;
    return {};
}

}  // namespace

std::string_view to_string(Method method) {
    return method == Method::kFile ? "file" : "alter-system";
}

std::optional<Method> method_named(std::string_view name) {
    for (const Method method : {Method::kFile, Method::kAlterSystem})
        if (to_string(method) == name) return method;
    return std::nullopt;
}

json::object to_json(const Intent& intent) {
    json::array files;
    for (const WrittenFile& file : intent.files)
        files.push_back(
            json::object{{"before", to_json(file.before)}, {"sha256_after", file.sha256_after}});
    json::array changes;
    for (const ChangedSetting& change : intent.changes) changes.push_back(to_json(change));
    return {{"plan_id", intent.plan_id},
            {"target", json::object{{"system_identifier", intent.system_identifier},
                                    {"data_directory", intent.data_directory.string()},
                                    {"bin_directory", intent.bin_directory.string()},
                                    {"conninfo", intent.conninfo}}},
            {"method", to_string(intent.method)},
            {"was_running", intent.was_running},
            {"will_restart", intent.will_restart},
            {"process_id", intent.process_id},
            {"files", std::move(files)},
            {"changes", std::move(changes)}};
}

Result<Intent> intent_from_json(const JsonReader& reader) {
    Intent intent;
    HONE_TRY_ASSIGN(intent.plan_id, reader.text("plan_id"));
    HONE_TRY_ASSIGN(const JsonReader target, reader.object("target"));
    HONE_TRY(read_target(target, intent));
    HONE_TRY_ASSIGN(const std::string method, reader.text("method"));
    intent.method = method_named(method).value_or(Method::kFile);
    HONE_TRY_ASSIGN(intent.was_running, reader.boolean("was_running"));
    HONE_TRY_ASSIGN(intent.will_restart, reader.boolean("will_restart"));
    HONE_TRY_ASSIGN(const std::int64_t process_id, reader.integer("process_id"));
    intent.process_id = static_cast<int>(process_id);
    HONE_TRY_ASSIGN(const auto files, reader.array("files"));
    for (const JsonReader& file_reader : files) {
        HONE_TRY_ASSIGN(WrittenFile file, written_file_from_json(file_reader));
        intent.files.push_back(std::move(file));
    }
    HONE_TRY_ASSIGN(const auto changes, reader.array("changes"));
    for (const JsonReader& change_reader : changes) {
        HONE_TRY_ASSIGN(ChangedSetting change, changed_setting_from_json(change_reader));
        intent.changes.push_back(std::move(change));
    }
    return intent;
}

std::string connection_text(const postgres::Connection& connection) {
    std::string text;
    for (const char* keyword : {"host", "port", "user", "dbname"}) {
        std::string value;
        for (const char letter : connection.parameter(keyword)) {
            if (letter == '\'' || letter == '\\') value += '\\';
            value += letter;
        }
        if (!value.empty())
            text += fmt::format("{}{}='{}'", text.empty() ? "" : " ", keyword, value);
    }
    return text;
}

Result<postgres::Server> locate(const Intent& intent, Deadline deadline) {
    auto server =
        intent.data_directory.empty()
            ? postgres::locate_by_conninfo(intent.conninfo, intent.bin_directory, deadline)
            : postgres::locate_by_data_directory(intent.data_directory, intent.bin_directory);
    if (!server.ok()) return server;
    if (!intent.conninfo.empty()) server->conninfo = intent.conninfo;
    if (server->system_identifier != intent.system_identifier)
        return Error{ErrorCode::kFailedPrecondition, "finding the server of an earlier apply",
                     "another server lies in '" + intent.data_directory.string() + "' now",
                     "name the server's folder as it is now with --data-dir"};
    return server;
}

}  // namespace hone::change
