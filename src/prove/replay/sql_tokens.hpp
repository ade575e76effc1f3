// prove/replay/sql_tokens.hpp - a statement's words as PostgreSQL's own scanner sees them, and its
// skeleton: the text with a mark in place of each constant.
//
// Shape    equal skeletons mean the same statement with other constants, so that what was found out
//          about one text (sql_statement.hpp) holds for all that share its skeleton. Comments go,
//          except a hint at the beginning.
// Errors   none: a text that cannot be scanned has no tokens.
// Limits   texts of up to kLongestStatement bytes.
// Source   libpg_query 15: pg_query_scan; token numbers of pg_query.proto.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hone::prove {

enum class TokenKind { kOther, kString, kInteger, kBigInteger, kNumeric, kParameter, kComment };

struct SqlToken {
    TokenKind kind = TokenKind::kOther;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view in(std::string_view sql) const { return sql.substr(begin, end - begin); }
    // A constant that can be sent apart from the text: 'text', 42, 1.5; not E'..' and its like.
    bool is_constant() const {
        return kind == TokenKind::kString || kind == TokenKind::kInteger ||
               kind == TokenKind::kBigInteger || kind == TokenKind::kNumeric;
    }
};

std::optional<std::vector<SqlToken>> scan_sql(const std::string& sql);

std::string skeleton_of(std::string_view sql, const std::vector<SqlToken>& tokens);

// The text without comments, each stretch of white space a single space.
std::string tidy_text(std::string_view sql, const std::vector<SqlToken>& tokens);

// it's of 'it''s'. Requires a token of the kind kString.
std::string unquoted(std::string_view literal);

}  // namespace hone::prove
