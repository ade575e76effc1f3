#include "prove/replay/anonymise.hpp"

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "prove/replay/sql_tokens.hpp"

namespace hone::prove {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex_letter(char c) {
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Endless bytes that depend on key and value alone.
class HashStream {
  public:
    HashStream(std::string_view key, std::string_view value)
        : seed_(std::string(key) + '\n' + std::string(value)) {}
    unsigned below(unsigned bound) {
        if (at_ + 4 > block_.size()) {
            block_ = sha256_hex(seed_ + '\n' + std::to_string(blocks_++));
            at_ = 0;
        }
        const unsigned value =
            static_cast<unsigned>(std::stoul(block_.substr(at_, 4), nullptr, 16));
        at_ += 4;
        return value % bound;
    }

  private:
    std::string seed_;
    std::string block_;
    std::size_t at_ = 0;
    unsigned blocks_ = 0;
};

// "2024-05-01", with or without a time behind it.
bool is_date(std::string_view value) {
    return value.size() >= 10 && value[4] == '-' && value[7] == '-' &&
           std::ranges::all_of(value.substr(0, 4), is_digit) &&
           std::ranges::all_of(value.substr(5, 2), is_digit) &&
           std::ranges::all_of(value.substr(8, 2), is_digit);
}

// Month, day, hour, minute, second; the year and what follows the seconds stay as they are.
std::string anonymous_date(std::string_view value, HashStream& stream) {
    struct Part {
        std::size_t at;
        unsigned first;
        unsigned count;
    };
    static constexpr std::array<Part, 5> kParts{
        {{5, 1, 12}, {8, 1, 28}, {11, 0, 24}, {14, 0, 60}, {17, 0, 60}}};
    std::string date(value);
    for (const Part& part : kParts) {
        if (part.at + 2 > date.size() || !is_digit(date[part.at]) || !is_digit(date[part.at + 1]))
            break;
        const unsigned number = part.first + stream.below(part.count);
        date[part.at] = static_cast<char>('0' + number / 10);
        date[part.at + 1] = static_cast<char>('0' + number % 10);
    }
    return date;
}

std::string anonymous_characters(std::string_view value, HashStream& stream) {
    const bool hexadecimal =
        value.size() >= 16 && std::ranges::all_of(value, [](char c) {
            return is_digit(c) || is_hex_letter(c) || c == '-' || c == '\\' || c == 'x';
        });
    const unsigned letters = hexadecimal ? 6 : 26;
    std::string anonymous;
    bool number_began = false;
    for (const char c : value) {
        if (is_digit(c)) {
            // No leading zero that was not there, no lonely zero that was none.
            const bool leading = !number_began && c != '0';
            anonymous +=
                static_cast<char>(leading ? '1' + stream.below(9) : '0' + stream.below(10));
            number_began = true;
            continue;
        }
        number_began = false;
        const bool stays = hexadecimal ? !is_hex_letter(c) : !is_letter(c);
        if (static_cast<unsigned char>(c) >= 0x80)
            anonymous += static_cast<char>('a' + stream.below(26));
        else if (stays)
            anonymous += c;
        else
            anonymous += static_cast<char>((c >= 'a' ? 'a' : 'A') + stream.below(letters));
    }
    return anonymous;
}

// The string after these belongs to the language and not to a user.
bool is_language(std::string_view sql, const std::vector<SqlToken>& tokens, std::size_t at) {
    static constexpr std::array kBefore =
        std::to_array<std::string_view>({"interval", "->", "->>", "#>", "#>>"});
    static constexpr std::array kFunctions = std::to_array<std::string_view>(
        {"date_trunc", "date_part", "to_char", "extract", "timezone"});
    const auto is_one_of = [&](const auto& words, std::size_t token) {
        return std::ranges::find(words, to_lower(tokens[token].in(sql))) != words.end();
    };
    if (at >= 1 && is_one_of(kBefore, at - 1)) return true;
    return at >= 2 && tokens[at - 1].in(sql) == "(" && is_one_of(kFunctions, at - 2);
}

// E'..', U&'..', $tag$..$tag$: strings that are more than plain ones. $1 is none.
bool is_odd_string(std::string_view word) {
    if (word.starts_with('$')) return word.size() >= 2 && !is_digit(word[1]);
    return word.size() >= 2 && word.ends_with('\'');
}

std::string anonymous_text(const std::string& sql, std::string_view key) {
    const auto tokens = scan_sql(sql);
    if (!tokens) return {};
    std::string text;
    std::size_t last_end = 0;
    for (std::size_t i = 0; i < tokens->size(); ++i) {
        const std::string_view word = (*tokens)[i].in(sql);
        text += sql.substr(last_end, (*tokens)[i].begin - last_end);
        last_end = (*tokens)[i].end;
        if ((*tokens)[i].kind == TokenKind::kString && !is_language(sql, *tokens, i))
            text += "'" + anonymous_value(unquoted(word), key) + "'";
        else if ((*tokens)[i].kind == TokenKind::kOther && is_odd_string(word))
            text += "'" + sha256_hex(std::string(key) + std::string(word)).substr(0, 12) + "'";
        else
            text += word;
    }
    return text + sql.substr(last_end);
}

void replace_all(std::vector<std::string>& values, std::string_view key) {
    for (std::string& value : values) value = anonymous_value(value, key);
}

}  // namespace

std::string anonymous_value(std::string_view value, std::string_view key) {
    static constexpr std::array kBooleans =
        std::to_array<std::string_view>({"t", "f", "true", "false"});
    if (std::ranges::find(kBooleans, value) != kBooleans.end()) return std::string(value);
    HashStream stream(key, value);
    std::string anonymous =
        is_date(value) ? anonymous_date(value, stream) : anonymous_characters(value, stream);
    std::erase(anonymous, '\'');
    return anonymous;
}

void anonymise(Recording& recording, std::string_view key) {
    recording.anonymised_with = "keyed SHA-256, the key was not kept";
    for (RecordedStatement& statement : recording.statements) {
        statement.sql = anonymous_text(statement.sql, key);
        for (ParameterSource& source : statement.parameters) {
            if (source.knowledge != Knowledge::kStatistics) continue;
            replace_all(source.values, key);
            replace_all(source.bounds, key);
        }
    }
    for (RecordedTransaction& transaction : recording.transactions)
        for (RecordedCall& call : transaction.calls)
            for (RecordedValue& value : call.parameters)
                if (value) value = anonymous_value(*value, key);
}

}  // namespace hone::prove
