#include "base/yaml.hpp"

#include <gtest/gtest.h>

namespace hone {
namespace {

TEST(Yaml, BlocksAreIndentedAndTextsAreQuoted) {
    const json::value value = json::object{
        {"schema_version", 1},
        {"storage", json::array{json::object{{"device", "vda"}, {"rotational", true}}, "no"}},
        {"empty", json::object{}},
        {"on", nullptr}};
    EXPECT_EQ(to_yaml_text(value),
              "schema_version: 1\n"
              "storage:\n"
              "  -\n"
              "    device: \"vda\"\n"
              "    rotational: true\n"
              "  - \"no\"\n"
              "empty: {}\n"
              "\"on\": null\n");
}

TEST(Yaml, AScalarIsALine) {
    EXPECT_EQ(to_yaml_text("a\nb"), "\"a\\nb\"\n");
}

}  // namespace
}  // namespace hone
