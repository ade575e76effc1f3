// What bad input gets, and what a person sees: the real program, from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/json.hpp"
#include "support/program.hpp"

namespace hone::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CliTest : public testing::Test {
  protected:
    std::filesystem::path path(const char* name) const { return folder_.path() / name; }
    // With a state folder of its own, so that nothing of the machine's is met.
    ProcessResult hone(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--state-dir", path("state").string()});
        return run_hone(arguments);
    }
    std::string offline_plan() {
        const ProcessResult made =
            hone({"plan", "--memory", "16GB", "--cores", "8", "--storage", "nvme", "--connections",
                  "100", "--pg-version", "15", "--format", "json"});
        EXPECT_EQ(made.exit_code, 0) << made.standard_error;
        return made.standard_output;
    }
    TemporaryFolder folder_ = std::move(TemporaryFolder::create("/tmp", "hone-cli-test-")).value();
};

TEST_F(CliTest, AWrongCommandLineIsUsage) {
    EXPECT_EQ(hone({}).exit_code, 2);
    EXPECT_EQ(hone({"no-such-command"}).exit_code, 2);
    EXPECT_EQ(hone({"plan", "--no-such-option"}).exit_code, 2);
    EXPECT_EQ(hone({"check"}).exit_code, 2);
}

TEST_F(CliTest, EveryCommandHasHelpWithExamples) {
    for (const char* command : {"detect", "plan", "explain", "check", "prove", "apply", "rollback",
                                "recover", "history", "demo", "config", "completion"}) {
        const ProcessResult help = hone({command, "--help"});
        EXPECT_EQ(help.exit_code, 0) << command;
        EXPECT_THAT(help.standard_output, HasSubstr("Examples:")) << command;
    }
}

TEST_F(CliTest, BashCompletesCommandsAndTheirOptions) {
    const ProcessResult made = hone({"completion", "bash"});
    ASSERT_EQ(made.exit_code, 0) << made.standard_error;
    ASSERT_TRUE(replace_file(path("completion"), made.standard_output).ok());
    const auto completed = [&](const std::string& words, int at) {
        const auto result =
            run({.arguments = {"bash", "-c",
                               "source " + path("completion").string() + "; COMP_WORDS=(" + words +
                                   "); COMP_CWORD=" + std::to_string(at) +
                                   "; _hone; echo \"${COMPREPLY[*]}\""}},
                Deadline::after(Seconds{60}));
        return result.ok() ? result->standard_output + result->standard_error : "did not run";
    };
    EXPECT_EQ(completed("hone hist", 1), "history\n");
    EXPECT_EQ(completed("hone plan --mem", 2), "--memory\n");
    EXPECT_EQ(completed("hone config show --orig", 3), "--origin\n");
    EXPECT_EQ(completed("hone plan --state", 2), "--state-dir\n");
}

TEST_F(CliTest, AnotherShellThanThoseKnownIsRefused) {
    EXPECT_THAT(hone({"completion", "fish"}).standard_output, HasSubstr("-l memory"));
    EXPECT_THAT(hone({"completion", "zsh"}).standard_output, HasSubstr("bashcompinit"));
    EXPECT_EQ(hone({"completion", "tcsh"}).exit_code, 3);
}

TEST_F(CliTest, AnOfflinePlanIsTheSameBytesEveryTime) {
    EXPECT_EQ(offline_plan(), offline_plan());
}

TEST_F(CliTest, AMissingTruncatedEditedOrForeignPlanIsRefusedWithoutAnEffect) {
    const std::string plan = offline_plan();
    std::string edited = plan;
    edited.replace(edited.find("16GB") == std::string::npos ? edited.find("\"to\": \"") + 7
                                                            : edited.find("16GB"),
                   1, "9");
    ASSERT_TRUE(replace_file(path("truncated"), plan.substr(0, plan.size() / 2)).ok());
    ASSERT_TRUE(replace_file(path("edited"), edited).ok());
    ASSERT_TRUE(replace_file(path("foreign"), "{\"kind\": \"something else\"}").ok());
    ASSERT_TRUE(replace_file(path("binary"), std::string("\0\x01\xff", 3)).ok());
    for (const char* name : {"missing", "truncated", "edited", "foreign", "binary"}) {
        for (const char* command : {"check", "apply", "prove"}) {
            const ProcessResult result = hone({command, path(name).string(), "--yes"});
            EXPECT_EQ(result.exit_code, 3)
                << command << " " << name << ": " << result.standard_error;
            EXPECT_THAT(result.standard_error, HasSubstr("hone: ")) << command << " " << name;
        }
    }
    EXPECT_THAT(hone({"check", path("edited").string()}).standard_error,
                HasSubstr("edited or damaged"));
}

TEST_F(CliTest, AbsurdMachinesAreRefused) {
    for (const char* memory : {"0", "-1GB", "lots", "1B", "99999999999TB"})
        EXPECT_EQ(hone({"plan", "--memory", memory, "--cores", "4", "--storage", "ssd"}).exit_code,
                  3)
            << memory;
    EXPECT_EQ(hone({"plan", "--memory", "8GB", "--cores", "0", "--storage", "ssd"}).exit_code, 3);
    EXPECT_EQ(hone({"plan", "--memory", "8GB", "--cores", "4", "--storage", "floppy"}).exit_code,
              3);
    EXPECT_EQ(
        hone({"plan", "--memory", "8GB", "--cores", "4", "--storage", "ssd", "--pg-version", "9"})
            .exit_code,
        3);
}

TEST_F(CliTest, AnUnreachableServerIsCannotConnectAndItsPasswordIsNotPrinted) {
    const ProcessResult result =
        hone({"plan", "--target", "host=127.0.0.1 port=1 user=app password=s3cr3t-canary"});
    EXPECT_EQ(result.exit_code, 4) << result.standard_error;
    EXPECT_THAT(result.standard_error, HasSubstr("127.0.0.1"));
    EXPECT_THAT(result.standard_error + result.standard_output, Not(HasSubstr("s3cr3t-canary")));
}

TEST_F(CliTest, AFolderThatIsNoClusterIsNotFound) {
    const ProcessResult result = hone({"plan", "--data-dir", folder_.path().string()});
    EXPECT_EQ(result.exit_code, 3) << result.standard_error;
    EXPECT_THAT(result.standard_error, HasSubstr(folder_.path().string()));
}

TEST_F(CliTest, ErrorsAreJsonWhereJsonIsAskedFor) {
    const ProcessResult result = hone({"check", path("missing").string(), "-o", "json"});
    EXPECT_EQ(result.exit_code, 3);
    const json::value document = parse_json(result.standard_error, "stderr").value();
    const JsonReader error = JsonReader(document, "stderr").object("error").value();
    EXPECT_EQ(error.text("code").value(), "not_found");
    EXPECT_EQ(error.text("outcome").value(), "not_applied");
}

TEST_F(CliTest, ExplainOffersTheNearestNameForATypingError) {
    const ProcessResult result = hone({"explain", "work_men"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.standard_error, HasSubstr("work_mem"));
}

}  // namespace
}  // namespace hone::test
