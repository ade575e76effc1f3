#include "engines/postgres/claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kDebianFolder = "/etc/postgresql/";
constexpr std::string_view kThenReload = ", then SELECT pg_reload_conf();";

// PostgreSQL's reserved words (manual, appendix C) stay in quotes.
constexpr std::array<std::string_view, 76> kReserved{"all",          "analyse",
                                                     "analyze",      "and",
                                                     "any",          "array",
                                                     "as",           "asc",
                                                     "asymmetric",   "both",
                                                     "case",         "cast",
                                                     "check",        "collate",
                                                     "column",       "constraint",
                                                     "create",       "current_catalog",
                                                     "current_date", "current_role",
                                                     "current_time", "current_timestamp",
                                                     "current_user", "default",
                                                     "deferrable",   "desc",
                                                     "distinct",     "do",
                                                     "else",         "end",
                                                     "except",       "false",
                                                     "fetch",        "for",
                                                     "foreign",      "from",
                                                     "grant",        "group",
                                                     "having",       "in",
                                                     "initially",    "intersect",
                                                     "into",         "lateral",
                                                     "leading",      "limit",
                                                     "localtime",    "localtimestamp",
                                                     "not",          "null",
                                                     "offset",       "on",
                                                     "only",         "or",
                                                     "order",        "placing",
                                                     "primary",      "references",
                                                     "returning",    "select",
                                                     "session_user", "some",
                                                     "symmetric",    "table",
                                                     "then",         "to",
                                                     "trailing",     "true",
                                                     "union",        "unique",
                                                     "user",         "using",
                                                     "variadic",     "when",
                                                     "where",        "with"};

struct ClientVariable {
    std::string_view setting;
    std::string_view variable;
};
// Variables that libpq turns into settings of its session.
constexpr std::array<ClientVariable, 4> kClientVariables{{{"timezone", "PGTZ"},
                                                          {"datestyle", "PGDATESTYLE"},
                                                          {"client_encoding", "PGCLIENTENCODING"},
                                                          {"geqo", "PGGEQO"}}};

bool is_automatic_file(const fs::path& file) {
    return file.filename() == "postgresql.auto.conf";
}

// How many entries are read before those of `hone_file` end.
std::size_t place_of(const ConfigTree& files, const fs::path& hone_file) {
    for (std::size_t at = files.entries.size(); at > 0; --at)
        if (files.entries[at - 1].file == hone_file) return at;
    for (auto place = files.include_places.rbegin(); place != files.include_places.rend();
         ++place) {
        if (place->folder != hone_file.parent_path()) continue;
        for (std::size_t at = place->first_entry; at < place->end_entry; ++at)
            if (files.entries[at].file.parent_path() == place->folder &&
                files.entries[at].file.filename() > hone_file.filename())
                return at;
        return place->end_entry;
    }
    // An include line at the end of the main file.
    const auto automatic =
        std::find_if(files.entries.begin(), files.entries.end(),
                     [](const ConfigEntry& entry) { return is_automatic_file(entry.file); });
    return static_cast<std::size_t>(automatic - files.entries.begin());
}

// "line 3 of /a and lines 5, 8 of /b": every line is one that has to go.
std::string lines_of(const std::vector<const ConfigEntry*>& entries) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < entries.size();) {
        std::vector<std::string> numbers;
        const fs::path& file = entries[at]->file;
        for (; at < entries.size() && entries[at]->file == file; ++at)
            numbers.push_back(std::to_string(entries[at]->line));
        parts.push_back(fmt::format("{} {} of {}", numbers.size() == 1 ? "line" : "lines",
                                    join(numbers, ", "), file.string()));
    }
    return join(parts, " and ");
}

Claim claim_of(const std::vector<const ConfigEntry*>& later, const fs::path& hone_file) {
    const ConfigEntry& winner = *later.back();
    Claim claim{.cause = Override::kLaterFile,
                .value = winner.value,
                .where = fmt::format("{} line {}", winner.file.string(), winner.line),
                .fix = fmt::format("delete {}{}", lines_of(later), kThenReload)};
    if (winner.file == hone_file) claim.cause = Override::kDuplicateKey;
    return claim;
}

