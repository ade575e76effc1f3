#include "change/health.hpp"

#include <algorithm>

#include "base/failpoint.hpp"
#include "engines/postgres/control.hpp"

namespace hone::change {

namespace {

// A restart that another process began may still be under way: each round looks again.
constexpr int kMostRounds = 3;

std::string array_literal(const std::vector<std::string>& names) {
    std::string text = "{";
    for (const std::string& name : names) text += (text.size() > 1 ? ",\"" : "\"") + name + "\"";
    return text + "}";
}

bool may_run(const postgres::Server& server) {
    if (server.data_directory.empty()) return true;
    return postgres::running_pid(server.data_directory).has_value();
}

Status answer_after_start(const postgres::Server& server, Deadline deadline) {
    if (!may_run(server)) {
        HONE_FAILPOINT("undo.before_start");
        auto started = postgres::start(server, deadline);
        HONE_FAILPOINT("undo.after_start");
        if (!started.ok() && !may_run(server)) return started;
    }
    return postgres::wait_until_ready(server, deadline);
}

Status restart_for_old_values(const postgres::Server& server, Deadline deadline) {
    HONE_FAILPOINT("undo.before_restart");
    auto restarted = postgres::restart(server, deadline);
    HONE_FAILPOINT("undo.after_restart");
    return restarted;
}

}  // namespace

Result<std::map<std::string, std::string>> session_values(const postgres::Server& server,
                                                          const std::vector<std::string>& names,
                                                          Deadline deadline) {
    HONE_TRY_ASSIGN(postgres::Connection connection, postgres::connect(server, deadline));
    HONE_TRY_ASSIGN(
        const auto rows,
        connection.query("SELECT name, setting FROM pg_settings WHERE name = ANY ($1::text[])",
                         {array_literal(names)}, deadline));
    std::map<std::string, std::string> values;
    for (std::size_t row = 0; row < rows.size(); ++row)
        values[rows.text(row, "name")] = rows.text(row, "setting");
    return values;
}

namespace {

// A value that was waiting for a restart is not the one that ran before; it must only not be ours.
bool is_different(const ChangedSetting& change, const std::string& value) {
    if (!change.was_pending) return value != change.before;
    return change.needs_restart() && change.after != change.before && value == change.after;
}

}  // namespace

Result<std::vector<Difference>> differences_from_before(const postgres::Server& server,
                                                        const std::vector<ChangedSetting>& changes,
                                                        Deadline deadline) {
    std::vector<std::string> names;
    for (const ChangedSetting& change : changes) names.push_back(change.setting);
    HONE_TRY_ASSIGN(auto values, session_values(server, names, deadline));
    std::vector<Difference> differences;
    for (const ChangedSetting& change : changes)
        if (is_different(change, values[change.setting]))
            differences.push_back({change.setting, change.before, values[change.setting]});
    return differences;
}

std::vector<std::string> restart_names(const std::vector<Difference>& differences,
                                       const std::vector<ChangedSetting>& changes) {
    std::vector<std::string> names;
    for (const Difference& difference : differences)
        if (std::any_of(changes.begin(), changes.end(), [&](const ChangedSetting& change) {
                return change.setting == difference.setting && change.needs_restart();
            }))
            names.push_back(difference.setting);
    return names;
}

Status bring_back(const postgres::Server& server, const std::vector<ChangedSetting>& changes,
                  Deadline deadline) {
    Status last;
    for (int round = 0; round < kMostRounds; ++round) {
        const bool found_running = may_run(server);
        last = answer_after_start(server, deadline);
        if (!last.ok() && !may_run(server)) {
            if (!found_running) return last;  // it does not start on its old files
            continue;                         // it was going down: the next round starts it
        }
        if (!last.ok()) {
            if (deadline.expired()) return last;  // no time to start what would be stopped
            // It runs and does not answer: nothing but a restart is left.
            last = restart_for_old_values(server, deadline);
            continue;
        }
        HONE_FAILPOINT("undo.before_reload");
        HONE_TRY(postgres::reload(server, deadline));
        HONE_FAILPOINT("undo.after_reload");
        HONE_TRY_ASSIGN(const auto differences, differences_from_before(server, changes, deadline));
        if (restart_names(differences, changes).empty()) return {};
        last = restart_for_old_values(server, deadline);
        if (last.ok()) return postgres::wait_until_ready(server, deadline);
    }
    return last;
}

}  // namespace hone::change
