#include "prove/pack/expression.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "prove/pack/draws.hpp"

namespace hone::prove {

namespace {

constexpr std::int64_t kHashBytes = 32;

// Wraps around, as unsigned numbers do: a sum that overflows is no reason to stop.
std::int64_t arithmetic(Function function, std::int64_t left, std::int64_t right) {
    const auto a = static_cast<std::uint64_t>(left);
    const auto b = static_cast<std::uint64_t>(right);
    switch (function) {
        case Function::kAdd:
            return static_cast<std::int64_t>(a + b);
        case Function::kSubtract:
            return static_cast<std::int64_t>(a - b);
        case Function::kMultiply:
            return static_cast<std::int64_t>(a * b);
        case Function::kDivide:
            return right == -1 ? static_cast<std::int64_t>(0 - a) : right == 0 ? 0 : left / right;
        case Function::kRemainder:
            return right == 0 || right == -1 ? 0 : left % right;
        case Function::kLess:
            return left < right ? 1 : 0;
        case Function::kAtMost:
            return left <= right ? 1 : 0;
        case Function::kEqual:
            return left == right ? 1 : 0;
        case Function::kUnequal:
            return left != right ? 1 : 0;
        case Function::kMinimum:
            return std::min(left, right);
        default:
            return std::max(left, right);
    }
}

Draws draws_of(const Expression& expression, const Frame& frame) {
    return {expression.key, number_of(expression.arguments[0], frame)};
}

std::int64_t random_of(const Expression& expression, const Frame& frame) {
    const std::int64_t bound = number_of(expression.arguments[1], frame);
    if (bound <= 1) return 0;
    return static_cast<std::int64_t>(draws_of(expression, frame).next() %
                                     static_cast<std::uint64_t>(bound));
}

std::int64_t zipf_of(const Expression& expression, const Frame& frame) {
    Random random(draws_of(expression, frame).next());
    return static_cast<std::int64_t>((*expression.zipf)(random));
}

const std::string& picked(const Expression& expression, const Frame& frame) {
    const auto total = static_cast<std::uint64_t>(expression.weights.back());
    const auto drawn = static_cast<std::int64_t>(draws_of(expression, frame).next() % total);
    const auto found =
        std::upper_bound(expression.weights.begin(), expression.weights.end(), drawn);
    return expression.texts[static_cast<std::size_t>(found - expression.weights.begin())];
}

}  // namespace

const Expression& resolved(const Expression& expression, Frame& frame) {
    const Expression* current = &expression;
    for (;;) {
        if (current->function == Function::kIf) {
            current = &current->arguments[number_of(current->arguments[0], frame) != 0 ? 1 : 2];
        } else if (current->function == Function::kCall) {
            Frame called{};
            for (std::size_t i = 0; i < current->arguments.size(); ++i)
                called[i] = number_of(current->arguments[i], frame);
            frame = called;
            current = current->body.get();
        } else {
            return *current;
        }
    }
}

std::int64_t number_of(const Expression& expression, const Frame& frame) {
    switch (expression.function) {
        case Function::kNumber:
            return expression.number;
        case Function::kSlot:
            return frame[static_cast<std::size_t>(expression.number)];
        case Function::kRandom:
            return random_of(expression, frame);
        case Function::kZipf:
            return zipf_of(expression, frame);
        case Function::kIf:
        case Function::kCall: {
            Frame inner = frame;
            const Expression& found = resolved(expression, inner);
            return number_of(found, inner);
        }
        default:
            return arithmetic(expression.function, number_of(expression.arguments[0], frame),
                              number_of(expression.arguments[1], frame));
    }
}

void append_bytes_of(const Expression& expression, const Frame& frame, std::string& out) {
    switch (expression.function) {
        case Function::kLiteral:
            out += expression.text;
            return;
        case Function::kHash:
            draws_of(expression, frame).append_bytes(kHashBytes, out);
            return;
        case Function::kBytes:
            draws_of(expression, frame)
                .append_bytes(number_of(expression.arguments[1], frame), out);
            return;
        case Function::kLetters:
            draws_of(expression, frame)
                .append_letters(expression.text, number_of(expression.arguments[1], frame), out);
            return;
        case Function::kPick:
            out += picked(expression, frame);
            return;
        case Function::kText:
            fmt::format_to(std::back_inserter(out), "{}",
                           number_of(expression.arguments[0], frame));
            return;
        case Function::kConcat:
            for (const Expression& part : expression.arguments) append_bytes_of(part, frame, out);
            return;
        case Function::kIf:
        case Function::kCall: {
            Frame inner = frame;
            const Expression& found = resolved(expression, inner);
            append_bytes_of(found, inner, out);
            return;
        }
        default:
            HONE_ASSERT(expression.shape == Shape::kBytes || expression.shape == Shape::kNull);
    }
}

}  // namespace hone::prove
