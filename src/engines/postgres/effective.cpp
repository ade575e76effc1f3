#include "engines/postgres/effective.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "engines/postgres/claims.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

// Names that the server still takes for others (guc.c, map_old_guc_names).
constexpr std::array<std::string_view, 3> kOldNames{"sort_mem", "ssl_ecdh_curve", "vacuum_mem"};

// What is known of one change, for whoever looks for its obstacles.
struct Question {
    const Change& change;
    const ServerState& state;
    const ConfigTree& files;
    const fs::path& hone_file;
    const SettingDefinition* definition;  // null where the server has no such setting

    const SettingState* current() const {
        const auto found = state.settings.find(change.setting);
        return found == state.settings.end() ? nullptr : &found->second;
    }
    std::string canonical(std::string_view value) const {
        if (definition == nullptr) return std::string(value);
        return canonical_value(*definition, value).value_or(std::string(value));
    }
    std::string display(std::string_view canonical_text) const {
        return definition == nullptr ? std::string(canonical_text)
                                     : display_value(*definition, canonical_text);
    }
    bool wants(std::string_view value) const { return canonical(value) == canonical(change.to); }
    Obstacle obstacle(Claim claim) const {
        return {.setting = change.setting,
                .wanted = change.to,
                .effective = display(canonical(claim.value)),
                .cause = claim.cause,
                .where = std::move(claim.where),
                .fix = std::move(claim.fix)};
    }
};

// A server to whom the role may not show everything looks as if it had fewer settings.
bool sees_every_setting(const Catalogue& catalogue) {
    return find_setting(catalogue, "data_directory") != nullptr;
}

bool is_unknown(const Catalogue& catalogue, const std::string& name) {
    const bool of_an_extension = name.find('.') != std::string::npos;
    const bool old = std::find(kOldNames.begin(), kOldNames.end(), name) != kOldNames.end();
    if (of_an_extension || old) return false;
    // The catalogue's names keep their capitals ("DateStyle"); the files' do not.
    return std::none_of(catalogue.begin(), catalogue.end(),
                        [&](const auto& known) { return equal_ignoring_case(known.first, name); });
}

// One such line, and the server takes nothing of what its files say when it reads them again.
std::optional<Claim> refused_files(const Question& question) {
    const ConfigTree& files = question.files;
    if (!files.problems.empty()) {
        const ConfigProblem& problem = files.problems.front();
        return Claim{.cause = Override::kNotApplied,
                     .value = {},
                     .where = fmt::format("{} line {}: {}; because of it the server ignores all "
                                          "changes in its files",
                                          problem.file.string(), problem.line, problem.message),
                     .fix = fmt::format("correct or delete line {} of {}, then SELECT "
                                        "pg_reload_conf();",
                                        problem.line, problem.file.string())};
    }
    if (!sees_every_setting(question.state.catalogue)) return std::nullopt;
    for (const ConfigEntry& entry : files.entries)
        if (is_unknown(question.state.catalogue, entry.name))
            return Claim{.cause = Override::kNotApplied,
                         .value = {},
                         .where = fmt::format("{} line {}: the server knows no '{}'; because of it "
                                              "it ignores all changes in its files",
                                              entry.file.string(), entry.line, entry.name),
                         .fix = fmt::format("correct or delete line {} of {}, then SELECT "
                                            "pg_reload_conf();",
                                            entry.line, entry.file.string())};
    return std::nullopt;
}

std::optional<Override> role_cause(std::string_view source) {
    if (source == "database user") return Override::kAlterRoleInDatabase;
    if (source == "user" || source == "global") return Override::kAlterRole;
    if (source == "database") return Override::kAlterDatabase;
    return std::nullopt;
}

// ALTER ROLE and ALTER DATABASE, as they hold for sessions of `user` in `database`; strongest
// first, the order of process_settings().
std::vector<Claim> role_claims(const Question& question, std::string_view user,
                               std::string_view database) {
    std::vector<Claim> claims;
    const std::array<std::pair<std::string_view, std::string_view>, 4> order{
        {{user, database}, {user, ""}, {"", database}, {"", ""}}};
    for (const auto& [role, place] : order)
        for (const RoleSetting& setting : question.state.role_settings)
            if (equal_ignoring_case(setting.setting, question.change.setting) &&
                setting.role == role && setting.database == place)
                claims.push_back(claim_of(setting));
    return claims;
}

// The ALTER that gave the session the value that it has.
Claim role_claim_of_session(const Question& question, Override cause, const SettingState& current) {
    for (const RoleSetting& setting : question.state.role_settings) {
        Claim claim = claim_of(setting);
        const bool global = current.source == "global";
        if (equal_ignoring_case(setting.setting, question.change.setting) && claim.cause == cause &&
            global == (setting.role.empty() && setting.database.empty()) &&
            question.canonical(setting.value) == current.value)
            return claim;
    }
    return {.cause = cause,
            .value = current.value,
            .where = fmt::format("pg_db_role_setting (source '{}')", current.source),
            .fix = fmt::format("RESET {} where \\drds of psql shows it", question.change.setting)};
}

std::vector<Claim> session_claims(const Question& question) {
    const SettingState* current = question.current();
    if (current == nullptr) return {};
    const std::string shown = question.display(current->value);
    if (current->source == "client") return {client_claim(question.change.setting, shown)};
    if (current->source == "command line") {
        const fs::path main = question.files.files.empty() ? fs::path() : question.files.files[0];
        return {command_line_claim(question.change.setting, shown, main)};
    }
    return {};
}

Claim pending_restart(const SettingState& current) {
    return {.cause = Override::kPendingRestart,
            .value = current.value,
            .where = "the server has read the new value, and needs a restart for it",
            .fix = "restart the server"};
}

