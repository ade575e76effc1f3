#include "prove/pack/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "prove/pack/column_type.hpp"
#include "prove/pack/draws.hpp"
#include "prove/pack/expression_parser.hpp"

namespace hone::prove {
namespace {

using testing::HasSubstr;

Vocabulary vocabulary() {
    Vocabulary words;
    words.seed = 42;
    words.constants = {{"rows", 1000}, {"on", 1}, {"off", 0}};
    EXPECT_TRUE(words.define("half(a)", "a / 2").ok());
    EXPECT_TRUE(words.define("spread(a, b)", "half(a) * 10 + b").ok());
    EXPECT_TRUE(words.define("key(a)", "hash(key, a)").ok());
    return words;
}

std::int64_t number(const std::string& text, std::int64_t n = 0) {
    const auto expression = parse_expression(text, vocabulary(), {"n"});
    EXPECT_TRUE(expression.ok()) << text << ": " << expression.error().message();
    return number_of(*expression, Frame{n});
}

std::string bytes(const std::string& text, std::int64_t n = 0) {
    const auto expression = parse_expression(text, vocabulary(), {"n"});
    EXPECT_TRUE(expression.ok()) << text << ": " << expression.error().message();
    std::string out;
    append_bytes_of(*expression, Frame{n}, out);
    return out;
}

std::string refusal(const std::string& text) {
    const auto expression = parse_expression(text, vocabulary(), {"n"});
    EXPECT_FALSE(expression.ok()) << text;
    return expression.ok() ? "" : expression.error().message();
}

TEST(Expression, OperatorsHaveTheirUsualRanks) {
    EXPECT_EQ(number("2 + 3 * 4"), 14);
    EXPECT_EQ(number("(2 + 3) * 4"), 20);
    EXPECT_EQ(number("20 - 3 - 2"), 15);
    EXPECT_EQ(number("17 % 5 + 1"), 3);
    EXPECT_EQ(number("1 + 1 < 3"), 1);
    EXPECT_EQ(number("-n * 2", 7), -14);
    EXPECT_EQ(number("10_000 / 3"), 3333);
}

TEST(Expression, IsTotal) {
    EXPECT_EQ(number("n / 0", 5), 0);
    EXPECT_EQ(number("n % 0", 5), 0);
    EXPECT_EQ(number("random(key, n, 0)", 5), 0);
    EXPECT_EQ(number("n + 1", INT64_MAX), INT64_MIN);
    EXPECT_EQ(number("n / (0 - 1)", INT64_MIN), INT64_MIN);
}

TEST(Expression, DefinitionsSeeTheirOwnParametersOnly) {
    EXPECT_EQ(number("spread(n, 3)", 8), 43);
    EXPECT_THAT(parse_expression("a", vocabulary(), {"n"}).error().message(),
                HasSubstr("there is no name 'a'"));
}

TEST(Expression, ACaseIsChosenForEachRow) {
    EXPECT_EQ(bytes("if(n % 2 == 0, 'even', 'odd')", 4), "even");
    EXPECT_EQ(bytes("if(n % 2 == 0, 'even', 'odd')", 5), "odd");
    EXPECT_EQ(parse_expression("if(off, 'a', null)", vocabulary(), {"n"})->shape, Shape::kNull);
}

// The values stand here because databases that were loaded once must stay equal for ever.
TEST(Expression, DrawsAreTheSameOnEveryMachine) {
    EXPECT_EQ(number("random(key, n, 1000000)", 1), 40792);
    EXPECT_EQ(number("zipf(key, n, rows, 0.9)", 1), 9);
    EXPECT_EQ(bytes("letters(key, n, 8, 'abcdef')", 1), "adfdcdaf");
    EXPECT_EQ(bytes("concat(x'20', hash(key, n), x'ac')", 1).size(), 34U);
    EXPECT_EQ(bytes("key(n)", 1), bytes("hash(key, n)", 1));
    EXPECT_NE(bytes("hash(key, n)", 1), bytes("hash(key, n)", 2));
    EXPECT_NE(bytes("hash(key, n)", 1), bytes("hash(other, n)", 1));
}

TEST(Expression, PicksByWeight) {
    const auto status =
        parse_expression("pick(status, n, 'done', 9, 'open', 1)", vocabulary(), {"n"});
    std::map<std::string, int> seen;
    for (std::int64_t n = 0; n < 10000; ++n) {
        std::string drawn;
        append_bytes_of(*status, Frame{n}, drawn);
        ++seen[drawn];
    }
    EXPECT_NEAR(seen["done"], 9000, 200);
    EXPECT_NEAR(seen["open"], 1000, 200);
}

TEST(Expression, WhatIsWrongIsSaidWithItsPlace) {
    EXPECT_THAT(refusal("hash(key, m)"), HasSubstr("at character 11: there is no name 'm'"));
    EXPECT_THAT(refusal("hsh(key, n)"), HasSubstr("did you mean 'hash'?"));
    EXPECT_THAT(refusal("random(key, n)"), HasSubstr("takes 3 arguments"));
    EXPECT_THAT(refusal("min(1, 2, 3)"), HasSubstr("more arguments than it takes"));
    EXPECT_THAT(refusal("'a' + 1"), HasSubstr("a number is expected"));
    EXPECT_THAT(refusal("'a"), HasSubstr("the quote has no end"));
    EXPECT_THAT(refusal("x'abc'"), HasSubstr("even number of hexadecimal digits"));
    EXPECT_THAT(refusal("1 2"), HasSubstr("'2' is not expected"));
    EXPECT_THAT(refusal("zipf(key, n, n, 1.0)"), HasSubstr("a count made of constants"));
    EXPECT_THAT(refusal("if(n, 1, 'a')"), HasSubstr("different kinds"));
    EXPECT_THAT(refusal(""), HasSubstr("is expected"));
}

TEST(Expression, DeepNestingIsRefused) {
    EXPECT_THAT(refusal(std::string(100000, '(')), HasSubstr("nested too deeply"));
    EXPECT_THAT(refusal(std::string(100000, '-')), HasSubstr("nested too deeply"));
}

ColumnType type_of(ColumnType::Kind kind, std::uint32_t oid = 0) {
    ColumnType type;
    type.kind = kind;
    type.oid = oid;
    return type;
}

std::string field(const std::string& text, const ColumnType& type, std::int64_t n = 0) {
    const auto expression = parse_expression(text, vocabulary(), {"n"});
    EXPECT_TRUE(expression.ok() && check_type(*expression, type).ok()) << text;
    Encoder encoder;
    encoder.append(*expression, type, Frame{n});
    return encoder.bytes;
}

std::string raw(std::initializer_list<int> values) {
    std::string out;
    for (const int value : values) out += static_cast<char>(value);
    return out;
}

TEST(Encoder, WritesFieldsAsCopyReadsThem) {
    using Kind = ColumnType::Kind;
    EXPECT_EQ(field("n", type_of(Kind::kInt2), 258), raw({0, 0, 0, 2, 1, 2}));
    EXPECT_EQ(field("n", type_of(Kind::kInt4), -1), raw({0, 0, 0, 4, 255, 255, 255, 255}));
    EXPECT_EQ(field("null", type_of(Kind::kInt8)), raw({255, 255, 255, 255}));
    EXPECT_EQ(field("'ab'", type_of(Kind::kBytes)), raw({0, 0, 0, 2, 'a', 'b'}));
    EXPECT_EQ(field("n", type_of(Kind::kBool), 3), raw({0, 0, 0, 1, 1}));
    // 2000-01-01 00:00:00.001
    EXPECT_EQ(field("946684800001", type_of(Kind::kTimestamp)),
              raw({0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 3, 232}));
    // 120000 is 12 times 10000.
    EXPECT_EQ(field("120000", type_of(Kind::kNumeric)),
              raw({0, 0, 0, 10, 0, 1, 0, 1, 0, 0, 0, 0, 0, 12}));
}

TEST(Encoder, WritesArraysOfRows) {
    const auto number_type =
        std::make_shared<const ColumnType>(type_of(ColumnType::Kind::kInt2, 21));
    auto row = std::make_shared<ColumnType>(type_of(ColumnType::Kind::kComposite, 99));
    row->parts = {number_type, number_type};
    ColumnType array = type_of(ColumnType::Kind::kArray, 100);
    array.parts = {row};
    EXPECT_EQ(field("array(1, row(i, null))", array),
              raw({0, 0,  0, 46, 0, 0, 0, 1, 0, 0, 0,  0,  0,   0,   0,   99, 0,
                   0, 0,  1, 0,  0, 0, 1, 0, 0, 0, 22, 0,  0,   0,   2,   0,  0,
                   0, 21, 0, 0,  0, 2, 0, 0, 0, 0, 0,  21, 255, 255, 255, 255}));
}

TEST(Encoder, RemembersANumberThatDidNotFit) {
    Encoder encoder;
    const auto expression = parse_expression("n", vocabulary(), {"n"});
    encoder.append(*expression, type_of(ColumnType::Kind::kInt2), Frame{40000});
    EXPECT_TRUE(encoder.overflowed);
}

TEST(CheckType, RefusesAnotherKind) {
    const auto text = parse_expression("'a'", vocabulary(), {"n"});
    EXPECT_FALSE(check_type(*text, type_of(ColumnType::Kind::kInt4)).ok());
    EXPECT_TRUE(check_type(*text, type_of(ColumnType::Kind::kBytes)).ok());
}

}  // namespace
}  // namespace hone::prove
