#include "prove/pack/expression_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "prove/pack/draws.hpp"
#include "prove/pack/expression_lexer.hpp"

namespace hone::prove {

namespace {

// a: a number; b: bytes or text; v: any value; d: a domain; r: a real constant; t: quoted text;
// *: the last one again and again.
struct Signature {
    std::string_view name;
    Function function;
    Shape shape;
    std::string_view arguments;
};

constexpr std::array<Signature, 13> kSignatures{{
    {"min", Function::kMinimum, Shape::kNumber, "aa"},
    {"max", Function::kMaximum, Shape::kNumber, "aa"},
    {"random", Function::kRandom, Shape::kNumber, "daa"},
    {"zipf", Function::kZipf, Shape::kNumber, "daar"},
    {"if", Function::kIf, Shape::kNull, "avv"},
    {"hash", Function::kHash, Shape::kBytes, "da"},
    {"bytes", Function::kBytes, Shape::kBytes, "daa"},
    {"letters", Function::kLetters, Shape::kBytes, "daat"},
    {"pick", Function::kPick, Shape::kBytes, "da"},
    {"text", Function::kText, Shape::kBytes, "a"},
    {"concat", Function::kConcat, Shape::kBytes, "b*"},
    {"array", Function::kArray, Shape::kArray, "ae"},
    {"row", Function::kRow, Shape::kRow, "v*"},
}};

struct Operator {
    std::string_view symbol;
    Function function;
    int rank;
};

constexpr std::array<Operator, 9> kOperators{{
    {"<", Function::kLess, 1},
    {"<=", Function::kAtMost, 1},
    {"==", Function::kEqual, 1},
    {"!=", Function::kUnequal, 1},
    {"+", Function::kAdd, 2},
    {"-", Function::kSubtract, 2},
    {"*", Function::kMultiply, 3},
    {"/", Function::kDivide, 3},
    {"%", Function::kRemainder, 3},
}};

Expression number_literal(std::int64_t value) {
    Expression literal;
    literal.function = Function::kNumber;
    literal.shape = Shape::kNumber;
    literal.number = value;
    return literal;
}

bool is_literal(const Expression& expression) {
    return expression.function == Function::kNumber;
}

// What is made of literals alone is one, too.
Expression folded(Expression expression) {
    if (expression.shape != Shape::kNumber || expression.function == Function::kRandom ||
        expression.function == Function::kZipf || expression.function == Function::kSlot ||
        !std::all_of(expression.arguments.begin(), expression.arguments.end(), is_literal))
        return expression;
    return number_literal(number_of(expression, Frame{}));
}

class Parser {
  public:
    Parser(std::string_view text, const Vocabulary& vocabulary, std::vector<std::string> names)
        : text_(text), vocabulary_(vocabulary), names_(std::move(names)) {}

    Result<Expression> whole() {
        HONE_TRY_ASSIGN(tokens_, tokens_of(text_));
        HONE_TRY_ASSIGN(Expression expression, operation(0));
        if (here().kind != Token::Kind::kEnd)
            return wrong(fmt::format("'{}' is not expected", printable(here().text)));
        return expression;
    }

  private:
    const Token& here() const { return tokens_[at_]; }
    bool is_symbol(std::string_view symbol) const {
        return here().kind == Token::Kind::kSymbol && here().text == symbol;
    }
    Error wrong(std::string what, std::string advice = {}) const {
        return expression_error(text_, here().at, std::move(what), std::move(advice));
    }
    Status expect(std::string_view symbol) {
        if (!is_symbol(symbol)) return wrong(fmt::format("a '{}' is expected", symbol));
        ++at_;
        return {};
    }

    Result<Expression> operation(int rank) {
        if (++depth_ > kMostNesting) return wrong("it is nested too deeply");
        HONE_TRY_ASSIGN(Expression left, primary());
        for (;;) {
            const auto found =
                std::find_if(kOperators.begin(), kOperators.end(), [&](const Operator& known) {
                    return known.rank > rank && is_symbol(known.symbol);
                });
            if (found == kOperators.end()) break;
            HONE_TRY(must_be_number(left));
            ++at_;
            HONE_TRY_ASSIGN(Expression right, operation(found->rank));
            HONE_TRY(must_be_number(right));
            Expression joined;
            joined.function = found->function;
            joined.shape = Shape::kNumber;
            joined.arguments.push_back(std::move(left));
            joined.arguments.push_back(std::move(right));
            left = folded(std::move(joined));
        }
        --depth_;
        return left;
    }

    Status must_be_number(const Expression& expression) const {
        if (expression.shape == Shape::kNumber) return {};
        return wrong("before this, a number is expected");
    }

    Result<Expression> primary() {
        const Token token = here();
        if (token.kind == Token::Kind::kNumber) return ++at_, number_literal(token.number);
        if (token.kind == Token::Kind::kText) return ++at_, literal(token.text);
        if (token.kind == Token::Kind::kName) return named(token.text);
        if (is_symbol("(")) {
            ++at_;
            HONE_TRY_ASSIGN(Expression inner, operation(0));
            HONE_TRY(expect(")"));
            return inner;
        }
        if (is_symbol("-")) return negated();
        return wrong("a number, a name, 'text' or a '(' is expected");
    }

