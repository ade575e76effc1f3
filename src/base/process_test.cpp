#include "base/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "base/interrupt.hpp"

namespace hone {
namespace {

using ::testing::HasSubstr;

constexpr Seconds kPatience{20};

ProcessResult run_program(std::vector<std::string> arguments, std::string input = {}) {
    ProcessOptions options;
    options.arguments = std::move(arguments);
    options.standard_input = std::move(input);
    return std::move(run(options, Deadline::after(kPatience))).value();
}

TEST(Process, OutputAndExitCodeAreKeptApart) {
    const ProcessResult result = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});
    EXPECT_EQ(result.standard_output, "out\n");
    EXPECT_EQ(result.standard_error, "err\n");
    EXPECT_EQ(result.exit_code, 3);
}

TEST(Process, ArgumentsAreNeverReadByAShell) {
    EXPECT_EQ(run_program({"echo", "$(id); `id` | cat"}).standard_output, "$(id); `id` | cat\n");
}

TEST(Process, AMegabyteGoesThroughStandardInputAndBack) {
    const std::string megabyte(1 << 20, 'x');
    EXPECT_EQ(run_program({"cat"}, megabyte).standard_output, megabyte);
}

TEST(Process, AChildThatReadsNothingDoesNotBlockUs) {
    EXPECT_EQ(run_program({"true"}, std::string(1 << 20, 'x')).exit_code, 0);
}

TEST(Process, ASignalBecomes128AndItsNumber) {
    const ProcessResult result = run_program({"sh", "-c", "kill -9 $$"});
    EXPECT_EQ(result.exit_code, 137);
    EXPECT_EQ(result.signal, SIGKILL);
}

TEST(Process, TheDeadlineKillsTheChildAndItsChildren) {
    ProcessOptions options;
    options.arguments = {"sh", "-c", "echo waiting >&2; sleep 100 & wait"};
    const double begin = monotonic_seconds();
    const auto result = run(options, Deadline::after(Seconds{0.3}));
    EXPECT_LT(monotonic_seconds() - begin, 60) << "it waited for the children's end";
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ErrorCode::kDeadlineExceeded);
    EXPECT_THAT(result.error().message(), HasSubstr("waiting"));
}

TEST(Process, TooMuchOutputIsCutOffInsteadOfFillingMemory) {
    ProcessOptions options;
    options.arguments = {"yes"};
    options.output_limit = Bytes::kilo(100);
    EXPECT_EQ(run(options, Deadline::after(kPatience)).error().code(), ErrorCode::kExhausted);
}

TEST(Process, AMissingProgramAndAFileThatIsNoneAreErrors) {
    ProcessOptions options;
    options.arguments = {"hone-has-no-such-program"};
    EXPECT_EQ(run(options, Deadline::after(kPatience)).error().code(), ErrorCode::kNotFound);
    options.arguments = {"/etc/passwd"};
    EXPECT_EQ(run(options, Deadline::after(kPatience)).error().code(),
              ErrorCode::kPermissionDenied);
}

TEST(Process, EnvironmentIsAddedReplacedAndRemoved) {
    ::setenv("HONE_TEST_A", "ours", 1);
    ::setenv("HONE_TEST_B", "ours", 1);
    ProcessOptions options;
    options.arguments = {"sh", "-c", "echo $HONE_TEST_A,$HONE_TEST_B"};
    options.environment = {{"HONE_TEST_A", "theirs"}};
    options.unset_environment = {"HONE_TEST_B"};
    EXPECT_EQ(run(options, Deadline::after(kPatience))->standard_output, "theirs,\n");
}

TEST(Process, RootMayRunAProgramAsSomebodyElse) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can run a program as another user";
    ProcessOptions options;
    options.arguments = {"id", "-un"};
    options.run_as = identity_named("nobody").value();
    EXPECT_EQ(run(options, Deadline::after(kPatience))->standard_output, "nobody\n");
}

TEST(Process, AnInterruptKillsTheChildAndIsAnError) {
    stop_at_next_wait_on_interrupt();
    ProcessOptions options;
    options.arguments = {"sh", "-c", "kill -INT $PPID; exec sleep 100"};
    const auto interrupted = run(options, Deadline::after(kPatience));
    ASSERT_FALSE(interrupted.ok());
    EXPECT_EQ(interrupted.error().code(), ErrorCode::kCancelled);
    EXPECT_FALSE(interrupt_came());
}

TEST(Process, AnInterruptThatIsHeldKillsNothingAndIsRemembered) {
    stop_at_next_wait_on_interrupt();
    ProcessOptions options;
    options.arguments = {"sh", "-c", "kill -INT $PPID; echo done"};
    {
        const InterruptsHeld held;
        EXPECT_EQ(run(options, Deadline::after(kPatience))->standard_output, "done\n");
        EXPECT_TRUE(interrupt_came());
        EXPECT_FALSE(take_interrupt());
    }
    EXPECT_TRUE(take_interrupt());
    EXPECT_FALSE(interrupt_came());
}

TEST(BackgroundProcess, IsKilledWithItsObject) {
    pid_t pid = 0;
    {
        ProcessOptions options;
        options.arguments = {"sleep", "100"};
        BackgroundProcess process = std::move(BackgroundProcess::start(options)).value();
        pid = process.pid();
        EXPECT_TRUE(process.running());
        EXPECT_EQ(process.wait(Deadline::after(Seconds{0.05})).error().code(),
                  ErrorCode::kDeadlineExceeded);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(BackgroundProcess, TellsItsExitCode) {
    ProcessOptions options;
    options.arguments = {"sh", "-c", "exit 7"};
    BackgroundProcess process = std::move(BackgroundProcess::start(options)).value();
    EXPECT_EQ(process.wait(Deadline::after(kPatience)).value(), 7);
}

}  // namespace
}  // namespace hone
