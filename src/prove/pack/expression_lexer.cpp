#include "prove/pack/expression_lexer.hpp"

#include <fmt/format.h>

#include <cctype>

#include "base/text.hpp"

namespace hone::prove {

namespace {

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

int digit_of(char c) {
    if (is_digit(c)) return c - '0';
    const char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<Token> next() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
            ++at_;
        Token token;
        token.at = at_;
        if (at_ == text_.size()) return token;
        const char c = text_[at_];
        if (is_digit(c)) return number(std::move(token));
        if (c == '\'') return quoted(std::move(token));
        if (c == 'x' && text_.substr(at_).starts_with("x'")) return hexadecimal(std::move(token));
        if (is_word(c)) return name(std::move(token));
        return symbol(std::move(token));
    }

  private:
    Result<Token> number(Token token) {
        const std::size_t end = text_.find_first_not_of("0123456789_.", at_);
        std::string digits;
        for (const char c : text_.substr(at_, end - at_))
            if (c != '_') digits += c;
        at_ = std::min(end, text_.size());
        token.text = digits;
        if (const auto whole = parse_integer(digits)) {
            token.kind = Token::Kind::kNumber;
            token.number = *whole;
            return token;
        }
        const auto real = parse_number(digits);
        if (!real || digits.find('.') == std::string::npos)
            return expression_error(text_, token.at, fmt::format("'{}' is no number", digits));
        token.kind = Token::Kind::kReal;
        token.real = *real;
        return token;
    }

    Result<Token> quoted(Token token) {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos)
            return expression_error(text_, token.at, "the quote has no end");
        token.kind = Token::Kind::kText;
        token.text = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return token;
    }

    Result<Token> hexadecimal(Token token) {
        ++at_;
        HONE_TRY_ASSIGN(Token digits, quoted(std::move(token)));
        std::string bytes;
        for (std::size_t i = 0; i + 1 < digits.text.size(); i += 2) {
            const int high = digit_of(digits.text[i]);
            const int low = digit_of(digits.text[i + 1]);
            if (high < 0 || low < 0) break;
            bytes += static_cast<char>(high * 16 + low);
        }
        if (bytes.size() * 2 != digits.text.size())
            return expression_error(text_, digits.at,
                                    "x'...' wants an even number of hexadecimal digits");
        digits.text = std::move(bytes);
        return digits;
    }

    Result<Token> name(Token token) {
        std::size_t end = at_;
        while (end < text_.size() && is_word(text_[end])) ++end;
        token.kind = Token::Kind::kName;
        token.text = text_.substr(at_, end - at_);
        at_ = end;
        return token;
    }

    Result<Token> symbol(Token token) {
        token.kind = Token::Kind::kSymbol;
        const std::string_view two = text_.substr(at_, 2);
        const bool is_long = two == "<=" || two == "==" || two == "!=";
        token.text = is_long ? two : text_.substr(at_, 1);
        if (!is_long && std::string_view("+-*/%<(),").find(token.text) == std::string_view::npos)
            return expression_error(text_, token.at,
                                    fmt::format("'{}' is not expected", printable(token.text)));
        at_ += token.text.size();
        return token;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Error expression_error(std::string_view text, std::size_t at, std::string wrong,
                       std::string advice) {
    return {ErrorCode::kInvalidArgument,
            fmt::format("in '{}' at character {}", printable(text), at + 1), std::move(wrong),
            std::move(advice)};
}

Result<std::vector<Token>> tokens_of(std::string_view text) {
    Lexer lexer(text);
    std::vector<Token> tokens;
    for (;;) {
        HONE_TRY_ASSIGN(Token token, lexer.next());
        tokens.push_back(std::move(token));
        if (tokens.back().kind == Token::Kind::kEnd) return tokens;
    }
}

}  // namespace hone::prove
