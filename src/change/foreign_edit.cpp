#include "change/foreign_edit.hpp"

#include <fmt/format.h>

#include <set>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "engines/postgres/config_file.hpp"

namespace hone::change {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashLetters = 12;
constexpr FileAttributes kPrivateFile{.mode = 0600, .user = std::nullopt, .group = std::nullopt};

// The server writes a list of names with one space after each comma.
std::string as_written(std::string_view value) {
    std::vector<std::string> words;
    for (const std::string_view word : split(value, ',')) words.emplace_back(trim(word));
    return join(words, ", ");
}

std::optional<std::string> value_in(const AlteredValues& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(as_written(found->second));
}

AlteredValues values_of(std::string_view text, const fs::path& file) {
    AlteredValues values;
    for (const auto& entry : postgres::parse_config_text(text, file).entries)
        values[entry.name] = entry.value;
    return values;
}

Result<ForeignEdit> foreign_alterations(const Intent& intent, const WrittenFile& file,
                                        const fs::path& backup_folder) {
    std::string before;
    std::string now;
    if (file.before.existed) {
        HONE_TRY_ASSIGN(before, stored_content(file.before, backup_folder));
    }
    if (file_exists(file.path())) {
        HONE_TRY_ASSIGN(now, read_file(file.path()));
    }
    return ForeignEdit{altered_by_others(values_of(before, file.path()),
                                         values_of(now, file.path()), intent.changes)};
}

}  // namespace

std::vector<std::string> altered_by_others(const AlteredValues& before, const AlteredValues& now,
                                           const std::vector<ChangedSetting>& changes) {
    AlteredValues planned;
    for (const ChangedSetting& change : changes) planned[to_lower(change.setting)] = change.to;
    std::set<std::string> names;
    for (const AlteredValues* values : {&before, &now})
        for (const auto& [name, value] : *values) names.insert(name);
    std::vector<std::string> foreign;
    for (const std::string& name : names) {
        const auto value = value_in(now, name);
        const bool by_plan = value && value == value_in(planned, name);
        if (!by_plan && value != value_in(before, name)) foreign.push_back(name);
    }
    return foreign;
}

std::vector<std::string> plan_settings_altered_by_others(
    const AlteredValues& now, const std::vector<ChangedSetting>& changes) {
    AlteredValues before;
    AlteredValues ours;
    for (const ChangedSetting& change : changes) {
        const std::string name = to_lower(change.setting);
        if (change.altered_before) before[name] = *change.altered_before;
        if (const auto found = now.find(name); found != now.end()) ours.insert(*found);
    }
    return altered_by_others(before, ours, changes);
}

Result<std::optional<ForeignEdit>> foreign_edit_of(const Intent& intent, const WrittenFile& file,
                                                   const fs::path& backup_folder, bool allow_old) {
    constexpr std::optional<ForeignEdit> kNone;
    if (intent.method == Method::kAlterSystem) {
        HONE_TRY_ASSIGN(ForeignEdit edit, foreign_alterations(intent, file, backup_folder));
        return edit.settings.empty() ? kNone : std::optional(std::move(edit));
    }
    HONE_TRY_ASSIGN(const std::string now, sha256_of_file(file.path()));
    if (now == file.sha256_after || (allow_old && now == file.before.sha256)) return kNone;
    return std::optional(ForeignEdit{});
}

Result<fs::path> keep_edit(const fs::path& file, const fs::path& backup_folder) {
    HONE_TRY_ASSIGN(const std::string content, read_file(file));
    const fs::path copy =
        backup_folder / fmt::format("edited-{}-{}", sha256_hex(content).substr(0, kHashLetters),
                                    file.filename().string());
    HONE_TRY(replace_file(copy, content, kPrivateFile));
    return copy;
}

}  // namespace hone::change
