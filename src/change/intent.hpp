// change/intent.hpp - the first record of a journal: everything that is needed to finish an apply
// or to take it back, without the process that began it.
//
// Errors   intent_from_json: invalid_argument with the field's path. Secrets: the connection string
//          is rebuilt from host, port, user and database; a password is never in it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "change/backup.hpp"
#include "engines/postgres/server.hpp"
#include "model/setting.hpp"

namespace hone::change {

enum class Method { kFile, kAlterSystem };
std::string_view to_string(Method method);
std::optional<Method> method_named(std::string_view name);

struct ChangedSetting {
    std::string setting;
    std::string from;    // display value, for people
    std::string to;      // display value
    std::string before;  // canonical value of a new session before the apply; "" where the server
                         // was stopped
    std::string after;   // canonical
    // The value before was waiting for a restart: what a restart makes of it is not known.
    bool was_pending = false;
    SettingContext context = SettingContext::kReload;
    // What ALTER SYSTEM had set before; none: nothing. Only of Method::kAlterSystem.
    std::optional<std::string> altered_before;
    bool needs_restart() const { return context == SettingContext::kRestart; }
};

struct WrittenFile {
    FileImage before;
    std::string sha256_after;  // "" where the server writes it (ALTER SYSTEM)
    std::filesystem::path path() const { return before.path; }
};

struct Intent {
    std::string plan_id;
    std::string system_identifier;
    std::filesystem::path data_directory;  // "" where the server is on another machine
    std::filesystem::path bin_directory;
    std::string conninfo;  // "" where the data folder is enough to find it
    Method method = Method::kFile;
    bool was_running = false;
    bool will_restart = false;
    int process_id = 0;  // of the hone that wrote it
    std::vector<WrittenFile> files;
    std::vector<ChangedSetting> changes;
};

json::object to_json(const Intent& intent);
Result<Intent> intent_from_json(const JsonReader& reader);

// How the connection was made, without its password.
std::string connection_text(const postgres::Connection& connection);

// The server that the intent is about, as it is now.
Result<postgres::Server> locate(const Intent& intent, Deadline deadline);

}  // namespace hone::change
