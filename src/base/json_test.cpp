#include "base/json.hpp"

#include <gtest/gtest.h>

namespace hone {
namespace {

TEST(Json, EqualValuesGiveEqualBytesInTheOrderTheyWerePutIn) {
    const json::value value =
        json::object{{"b", 1}, {"a", json::array{true, nullptr, "x\n"}}, {"c", 0.9}, {"d", 2.0}};
    EXPECT_EQ(to_json_line(value), R"({"b":1,"a":[true,null,"x\n"],"c":0.9,"d":2.0})");
    EXPECT_EQ(to_json_text(value),
              "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    null,\n    \"x\\n\"\n  ],\n  \"c\": "
              "0.9,\n  \"d\": 2.0\n}\n");
    EXPECT_EQ(to_json_text(json::object{}), "{}\n");
}

TEST(Json, DamagedTextIsDataLossAndNamed) {
    for (const char* text : {"", "{", "{\"a\":1", "nonsense", "{\"a\":1}}"}) {
        const auto parsed = parse_json(text, "plan.json");
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().code(), ErrorCode::kDataLoss) << text;
        EXPECT_NE(parsed.error().message().find("plan.json"), std::string::npos) << text;
    }
}

TEST(Json, NestingIsBounded) {
    const std::string deep = std::string(1000, '[') + std::string(1000, ']');
    EXPECT_FALSE(parse_json(deep, "deep").ok());
}

TEST(JsonReader, NamesThePathOfWhatIsMissingOrWrong) {
    const json::value value =
        parse_json(R"({"changes":[{"setting":"a"},{"setting":1}]})", "plan").value();
    const JsonReader reader(value, "plan");
    const auto changes = reader.array("changes").value();
    EXPECT_EQ(changes[0].text("setting").value(), "a");
    EXPECT_EQ(changes[1].text("setting").error().tried(), "reading 'plan.changes[1].setting'");
    EXPECT_EQ(changes[0].integer("line").error().wrong(), "it is missing");
    EXPECT_FALSE(changes[0].optional_integer("line").value().has_value());
}

}  // namespace
}  // namespace hone
