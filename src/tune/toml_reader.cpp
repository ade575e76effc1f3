#include "tune/toml_reader.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <sstream>

#include "base/text.hpp"

namespace hone::tune {

namespace {

constexpr std::size_t kLargestDocument = std::size_t{1} << 20;

TomlNode node_from(const toml::node& source, const toml::source_region& region);

TomlNode table_from(const toml::table& source) {
    TomlNode node;
    node.kind = TomlNode::Kind::kTable;
    for (const auto& [key, value] : source)
        node.entries.emplace_back(std::string(key.str()), node_from(value, key.source()));
    // The library sorts by name; errors should come in the order of the file.
    std::sort(node.entries.begin(), node.entries.end(), [](const auto& a, const auto& b) {
        return std::pair(a.value.line, a.value.column) < std::pair(b.value.line, b.value.column);
    });
    return node;
}

TomlNode scalar_from(const toml::node& source) {
    TomlNode node;
    if (const auto* text = source.as_string()) {
        node.kind = TomlNode::Kind::kText;
        node.text = text->get();
    } else if (const auto* integer = source.as_integer()) {
        node.kind = TomlNode::Kind::kNumber;
        node.number = static_cast<double>(integer->get());
        node.is_whole = true;
        node.text = fmt::format("{}", integer->get());
    } else if (const auto* real = source.as_floating_point()) {
        node.kind = TomlNode::Kind::kNumber;
        node.number = real->get();
        node.text = fmt::format("{}", real->get());
    } else if (const auto* boolean = source.as_boolean()) {
        node.kind = TomlNode::Kind::kBool;
        node.text = boolean->get() ? "on" : "off";
    }
    return node;
}

TomlNode node_from(const toml::node& source, const toml::source_region& region) {
    TomlNode node;
    if (const auto* table = source.as_table()) {
        node = table_from(*table);
    } else if (const auto* list = source.as_array()) {
        node.kind = TomlNode::Kind::kList;
        for (const auto& item : *list) node.items.push_back(node_from(item, item.source()));
    } else {
        node = scalar_from(source);
    }
    node.line = static_cast<int>(region.begin.line);
    node.column = static_cast<int>(region.begin.column);
    return node;
}

}  // namespace

const TomlNode* TomlNode::find(std::string_view key) const {
    for (const auto& [name, node] : entries)
        if (name == key) return &node;
    return nullptr;
}

Result<TomlNode> parse_toml(std::string_view text, std::string_view what) {
    const std::string tried = fmt::format("reading '{}' as TOML", what);
    if (text.size() > kLargestDocument)
        return Error{ErrorCode::kInvalidArgument, tried, "it is larger than 1 MB"};
    try {
        return table_from(toml::parse(text));
    } catch (const toml::parse_error& error) {
        const auto& begin = error.source().begin;
        return Error{ErrorCode::kInvalidArgument, tried,
                     fmt::format("line {} column {}: {}", begin.line, begin.column,
                                 printable(error.description())),
                     "correct that line"};
    }
}

std::string place_of(const TomlNode& node, std::string_view what) {
    return fmt::format("{} line {} column {}", what, node.line, node.column);
}

}  // namespace hone::tune
