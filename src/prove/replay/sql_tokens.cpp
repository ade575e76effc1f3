#include "prove/replay/sql_tokens.hpp"

#include <pg_query.h>

#include <algorithm>
#include <memory>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

namespace {

// Of pg_query.proto: enum Token, and the field numbers of ScanResult and ScanToken.
constexpr std::uint64_t kFloatToken = 260;
constexpr std::uint64_t kStringToken = 261;
constexpr std::uint64_t kIntegerToken = 266;
constexpr std::uint64_t kParameterToken = 267;
constexpr std::uint64_t kLineCommentToken = 275;
constexpr std::uint64_t kBlockCommentToken = 276;
constexpr std::uint64_t kTokensField = 2;
constexpr std::uint64_t kStartField = 1;
constexpr std::uint64_t kEndField = 2;
constexpr std::uint64_t kTokenField = 4;

// Protocol buffers as far as ScanResult uses them: numbers and lengths.
class WireReader {
  public:
    explicit WireReader(std::string_view bytes) : bytes_(bytes) {}
    bool at_end() const { return bytes_.empty(); }

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) break;
        }
        return value;
    }

    struct Field {
        std::uint64_t id = 0;
        std::uint64_t number = 0;
        std::string_view bytes;
    };
    Field field() {
        const std::uint64_t key = number();
        Field found{.id = key >> 3, .number = 0, .bytes = {}};
        found.number = number();
        if ((key & 7) == 2) {
            const auto length = std::min<std::size_t>(found.number, bytes_.size());
            found.bytes = bytes_.substr(0, length);
            bytes_.remove_prefix(length);
        }
        return found;
    }

  private:
    std::string_view bytes_;
};

// A number too large for int4 is a "float" to the scanner; without point and exponent it is an int8
// to the server where it fits.
TokenKind kind_of_number(std::string_view text) {
    return parse_integer(text) ? TokenKind::kBigInteger : TokenKind::kNumeric;
}

// 'it''s', but not E'..', $$..$$, or pieces on several lines that the scanner puts together.
bool is_plain_string(std::string_view text) {
    if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return false;
    std::string_view rest = text.substr(1, text.size() - 2);
    for (std::size_t at = rest.find('\''); at != std::string_view::npos; at = rest.find('\'')) {
        if (rest.substr(at, 2) != "''") return false;
        rest.remove_prefix(at + 2);
    }
    return true;
}

TokenKind kind_of(std::uint64_t token, std::string_view text) {
    switch (token) {
        case kStringToken:
            return is_plain_string(text) ? TokenKind::kString : TokenKind::kOther;
        case kIntegerToken:
            return parse_integer(text) ? TokenKind::kInteger : TokenKind::kOther;
        case kFloatToken:
            return kind_of_number(text);
        case kParameterToken:
            return TokenKind::kParameter;
        case kLineCommentToken:
        case kBlockCommentToken:
            return TokenKind::kComment;
        default:
            return TokenKind::kOther;
    }
}

SqlToken read_token(std::string_view bytes, std::string_view sql) {
    SqlToken token;
    std::uint64_t number = 0;
    for (WireReader reader(bytes); !reader.at_end();) {
        const auto field = reader.field();
        if (field.id == kStartField) token.begin = std::min<std::size_t>(field.number, sql.size());
        if (field.id == kEndField) token.end = std::min<std::size_t>(field.number, sql.size());
        if (field.id == kTokenField) number = field.number;
    }
    token.end = std::max(token.begin, token.end);
    token.kind = kind_of(number, token.in(sql));
    return token;
}

std::string_view mark_of(TokenKind kind) {
    switch (kind) {
        case TokenKind::kString:
            return "?s";
        case TokenKind::kInteger:
            return "?i";
        case TokenKind::kBigInteger:
            return "?b";
        default:
            return "?n";
    }
}

bool is_left_out(const SqlToken& token, std::string_view sql, bool first) {
    return token.kind == TokenKind::kComment && !(first && token.in(sql).starts_with("/*+"));
}

// Two tokens that touch in the original may touch again; others get one space.
template <class Append>
std::string rebuild(std::string_view sql, const std::vector<SqlToken>& tokens, Append append) {
    std::string text;
    std::size_t last_end = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (is_left_out(tokens[i], sql, i == 0)) continue;
        if (!text.empty() && tokens[i].begin != last_end) text += ' ';
        append(text, tokens[i]);
        last_end = tokens[i].end;
    }
    return text;
}

}  // namespace

std::optional<std::vector<SqlToken>> scan_sql(const std::string& sql) {
    // A NUL byte would end the text early for the scanner.
    if (sql.size() > kLongestStatement || sql.find('\0') != std::string::npos) return std::nullopt;
    const PgQueryScanResult scanned = pg_query_scan(sql.c_str());
    std::optional<std::vector<SqlToken>> tokens;
    if (scanned.error == nullptr) {
        tokens.emplace();
        WireReader reader({scanned.pbuf.data, scanned.pbuf.len});
        while (!reader.at_end()) {
            const auto field = reader.field();
            if (field.id == kTokensField) tokens->push_back(read_token(field.bytes, sql));
        }
    }
    pg_query_free_scan_result(scanned);
    return tokens;
}

std::string skeleton_of(std::string_view sql, const std::vector<SqlToken>& tokens) {
    return rebuild(sql, tokens, [&](std::string& text, const SqlToken& token) {
        text += token.is_constant() ? mark_of(token.kind) : token.in(sql);
    });
}

std::string tidy_text(std::string_view sql, const std::vector<SqlToken>& tokens) {
    return rebuild(sql, tokens,
                   [&](std::string& text, const SqlToken& token) { text += token.in(sql); });
}

std::string unquoted(std::string_view literal) {
    HONE_ASSERT(literal.size() >= 2 && literal.front() == '\'');
    std::string value;
    for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
        value += literal[i];
        if (literal[i] == '\'') ++i;
    }
    return value;
}

}  // namespace hone::prove