    Result<Expression> negated() {
        if (++depth_ > kMostNesting) return wrong("it is nested too deeply");
        ++at_;
        HONE_TRY_ASSIGN(Expression operand, primary());
        HONE_TRY(must_be_number(operand));
        Expression difference;
        difference.function = Function::kSubtract;
        difference.shape = Shape::kNumber;
        difference.arguments.push_back(number_literal(0));
        difference.arguments.push_back(std::move(operand));
        return folded(std::move(difference));
    }

    static Expression literal(std::string text) {
        Expression expression;
        expression.function = Function::kLiteral;
        expression.shape = Shape::kBytes;
        expression.text = std::move(text);
        return expression;
    }

    Result<Expression> named(const std::string& name) {
        const bool is_call =
            tokens_[at_ + 1].kind == Token::Kind::kSymbol && tokens_[at_ + 1].text == "(";
        if (is_call) return call(name);
        ++at_;
        if (name == "null") return Expression{};
        const auto slot = std::find(names_.rbegin(), names_.rend(), name);
        if (slot != names_.rend()) {
            Expression expression;
            expression.function = Function::kSlot;
            expression.shape = Shape::kNumber;
            expression.number = names_.rend() - slot - 1;
            return expression;
        }
        const auto constant = vocabulary_.constants.find(name);
        if (constant != vocabulary_.constants.end()) return number_literal(constant->second);
        --at_;
        return unknown("name", name, known_names());
    }

    std::vector<std::string> known_names() const {
        std::vector<std::string> known = names_;
        for (const auto& [name, value] : vocabulary_.constants) known.push_back(name);
        return known;
    }

    Error unknown(std::string_view kind, const std::string& name,
                  const std::vector<std::string>& known) const {
        const auto meant = closest(name, known);
        return wrong(fmt::format("there is no {} '{}'", kind, name),
                     meant ? fmt::format("did you mean '{}'?", *meant) : "");
    }

    Result<Expression> call(const std::string& name) {
        const auto signature =
            std::find_if(kSignatures.begin(), kSignatures.end(),
                         [&](const Signature& known) { return known.name == name; });
        if (signature != kSignatures.end()) {
            at_ += 2;
            return built_in(*signature);
        }
        const auto definition = vocabulary_.definitions.find(name);
        if (definition != vocabulary_.definitions.end()) {
            at_ += 2;
            return defined(definition->second);
        }
        std::vector<std::string> known;
        for (const Signature& one : kSignatures) known.emplace_back(one.name);
        for (const auto& [defined_name, value] : vocabulary_.definitions)
            known.push_back(defined_name);
        return unknown("function", name, known);
    }

    Result<Expression> defined(const Definition& definition) {
        Expression expression;
        expression.function = Function::kCall;
        expression.shape = definition.body->shape;
        expression.body = definition.body;
        for (std::size_t i = 0; i < definition.parameters; ++i) {
            if (i > 0) HONE_TRY(expect(","));
            HONE_TRY_ASSIGN(Expression argument, operation(0));
            HONE_TRY(must_be_number(argument));
            expression.arguments.push_back(std::move(argument));
        }
        HONE_TRY(expect(")"));
        return expression;
    }

    Result<Expression> built_in(const Signature& signature) {
        Expression expression;
        expression.function = signature.function;
        expression.shape = signature.shape;
        std::size_t at = 0;
        for (;; ++at) {
            if (at > 0 && !is_symbol(",")) break;
            if (at > 0) ++at_;
            char kind = at < signature.arguments.size() ? signature.arguments[at] : '\0';
            const bool repeats = signature.arguments.ends_with('*');
            if (repeats && at + 1 >= signature.arguments.size()) kind = signature.arguments[0];
            if (signature.function == Function::kPick && at >= signature.arguments.size())
                HONE_TRY(choice(expression));
            else
                HONE_TRY(argument(kind, expression));
        }
        if (signature.arguments.back() != '*' && at < signature.arguments.size())
            return wrong(
                fmt::format("'{}' takes {} arguments", signature.name, signature.arguments.size()));
        HONE_TRY(expect(")"));
        return finished(std::move(expression));
    }

    Status argument(char kind, Expression& expression) {
        switch (kind) {
            case 'd':
                return domain(expression);
            case 'r':
                return exponent(expression);
            case 't':
                return alphabet(expression);
            case 'e':
                return element(expression);
            case '\0':
                return wrong("there are more arguments than it takes");
            default:
                break;
        }
        HONE_TRY_ASSIGN(Expression argument, operation(0));
        if (kind == 'a') HONE_TRY(must_be_number(argument));
        if (kind == 'b' && argument.shape != Shape::kBytes)
            return wrong("before this, text or bytes are expected");
        expression.arguments.push_back(std::move(argument));
        return {};
    }

