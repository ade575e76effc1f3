// prove/pack/expression_parser.hpp - reads "hash(transaction, n / 20)" into an Expression.
//
// Shape    + - * / % < <= == != with their usual ranks, parentheses, 'text', x'hex', names of
//          constants, of parameters and of definitions, and the functions of expression.hpp.
//          Constants become numbers here, and what is made of numbers alone is worked out here.
// Errors   invalid_argument: the expression, where in it, and what was expected there.
// Limits   kMostNesting levels deep, so that no input can exhaust the stack.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "prove/pack/expression.hpp"

namespace hone::prove {

inline constexpr int kMostNesting = 40;

struct Definition {
    std::size_t parameters = 0;
    std::shared_ptr<const Expression> body;
};

// What an expression may name.
struct Vocabulary {
    std::uint64_t seed = 0;
    std::map<std::string, std::int64_t, std::less<>> constants;
    std::map<std::string, Definition, std::less<>> definitions;

    // "first_transaction(b)" = "b * 20".
    Status define(std::string_view head, std::string_view body);
};

// `names` are the slots, in order: {"n"}.
Result<Expression> parse_expression(std::string_view text, const Vocabulary& vocabulary,
                                    const std::vector<std::string>& names);
// One that names constants alone.
Result<std::int64_t> parse_constant(std::string_view text, const Vocabulary& vocabulary);

}  // namespace hone::prove
