#include "model/setting.hpp"

#include <gtest/gtest.h>

namespace hone {
namespace {

SettingDefinition number(std::string unit, double minimum, double maximum,
                         SettingType type = SettingType::kInteger) {
    SettingDefinition definition;
    definition.name = "x";
    definition.type = type;
    definition.unit = std::move(unit);
    definition.minimum = minimum;
    definition.maximum = maximum;
    return definition;
}

SettingDefinition of_type(SettingType type) {
    SettingDefinition definition;
    definition.name = "x";
    definition.type = type;
    return definition;
}

std::string canonical(const SettingDefinition& definition, std::string_view text) {
    return canonical_value(definition, text).value_or("refused");
}

TEST(Setting, SizesAreReadIntoTheUnitOfTheSetting) {
    const auto pages = number("8kB", 16, 1073741823);
    EXPECT_EQ(canonical(pages, "16GB"), "2097152");
    EXPECT_EQ(canonical(pages, "128MB"), "16384");
    EXPECT_EQ(canonical(pages, "16384"), "16384");
    EXPECT_EQ(canonical(number("MB", 2, 2147483647), "1.5GB"), "1536");
    EXPECT_EQ(canonical(number("kB", 64, 2147483647), "4 MB"), "4096");
}

TEST(Setting, TimesAreReadIntoTheUnitOfTheSetting) {
    const auto seconds = number("s", 30, 86400);
    EXPECT_EQ(canonical(seconds, "15min"), "900");
    EXPECT_EQ(canonical(seconds, "1h"), "3600");
    EXPECT_EQ(canonical(seconds, "1d"), "86400");
    EXPECT_EQ(canonical(number("ms", 0, 100000), "2s"), "2000");
}

TEST(Setting, ValuesOutOfRangeAreRefused) {
    const auto pages = number("8kB", 16, 1073741823);
    EXPECT_EQ(canonical(pages, "64kB"), "refused");
    EXPECT_EQ(canonical(pages, "9000TB"), "refused");
    EXPECT_EQ(canonical(number("", 0, 1, SettingType::kReal), "1.1"), "refused");
}

TEST(Setting, UnitsMustFitTheSetting) {
    EXPECT_EQ(canonical(number("s", 30, 86400), "1GB"), "refused");
    EXPECT_EQ(canonical(number("8kB", 16, 1073741823), "15min"), "refused");
    EXPECT_EQ(canonical(number("", 1, 100), "5MB"), "refused");
    EXPECT_EQ(canonical(number("8kB", 16, 1073741823), "128mb"), "refused");
}

TEST(Setting, NumbersMustBeNumbers) {
    for (const char* text : {"", "x", "12x", "--1", "1e", "nan", "inf"})
        EXPECT_EQ(canonical(number("", 0, 100), text), "refused") << text;
}

TEST(Setting, BooleansAreReadAsTheServerReadsThem) {
    const auto flag = of_type(SettingType::kBool);
    for (const char* text : {"on", "ON", "true", "t", "yes", "y", "1"})
        EXPECT_EQ(canonical(flag, text), "on") << text;
    for (const char* text : {"off", "of", "false", "f", "no", "n", "0"})
        EXPECT_EQ(canonical(flag, text), "off") << text;
    for (const char* text : {"o", "2", "", "enabled"})
        EXPECT_EQ(canonical(flag, text), "refused") << text;
}

TEST(Setting, EnumValuesAreTheBuilds) {
    auto method = of_type(SettingType::kEnum);
    method.enum_values = {"pglz", "on", "off"};
    EXPECT_EQ(canonical(method, "PGLZ"), "pglz");
    EXPECT_EQ(canonical(method, "lz4"), "refused");
    EXPECT_EQ(canonical_value(method, "lz4").error().advice(), "use one of pglz, on, off");
}

TEST(Setting, DisplayChoosesTheLargestUnitThatDivides) {
    const auto pages = number("8kB", 16, 1073741823);
    EXPECT_EQ(display_value(pages, "2097152"), "16GB");
    EXPECT_EQ(display_value(pages, "16385"), "131080kB");
    EXPECT_EQ(display_value(pages, "-1"), "-1");
    EXPECT_EQ(display_value(pages, "0"), "0");
    EXPECT_EQ(display_value(number("s", 30, 86400), "900"), "15min");
    EXPECT_EQ(display_value(number("ms", 0, 100000), "1500"), "1500ms");
    EXPECT_EQ(display_value(number("", 0, 1, SettingType::kReal), "0.9"), "0.9");
}

TEST(Setting, DisplayReadsBackAsTheSameValue) {
    for (const char* unit : {"8kB", "kB", "MB", "B", "16MB", "s", "ms", "min"})
        for (const char* value : {"1", "7", "64", "1000", "1024", "3600", "86400", "1048576"}) {
            const auto definition = number(unit, 0, 1e12);
            EXPECT_EQ(canonical(definition, display_value(definition, value)), value)
                << unit << " " << value;
        }
}

TEST(Setting, BytesComeOnlyFromSizes) {
    EXPECT_EQ(value_as_bytes(number("8kB", 0, 1e9), "16384"), Bytes::mega(128));
    EXPECT_FALSE(value_as_bytes(number("s", 0, 1e9), "900").has_value());
    EXPECT_FALSE(value_as_bytes(number("8kB", 0, 1e9), "x").has_value());
}

TEST(Setting, QuotingFollowsTheGrammarOfTheConfigurationFile) {
    EXPECT_EQ(quoted_for_config("on"), "on");
    EXPECT_EQ(quoted_for_config("0.9"), "0.9");
    EXPECT_EQ(quoted_for_config("4GB"), "'4GB'");
    EXPECT_EQ(quoted_for_config("-1"), "'-1'");
    EXPECT_EQ(quoted_for_config(""), "''");
    EXPECT_EQ(quoted_for_config("it's \\ here"), "'it''s \\\\ here'");
}

TEST(Setting, DefinitionsSurviveJson) {
    SettingDefinition definition = number("8kB", 16, 1073741823);
    definition.context = SettingContext::kRestart;
    definition.boot_value = "16384";
    const json::value document = to_json(definition);
    const auto read = setting_definition_from_json(JsonReader(document, "x")).value();
    EXPECT_EQ(to_json_line(to_json(read)), to_json_line(document));
}

TEST(Setting, ContextsOfTheServerAreKnown) {
    EXPECT_EQ(setting_context_named("postmaster"), SettingContext::kRestart);
    EXPECT_EQ(setting_context_named("sighup"), SettingContext::kReload);
    EXPECT_EQ(setting_context_named("superuser-backend"), SettingContext::kNewConnection);
    EXPECT_EQ(setting_context_named("superuser"), SettingContext::kSession);
    EXPECT_EQ(setting_context_named("internal"), SettingContext::kInternal);
}

}  // namespace
}  // namespace hone