    Status domain(Expression& expression) {
        if (here().kind != Token::Kind::kName)
            return wrong("the name of a domain is expected, such as 'transaction'");
        expression.key = draw_key(vocabulary_.seed, here().text);
        ++at_;
        return {};
    }

    Status exponent(Expression& expression) {
        const Token& token = here();
        const double value =
            token.kind == Token::Kind::kReal ? token.real : static_cast<double>(token.number);
        const Expression& ranks = expression.arguments.back();
        const bool is_number =
            token.kind == Token::Kind::kReal || token.kind == Token::Kind::kNumber;
        if (!is_number || value <= 0 || !is_literal(ranks) || ranks.number <= 0)
            return wrong("zipf wants a count made of constants and an exponent above 0");
        expression.zipf =
            std::make_shared<const Zipf>(static_cast<std::uint64_t>(ranks.number), value);
        ++at_;
        return {};
    }

    Status alphabet(Expression& expression) {
        if (here().kind != Token::Kind::kText || here().text.empty())
            return wrong("an alphabet is expected, such as 'abc'");
        expression.text = here().text;
        ++at_;
        return {};
    }

    Status choice(Expression& expression) {
        if (here().kind != Token::Kind::kText) return wrong("a text is expected");
        expression.texts.push_back(here().text);
        ++at_;
        HONE_TRY(expect(","));
        if (here().kind != Token::Kind::kNumber || here().number <= 0)
            return wrong("the weight of the text is expected");
        const std::int64_t before = expression.weights.empty() ? 0 : expression.weights.back();
        expression.weights.push_back(before + here().number);
        ++at_;
        return {};
    }

    Status element(Expression& expression) {
        if (names_.size() >= kMostSlots) return wrong("there are too many names in sight");
        expression.number = static_cast<std::int64_t>(names_.size());
        names_.emplace_back("i");
        auto argument = operation(0);
        names_.pop_back();
        HONE_TRY(Status(argument.ok() ? Status{} : Status(argument.error())));
        expression.arguments.push_back(std::move(argument).value());
        return {};
    }

    Result<Expression> finished(Expression expression) const {
        if (expression.function == Function::kPick && expression.texts.empty())
            return wrong("pick wants texts and their weights");
        if (expression.function != Function::kIf) return folded(std::move(expression));
        const Shape then = expression.arguments[1].shape;
        const Shape otherwise = expression.arguments[2].shape;
        if (then != otherwise && then != Shape::kNull && otherwise != Shape::kNull)
            return wrong("the two sides of if() are of different kinds");
        if (is_literal(expression.arguments[0]))
            return std::move(expression.arguments[expression.arguments[0].number != 0 ? 1 : 2]);
        expression.shape = then == Shape::kNull ? otherwise : then;
        return expression;
    }

    std::string_view text_;
    const Vocabulary& vocabulary_;
    std::vector<std::string> names_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

// "first_transaction(b)" in its name and its parameters.
Result<std::pair<std::string, std::vector<std::string>>> head_of(std::string_view head) {
    HONE_TRY_ASSIGN(const std::vector<Token> tokens, tokens_of(head));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const std::string_view wanted = i == 0 ? "" : i == 1 ? "(" : i % 2 == 1 ? "," : "";
        if (tokens[i].kind == Token::Kind::kSymbol && tokens[i].text == ")" && i > 2 &&
            i % 2 == 1 && tokens[i + 1].kind == Token::Kind::kEnd)
            return std::pair(names.front(), std::vector(names.begin() + 1, names.end()));
        const bool fits =
            wanted.empty() ? tokens[i].kind == Token::Kind::kName : tokens[i].text == wanted;
        if (!fits) break;
        if (wanted.empty()) names.push_back(tokens[i].text);
    }
    return expression_error(head, 0, "a definition's head is expected",
                            "write it as name(n) or name(n, i)");
}

}  // namespace

Status Vocabulary::define(std::string_view head, std::string_view body) {
    HONE_TRY_ASSIGN(const auto parts, head_of(head));
    const auto& [name, parameters] = parts;
    if (parameters.size() >= kMostSlots)
        return expression_error(head, 0, "it has too many parameters");
    HONE_TRY_ASSIGN(Expression expression, parse_expression(body, *this, parameters));
    definitions[name] = {parameters.size(),
                         std::make_shared<const Expression>(std::move(expression))};
    return {};
}

Result<Expression> parse_expression(std::string_view text, const Vocabulary& vocabulary,
                                    const std::vector<std::string>& names) {
    return Parser(text, vocabulary, names).whole();
}

Result<std::int64_t> parse_constant(std::string_view text, const Vocabulary& vocabulary) {
    HONE_TRY_ASSIGN(const Expression expression, parse_expression(text, vocabulary, {}));
    if (!is_literal(expression))
        return expression_error(text, 0, "a number made of constants is expected");
    return expression.number;
}

}  // namespace hone::prove
