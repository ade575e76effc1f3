// tune/toml_reader.hpp - TOML as a plain tree, so that one file alone pays for the TOML library.
//
// Errors   invalid_argument with line and column: not TOML, or larger than 1 MiB.
// Limits   dates and times are read as kOther: nothing in hone's files needs them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hone::tune {

struct TomlEntry;

struct TomlNode {
    enum class Kind { kText, kNumber, kBool, kList, kTable, kOther };
    Kind kind = Kind::kOther;
    std::string text;   // of kText; the number as it may stand in postgresql.conf; "on" or "off"
    double number = 0;  // of kNumber
    bool is_whole = false;
    std::vector<TomlNode> items;     // of kList
    std::vector<TomlEntry> entries;  // of kTable, in the file's order
    int line = 0;
    int column = 0;

    const TomlNode* find(std::string_view key) const;
};

struct TomlEntry {
    std::string key;
    TomlNode value;
};

Result<TomlNode> parse_toml(std::string_view text, std::string_view what);

// "FILE line 3 column 7": where a node stands, for errors.
std::string place_of(const TomlNode& node, std::string_view what);

}  // namespace hone::tune
