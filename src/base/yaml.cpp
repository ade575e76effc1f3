#include "base/yaml.hpp"

#include <algorithm>

namespace hone {

namespace {

bool is_block(const json::value& value) {
    return (value.is_object() && !value.get_object().empty()) ||
           (value.is_array() && !value.get_array().empty());
}

// Words that no YAML reader takes for anything but text; all other keys are quoted.
std::string key_text(std::string_view key) {
    const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || c == '_';
    });
    static constexpr std::string_view kReserved[] = {"null", "true", "false", "yes", "no",
                                                     "on",   "off",  "y",     "n"};
    if (plain && std::find(std::begin(kReserved), std::end(kReserved), key) == std::end(kReserved))
        return std::string(key);
    return to_json_line(json::value(json::string_view(key.data(), key.size())));
}

void append(std::string& out, const json::value& value, std::size_t indent);

// After "key:" or "-": a scalar on the same line, a block below.
void append_below(std::string& out, const json::value& value, std::size_t indent) {
    if (is_block(value)) {
        out += '\n';
        append(out, value, indent);
    } else {
        out += ' ' + to_json_line(value) + '\n';
    }
}

void append(std::string& out, const json::value& value, std::size_t indent) {
    if (const json::object* object = value.if_object()) {
        for (const auto& item : *object) {
            out.append(indent, ' ');
            out += key_text(std::string_view(item.key().data(), item.key().size())) + ':';
            append_below(out, item.value(), indent + 2);
        }
        return;
    }
    for (const json::value& element : value.get_array()) {
        out.append(indent, ' ');
        out += '-';
        append_below(out, element, indent + 2);
    }
}

}  // namespace

std::string to_yaml_text(const json::value& value) {
    if (!is_block(value)) return to_json_line(value) + '\n';
    std::string out;
    append(out, value, 0);
    return out;
}

}  // namespace hone
