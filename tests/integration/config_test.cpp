// hone.toml and HONE_*: which value wins, where it comes from, and what is wrong in a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/json.hpp"
#include "support/program.hpp"

namespace hone::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Environment = std::vector<std::pair<std::string, std::string>>;

class ConfigTest : public testing::Test {
  protected:
    void write(const std::string& name, const std::string& text) {
        const auto path = folder_.path() / name;
        ASSERT_TRUE(make_folders(path.parent_path()).ok());
        ASSERT_TRUE(replace_file(path, text).ok());
    }
    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
    ProcessResult hone(const std::vector<std::string>& arguments, Environment environment = {}) {
        environment.emplace_back("HONE_CONFIG_DIR", folder_.path().string());
        return run_hone(arguments, environment);
    }
    // "value from origin" of one option in `hone config show --origin`.
    std::string shown(const std::string& key, std::vector<std::string> flags = {},
                      const Environment& environment = {}) {
        std::vector<std::string> arguments{"config", "show", "-o", "json"};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        const auto result = hone(arguments, environment);
        EXPECT_EQ(result.exit_code, 0) << result.standard_error;
        const json::value document = parse_json(result.standard_output, "stdout").value();
        for (const auto& option : document.at("options").as_array())
            if (option.at("key").as_string() == key)
                return std::string(option.at("value").as_string()) + " from " +
                       std::string(option.at("origin").as_string());
        return "not listed";
    }
    TemporaryFolder folder_ = std::move(TemporaryFolder::create("/tmp", "hone-config-")).value();
};

TEST_F(ConfigTest, AStrongerPlaceWinsAndIsNamed) {
    EXPECT_EQ(shown("timeout"), " from default");
    write("hone.toml", "# ours\ntimeout = 11\n");
    EXPECT_EQ(shown("timeout"), "11 from " + path("hone.toml") + " line 2 column 1");
    write("conf.d/10-a.toml", "timeout = 12");
    write("conf.d/20-b.toml", "timeout = 13");
    write("conf.d/30-c.conf", "timeout = 99");
    EXPECT_EQ(shown("timeout"), "13 from " + path("conf.d/20-b.toml") + " line 1 column 1");
    write("mine.toml", "timeout = 14");
    EXPECT_EQ(shown("timeout", {"--config", path("mine.toml")}),
              "14 from " + path("mine.toml") + " line 1 column 1");
    const Environment environment{{"HONE_TIMEOUT", "15"}, {"HONE_CONFIG", path("mine.toml")}};
    EXPECT_EQ(shown("timeout", {}, environment), "15 from HONE_TIMEOUT");
    EXPECT_EQ(shown("timeout", {"--timeout", "16"}, environment), "16 from flag");
}

TEST_F(ConfigTest, GlobalAndCommandOptionsAreUsed) {
    write("hone.toml",
          "output = \"json\"\nquiet = true\n[plan]\nmemory = \"8GB\"\ncores = \"2\"\n"
          "storage = \"ssd\"\npg_version = 15\ntenant = [\"kaspad=1GB\", \"redis=1GB\"]\n");
    const auto planned = hone({"plan"});
    ASSERT_EQ(planned.exit_code, 0) << planned.standard_error;
    EXPECT_TRUE(parse_json(planned.standard_output, "stdout").ok()) << planned.standard_output;
    EXPECT_THAT(planned.standard_output, HasSubstr("kaspad"));
    EXPECT_THAT(planned.standard_output, HasSubstr("redis"));
    const auto as_table = hone({"plan", "--output", "table", "--tenant", "kaspad=1GB"});
    EXPECT_FALSE(parse_json(as_table.standard_output, "stdout").ok());
    EXPECT_THAT(as_table.standard_output, Not(HasSubstr("redis")));
    const auto smaller = hone({"plan", "--format", "conf"}, {{"HONE_PLAN_MEMORY", "4GB"}});
    EXPECT_NE(smaller.standard_output, hone({"plan", "--format", "conf"}).standard_output);
}

TEST_F(ConfigTest, AnUnknownKeyIsAnErrorWithItsPlaceAndTheNearest) {
    write("hone.toml", "quiet = true\n[plan]\n  worklaod = \"oltp\"\n");
    const auto result = hone({"config", "show"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.standard_error, HasSubstr(path("hone.toml") + " line 3 column 3"));
    EXPECT_THAT(result.standard_error, HasSubstr("did you mean plan.workload?"));
    EXPECT_EQ(result.standard_output, "");
    EXPECT_EQ(hone({"--help"}).exit_code, 0) << "help is there all the same";
}

TEST_F(ConfigTest, WhatNeedsAPersonCannotBeConfigured) {
    for (const char* text : {"yes = true", "[apply]\nallow_restart = true"}) {
        write("hone.toml", text);
        EXPECT_EQ(hone({"config", "show"}).exit_code, 3) << text;
    }
}

TEST_F(ConfigTest, AValueIsHeldAgainstItsOption) {
    for (const char* text : {"quiet = 1", "timeout = -1", "timeout = \"soon\"", "output = \"xml\"",
                             "color = true", "timeout = [1]", "timeout 3", "[plan]\ntenant = [",
                             "plan = 3", "[no_such_command]\na = 1"}) {
        write("hone.toml", text);
        const auto result = hone({"config", "show"});
        EXPECT_EQ(result.exit_code, 3) << text << ": " << result.standard_error;
        EXPECT_THAT(result.standard_error, HasSubstr(path("hone.toml"))) << text;
        EXPECT_THAT(result.standard_error, HasSubstr("line")) << text;
    }
}

TEST_F(ConfigTest, AMissingFileOfTheFlagIsAnError) {
    EXPECT_EQ(hone({"config", "show", "--config", path("gone.toml")}).exit_code, 3);
}

TEST_F(ConfigTest, AMistypedVariableIsMentioned) {
    const auto result = hone({"config", "show"}, {{"HONE_TRAGET", "x"}});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.standard_error, HasSubstr("HONE_TRAGET"));
}

TEST_F(ConfigTest, APasswordIsNotShown) {
    write("hone.toml", "target = \"host=db password=s3cr3t-canary\"\n");
    const auto result = hone({"config", "show", "--origin"});
    EXPECT_EQ(result.exit_code, 0) << result.standard_error;
    EXPECT_THAT(result.standard_output, HasSubstr("not shown"));
    EXPECT_THAT(result.standard_output + result.standard_error, Not(HasSubstr("s3cr3t-canary")));
}

}  // namespace
}  // namespace hone::test