Claim automatic_claim(const ConfigEntry& entry) {
    return {.cause = Override::kAlterSystem,
            .value = entry.value,
            .where = fmt::format("ALTER SYSTEM ({} line {})", entry.file.string(), entry.line),
            .fix = fmt::format("ALTER SYSTEM RESET {}; then SELECT pg_reload_conf();", entry.name)};
}

}  // namespace

std::string typed_identifier(std::string_view name) {
    const bool plain = !name.empty() && (name[0] < '0' || name[0] > '9') &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                       });
    const bool reserved = std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
    return plain && !reserved ? std::string(name) : quoted_identifier(name);
}

Claim claim_of(const RoleSetting& setting) {
    const std::string role = setting.role.empty() ? "ALL" : typed_identifier(setting.role);
    const std::string database = typed_identifier(setting.database);
    Claim claim{.cause = Override::kAlterRole, .value = setting.value, .where = {}, .fix = {}};
    std::string statement = "ALTER ROLE " + role;
    if (setting.role.empty() && !setting.database.empty()) {
        claim.cause = Override::kAlterDatabase;
        statement = "ALTER DATABASE " + database;
    } else if (!setting.database.empty()) {
        claim.cause = Override::kAlterRoleInDatabase;
        statement += " IN DATABASE " + database;
    }
    claim.where = statement + " SET";
    claim.fix = fmt::format("{} RESET {};", statement, setting.setting);
    return claim;
}

Claim client_claim(std::string_view setting, std::string_view value) {
    std::string variable = "PGOPTIONS";
    for (const ClientVariable& known : kClientVariables)
        if (known.setting == to_lower(setting)) variable = std::string(known.variable);
    return {.cause = Override::kClient,
            .value = std::string(value),
            .where = fmt::format("the client: {}, or options in the connection string", variable),
            .fix = fmt::format("unset {}; and take {} out of the connection string's options",
                               variable, setting)};
}

Claim command_line_claim(std::string_view setting, std::string_view display,
                         const fs::path& main_config_file) {
    const bool debian = main_config_file.string().starts_with(kDebianFolder);
    const std::string place =
        debian ? fmt::format("the start options in {}",
                             (main_config_file.parent_path() / "pg_ctl.conf").string())
               : std::string(
                     "the server's start options (pg_ctl -o, its service file, or its "
                     "container's command)");
    return {.cause = Override::kCommandLine,
            .value = std::string(display),
            .where = "the command line",
            .fix = fmt::format("remove '-c {}={}' from {}, then stop the server and start it",
                               setting, display, place)};
}

std::vector<Claim> file_claims(std::string_view setting, const ConfigTree& files,
                               const fs::path& hone_file) {
    const std::string name = to_lower(setting);
    const bool hone_is_automatic = is_automatic_file(hone_file);
    const std::size_t place = place_of(files, hone_file);
    std::vector<const ConfigEntry*> later;
    const ConfigEntry* automatic = nullptr;
    const ConfigEntry* own = nullptr;
    for (std::size_t at = 0; at < files.entries.size(); ++at) {
        const ConfigEntry& entry = files.entries[at];
        if (entry.name != name) continue;
        if (is_automatic_file(entry.file)) {
            automatic = &entry;
        } else if (entry.file == hone_file) {
            if (own != nullptr) later.push_back(&entry);
            own = own == nullptr ? &entry : own;
        } else if (at >= place) {
            later.push_back(&entry);
        }
    }
    if (hone_is_automatic) return {};
    std::vector<Claim> claims;
    if (automatic != nullptr) claims.push_back(automatic_claim(*automatic));
    if (!later.empty()) claims.push_back(claim_of(later, hone_file));
    return claims;
}

}  // namespace hone::postgres