Claim not_applied(const Question& question, const SettingState& current) {
    Claim claim{.cause = Override::kNotApplied, .value = current.value, .where = {}, .fix = {}};
    const auto& read = question.files.files;
    const auto valid = question.definition == nullptr
                           ? Result<std::string>(question.change.to)
                           : canonical_value(*question.definition, question.change.to);
    if (!valid.ok()) {
        claim.where = "the server refused the value: " + valid.error().wrong();
        claim.fix = "make a new plan: this value is not valid on this server";
    } else if (std::find(read.begin(), read.end(), question.hone_file) == read.end()) {
        claim.where = fmt::format("no configuration file includes {}", question.hone_file.string());
        claim.fix = fmt::format("add the line include '{}' to {}, then SELECT pg_reload_conf();",
                                question.hone_file.string(),
                                read.empty() ? "postgresql.conf" : read[0].string());
    } else {
        claim.where = fmt::format("the server has not read {} again", question.hone_file.string());
        claim.fix = "SELECT pg_reload_conf();";
    }
    return claim;
}

// Nothing stronger than a file is at work, and no other file.
Claim remaining_cause(const Question& question, const SettingState& current) {
    if (current.pending_restart) return pending_restart(current);
    if (auto refused = refused_files(question)) {
        refused->value = current.value;
        return *refused;
    }
    const ConfigEntry* written = question.files.winner(question.change.setting);
    const bool in_files = written != nullptr && question.wants(written->value);
    if (current.source == "environment variable" && !in_files)
        return {.cause = Override::kEnvironment,
                .value = current.value,
                .where = "the environment of the server's process",
                .fix =
                    "unset the PG* variable for it where the server is started, then restart "
                    "the server"};
    if (in_files && question.change.needs_restart()) return pending_restart(current);
    return not_applied(question, current);
}

void add_unwanted(std::vector<Obstacle>& obstacles, const Question& question,
                  std::vector<Claim> claims) {
    for (Claim& claim : claims)
        if (!question.wants(claim.value)) obstacles.push_back(question.obstacle(std::move(claim)));
}

void explain_difference(std::vector<Obstacle>& obstacles, const Question& question,
                        const SettingState& current) {
    std::vector<Obstacle> found;
    add_unwanted(found, question, session_claims(question));
    if (const auto cause = role_cause(current.source))
        found.push_back(question.obstacle(role_claim_of_session(question, *cause, current)));
    // What would win next, once the strongest is gone.
    add_unwanted(found, question,
                 file_claims(question.change.setting, question.files, question.hone_file));
    if (found.empty()) found.push_back(question.obstacle(remaining_cause(question, current)));
    std::move(found.begin(), found.end(), std::back_inserter(obstacles));
}

}  // namespace

std::string_view to_string(Override cause) {
    switch (cause) {
        case Override::kNone:
            return "none";
        case Override::kCommandLine:
            return "command line";
        case Override::kAlterSystem:
            return "ALTER SYSTEM";
        case Override::kAlterDatabase:
            return "ALTER DATABASE";
        case Override::kAlterRole:
            return "ALTER ROLE";
        case Override::kAlterRoleInDatabase:
            return "ALTER ROLE IN DATABASE";
        case Override::kLaterFile:
            return "later file";
        case Override::kDuplicateKey:
            return "duplicate key";
        case Override::kClient:
            return "client";
        case Override::kEnvironment:
            return "environment";
        case Override::kPendingRestart:
            return "pending restart";
        case Override::kNotApplied:
            return "not applied";
        case Override::kUnknown:
            return "unknown";
    }
    return "unknown";
}

std::vector<Obstacle> predict_obstacles(const Plan& plan, const ServerState& state,
                                        const ConfigTree& files, const fs::path& hone_file,
                                        std::string_view user, std::string_view database) {
    std::vector<Obstacle> obstacles;
    for (const Change& change : plan.changes) {
        const Question question{change, state, files, hone_file,
                                find_setting(state.catalogue, change.setting)};
        add_unwanted(obstacles, question, role_claims(question, user, database));
        add_unwanted(obstacles, question, session_claims(question));
        add_unwanted(obstacles, question, file_claims(change.setting, files, hone_file));
        if (auto refused = refused_files(question)) {
            refused->value = question.current() == nullptr ? "" : question.current()->value;
            obstacles.push_back(question.obstacle(std::move(*refused)));
        }
    }
    return obstacles;
}

std::vector<Obstacle> find_obstacles(const Plan& plan, const ServerState& state,
                                     const ConfigTree& files, const fs::path& hone_file) {
    std::vector<Obstacle> obstacles;
    for (const Change& change : plan.changes) {
        const Question question{change, state, files, hone_file,
                                find_setting(state.catalogue, change.setting)};
        const SettingState* current = question.current();
        if (current == nullptr)
            obstacles.push_back({.setting = change.setting,
                                 .wanted = change.to,
                                 .effective = {},
                                 .cause = Override::kUnknown,
                                 .where = "the server shows no such setting to this role",
                                 .fix = "connect as a role with pg_monitor"});
        else if (!question.wants(current->value) || current->pending_restart)
            explain_difference(obstacles, question, *current);
    }
    return obstacles;
}

std::string describe(const Obstacle& obstacle) {
    const bool somebody_sets_it = obstacle.cause != Override::kNotApplied &&
                                  obstacle.cause != Override::kPendingRestart &&
                                  obstacle.cause != Override::kUnknown;
    return fmt::format("{}: the plan wants {}, but {} holds{}{}. Fix: {}", obstacle.setting,
                       obstacle.wanted, obstacle.effective.empty() ? "''" : obstacle.effective,
                       somebody_sets_it ? ", set by " : ": ", obstacle.where, obstacle.fix);
}

}  // namespace hone::postgres
