// prove/pack/description.hpp - a pack as its files say it, before choices are made and expressions
// are read.
//
// Errors   invalid_argument with file, line and column: not TOML, an unknown key, a wrong type, a
//          name that nothing has; as the source of files.
// Source   docs/reference/packs.md
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "prove/pack/pack.hpp"

namespace hone::prove {

// An expression or a number, and where it stands, for errors.
struct SourceText {
    std::string text;
    std::string place;
};

using NamedTexts = std::vector<std::pair<std::string, SourceText>>;

// Holds where each variant that it names has the value it gives.
using Only = std::map<std::string, std::string>;

struct SchemaFile {
    std::string name;
    std::string sql;
    bool after_load = false;
    Only only;
};

struct RowSetText {
    std::string name;
    std::string table;
    SourceText count;  // that are loaded
    NamedTexts columns;
    Only only;
};

struct CallText {
    SourceText sql;
    std::vector<SourceText> parameters;
    std::string rows;  // the name of a row set, whose rows stand for {rows}; "" for none
    SourceText row_count;
    SourceText first_row;
    Only only;
};

struct OperationText {
    std::string name;
    bool writes = false;
    bool atomic = false;
    SourceText units;
    SourceText rounds_at_most;
    std::vector<CallText> calls;
    Only only;
};

// A preset, a volume or the value of a variant.
struct Choice {
    std::string name;
    NamedTexts constants;                 // instead of the pack's own
    std::map<std::string, double> rates;  // of a preset: arrivals per second, or weights
    int clients = 0;                      // of a preset with closed loop
};

struct Pack::Description {
    PackInfo info;
    NamedTexts constants;
    NamedTexts definitions;
    std::vector<SchemaFile> schema;
    std::vector<RowSetText> rows;
    std::vector<OperationText> operations;
    std::vector<Choice> presets;
    std::vector<Choice> volumes;
    std::vector<std::vector<Choice>> variants;  // as PackInfo::variants
};

// One of the pack's files by its name.
using PackFiles = std::function<Result<std::string>(const std::string& name)>;

inline constexpr std::string_view kPackFile = "pack.toml";

Result<Pack::Description> read_description(const PackFiles& files);

}  // namespace hone::prove
