#include "prove/replay/server_syntax.hpp"

#include "base/text.hpp"

namespace hone::prove {

namespace {

// Both use the backslash before the quote and before itself.
std::string quoted(std::string_view text, char quote) {
    std::string result(1, quote);
    for (const char c : text) {
        if (c == quote || c == '\\') result += '\\';
        result += c;
    }
    return result + quote;
}

}  // namespace

std::string quoted_conninfo_value(std::string_view text) {
    return quoted(text, '\'');
}

std::string array_literal(const std::vector<std::optional<std::string>>& elements) {
    std::vector<std::string> texts;
    for (const auto& element : elements) texts.push_back(element ? quoted(*element, '"') : "NULL");
    return "{" + join(texts, ",") + "}";
}

}  // namespace hone::prove
