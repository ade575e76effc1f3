// prove/pack/expression_lexer.hpp - the words of an expression.
//
// Errors   invalid_argument: a character that begins no word, a quote without its end, a number
//          beyond 64 bits, an odd number of hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hone::prove {

struct Token {
    enum class Kind { kNumber, kReal, kName, kText, kSymbol, kEnd };
    Kind kind = Kind::kEnd;
    std::string text;  // a symbol, a name, or what stood between quotes
    std::int64_t number = 0;
    double real = 0;
    std::size_t at = 0;  // bytes from the beginning
};

// Ends with a token of kEnd.
Result<std::vector<Token>> tokens_of(std::string_view text);

// "in 'hash(tx, m)' at character 10: ...".
Error expression_error(std::string_view text, std::size_t at, std::string wrong,
                       std::string advice = {});

}  // namespace hone::prove
