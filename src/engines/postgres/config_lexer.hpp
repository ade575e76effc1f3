// engines/postgres/config_lexer.hpp - the words of postgresql.conf, as the server's scanner sees
// them.
//
// Shape    one token at a time; the longest match wins, as in flex.
// Errors   none: what fits no rule is one kJunk character.
// Source   guc-file.l (PostgreSQL 14 to 18).
#pragma once

#include <string>
#include <string_view>

namespace hone::postgres {

enum class TokenKind {
    kEnd,
    kEndOfLine,
    kName,           // letters, digits, '_', bytes above 127
    kQualifiedName,  // name.name
    kQuoted,         // '...'
    kUnquoted,       // a name that goes on with - . : /
    kNumber,         // with its unit
    kEquals,
    kJunk,
};

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string_view text;
    int line = 1;
};

class ConfigLexer {
  public:
    explicit ConfigLexer(std::string_view text) : rest_(text) {}
    Token next();

  private:
    Token take(TokenKind kind, std::size_t length);
    std::string_view rest_;
    int line_ = 1;
};

// The text between the quotes of a kQuoted token, with '' and backslash escapes resolved.
std::string unescaped(std::string_view quoted);

}  // namespace hone::postgres
