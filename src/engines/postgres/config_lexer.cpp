#include "engines/postgres/config_lexer.hpp"

#include <algorithm>
#include <array>

namespace hone::postgres {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_ascii_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hexadecimal(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <class Predicate>
std::size_t run_length(std::string_view text, std::size_t from, Predicate belongs) {
    std::size_t end = std::min(from, text.size());
    while (end < text.size() && belongs(text[end])) ++end;
    return end - std::min(from, text.size());
}

std::size_t name_length(std::string_view text, std::size_t from) {
    if (from >= text.size() || !is_letter(text[from])) return 0;
    return run_length(text, from, [](char c) { return is_letter(c) || is_digit(c); });
}

std::size_t qualified_name_length(std::string_view text) {
    const std::size_t first = name_length(text, 0);
    if (first == 0 || first >= text.size() || text[first] != '.') return 0;
    const std::size_t second = name_length(text, first + 1);
    return second == 0 ? 0 : first + 1 + second;
}

std::size_t unquoted_length(std::string_view text) {
    if (text.empty() || !is_letter(text[0])) return 0;
    return run_length(text, 0, [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == ':' || c == '/';
    });
}

std::size_t sign_length(std::string_view text, std::size_t from) {
    return from < text.size() && (text[from] == '+' || text[from] == '-') ? 1 : 0;
}

// An optional sign, digits or 0x digits, then letters for the unit.
std::size_t integer_length(std::string_view text) {
    const std::size_t begin = sign_length(text, 0);
    std::size_t digits = run_length(text, begin, is_digit);
    if (digits == 0) return 0;
    const bool prefixed = text[begin] == '0' && begin + 1 < text.size() && text[begin + 1] == 'x';
    if (const std::size_t hexadecimal = prefixed ? run_length(text, begin + 2, is_hexadecimal) : 0;
        hexadecimal > 0)
        digits = 2 + hexadecimal;
    const std::size_t end = begin + digits;
    return end + run_length(text, end, is_ascii_letter);
}

// An optional sign, digits around a point, an optional exponent; no unit.
std::size_t real_length(std::string_view text) {
    std::size_t end = sign_length(text, 0);
    end += run_length(text, end, is_digit);
    if (end >= text.size() || text[end] != '.') return 0;
    ++end;
    end += run_length(text, end, is_digit);
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
        const std::size_t exponent = end + 1 + sign_length(text, end + 1);
        const std::size_t digits = run_length(text, exponent, is_digit);
        if (digits > 0) end = exponent + digits;
    }
    return end;
}

// Zero where the quote is not closed on its line. Two quotes inside stand for one, so the text goes
// on after them.
std::size_t quoted_length(std::string_view text) {
    if (text.empty() || text[0] != '\'') return 0;
    std::size_t at = 1;
    while (at < text.size() && text[at] != '\n') {
        const bool has_next = at + 1 < text.size();
        if (text[at] == '\\') {
            if (!has_next || text[at + 1] == '\n') return 0;
            at += 2;
        } else if (text[at] == '\'') {
            if (!has_next || text[at + 1] != '\'') return at + 1;
            at += 2;
        } else {
            ++at;
        }
    }
    return 0;
}

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

char control_character(char letter) {
    switch (letter) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return letter;
    }
}

}  // namespace

Token ConfigLexer::take(TokenKind kind, std::size_t length) {
    const Token token{kind, rest_.substr(0, length), line_};
    rest_.remove_prefix(length);
    if (kind == TokenKind::kEndOfLine) ++line_;
    return token;
}

Token ConfigLexer::next() {
    rest_.remove_prefix(
        run_length(rest_, 0, [](char c) { return c == ' ' || c == '\t' || c == '\r'; }));
    if (!rest_.empty() && rest_[0] == '#')
        rest_.remove_prefix(run_length(rest_, 0, [](char c) { return c != '\n'; }));
    if (rest_.empty()) return take(TokenKind::kEnd, 0);
    if (rest_[0] == '\n') return take(TokenKind::kEndOfLine, 1);

    struct Candidate {
        TokenKind kind;
        std::size_t length;
    };
    // The order of guc-file.l: of equal lengths the first wins.
    const std::array<Candidate, 6> candidates{
        {{TokenKind::kName, name_length(rest_, 0)},
         {TokenKind::kQualifiedName, qualified_name_length(rest_)},
         {TokenKind::kQuoted, quoted_length(rest_)},
         {TokenKind::kUnquoted, unquoted_length(rest_)},
         {TokenKind::kNumber, std::max(integer_length(rest_), real_length(rest_))},
         {TokenKind::kEquals, rest_[0] == '=' ? std::size_t{1} : std::size_t{0}}}};
    Candidate longest{TokenKind::kJunk, 0};
    for (const Candidate& candidate : candidates)
        if (candidate.length > longest.length) longest = candidate;
    return take(longest.kind, std::max<std::size_t>(longest.length, 1));
}

std::string unescaped(std::string_view quoted) {
    if (quoted.size() < 2) return {};
    const std::string_view inner = quoted.substr(1, quoted.size() - 2);
    std::string text;
    for (std::size_t at = 0; at < inner.size(); ++at) {
        const bool escape = (inner[at] == '\\' || inner[at] == '\'') && at + 1 < inner.size();
        if (!escape) {
            text += inner[at];
        } else if (inner[at] == '\'' || !is_octal(inner[at + 1])) {
            ++at;
            text += inner[at] == '\'' ? '\'' : control_character(inner[at]);
        } else {
            const std::size_t digits =
                std::min<std::size_t>(run_length(inner, at + 1, is_octal), 3);
            int code = 0;
            for (const char digit : inner.substr(at + 1, digits)) code = code * 8 + (digit - '0');
            at += digits;
            text += static_cast<char>(code);
        }
    }
    // To the server a value is a C string.
    return text.substr(0, text.find('\0'));
}

}  // namespace hone::postgres
