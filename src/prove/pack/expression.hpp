// prove/pack/expression.hpp - what a column or a parameter holds, as a function of the row's number.
//
// Shape    a tree that a reader made of text such as "hash(transaction, n)" (expression_parser.hpp);
//          it has no loops but array(), no recursion, and no state.
// Threads  immutable once made.
// Cost     some nanoseconds a node.
// Limits   kMostSlots names visible at once; a division by zero is zero, and sums wrap around:
//          generators are total functions.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "prove/load/zipf.hpp"

namespace hone::prove {

inline constexpr std::size_t kMostSlots = 5;

enum class Function {
    kNumber,  // a literal
    kSlot,    // a parameter of the definition, the row's number, an array's index
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kRemainder,
    kLess,
    kAtMost,
    kEqual,
    kUnequal,
    kMinimum,
    kMaximum,
    kRandom,   // (domain, n, bound): uniform in [0, bound)
    kZipf,     // (domain, n, count, exponent): rank in [0, count), 0 the most popular
    kIf,       // (condition, then, else)
    kCall,     // of a definition
    kLiteral,  // text or bytes
    kHash,     // (domain, n): 32 bytes
    kBytes,    // (domain, n, count)
    kLetters,  // (domain, n, count, 'alphabet')
    kPick,     // (domain, n, 'a', 88, 'b', 12): one of the texts, by weight
    kText,     // (number): in decimal
    kConcat,
    kNull,
    kArray,  // (count, element): element sees the index as i
    kRow,    // (value, ...)
};

// What it yields.
enum class Shape { kNumber, kBytes, kNull, kArray, kRow };

struct Expression {
    Function function = Function::kNull;
    Shape shape = Shape::kNull;
    std::int64_t number = 0;  // literal; index of the slot; an array's slot for its index
    std::string text;         // literal; alphabet
    std::uint64_t key = 0;    // of the domain
    std::shared_ptr<const Zipf> zipf;
    std::vector<Expression> arguments;
    std::vector<std::string> texts;  // of kPick, with their weights added up
    std::vector<std::int64_t> weights;
    std::shared_ptr<const Expression> body;  // of kCall
};

// The values of the names that an expression sees.
using Frame = std::array<std::int64_t, kMostSlots>;

// Requires Shape::kNumber.
std::int64_t number_of(const Expression& expression, const Frame& frame);
// Requires Shape::kBytes.
void append_bytes_of(const Expression& expression, const Frame& frame, std::string& out);

// Follows if() and definitions to what holds for this frame; `frame` becomes that one's.
const Expression& resolved(const Expression& expression, Frame& frame);

}  // namespace hone::prove
