// engines/postgres/config_file.hpp - reads postgresql.conf and everything that it includes, as the
// server would.
//
// Shape    entries come in the order in which the server reads them; for one name the last entry
//          wins.
// Errors   not_found, permission_denied: the main file; what is wrong further in (a missing
//          include, a line that is no setting, an include loop) is in `problems` with file and
//          line, because one mistake must not hide the next.
// Limits   10 levels of includes, as the server has it; 1000 files; 16 MiB a file.
// Source   PostgreSQL manual 20.1; guc-file.l: names are case-insensitive, '=' is optional, '' and
//          backslash escapes in quotes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace hone::postgres {

struct ConfigEntry {
    std::string name;   // lower case
    std::string value;  // without quotes and escapes
    std::filesystem::path file;
    int line = 0;
};

struct ConfigProblem {
    std::filesystem::path file;
    int line = 0;
    std::string message;
};

// Where an include_dir line stands in the order of reading.
struct IncludeFolder {
    std::filesystem::path folder;
    std::size_t first_entry = 0;  // index of the first entry that came from it
    std::size_t end_entry = 0;    // one past the last; equal where it holds nothing
};

struct ConfigTree {
    std::vector<std::filesystem::path>
        files;  // every file read, main file first, postgresql.auto.conf last
    std::vector<std::filesystem::path> include_folders;  // of include_dir lines, in order
    std::vector<IncludeFolder> include_places;           // the same, with their places
    std::vector<ConfigEntry> entries;
    std::vector<ConfigProblem> problems;

    // The entry that wins, as the server decides it; none where the name is nowhere.
    const ConfigEntry* winner(std::string_view name) const;
};

// One text, without following includes: include lines become entries named include, include_dir,
// include_if_exists.
struct ConfigText {
    std::vector<ConfigEntry> entries;
    std::vector<ConfigProblem> problems;
};
ConfigText parse_config_text(std::string_view text, const std::filesystem::path& file);

// `auto_config_file` is read last where it exists ("" to leave it out).
Result<ConfigTree> read_config_tree(const std::filesystem::path& main_file,
                                    const std::filesystem::path& auto_config_file);

// "name = value", quoted as the grammar needs it, without a newline.
std::string config_line(std::string_view name, std::string_view display_value);

}  // namespace hone::postgres
