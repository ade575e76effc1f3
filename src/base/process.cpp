#include "base/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "base/text.hpp"

extern char** environ;

namespace hone {

namespace {

struct Pipe {
    int read_end = -1;
    int write_end = -1;
    Pipe() = default;
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close_read();
        close_write();
    }
    bool open() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        read_end = ends[0];
        write_end = ends[1];
        return true;
    }
    void close_read() { close_end(read_end); }
    void close_write() { close_end(write_end); }

  private:
    static void close_end(int& end) {
        if (end >= 0) ::close(end);
        end = -1;
    }
};

// Everything that the child needs, made before the fork: after it, only async-signal-safe calls are
// allowed.
struct Preparation {
    std::string program;
    std::vector<std::string> environment_text;
    std::vector<char*> arguments;
    std::vector<char*> environment;
    std::vector<gid_t> groups;
    bool switch_user = false;
};

std::vector<std::string> merged_environment(const ProcessOptions& options) {
    std::vector<std::string> merged;
    const auto replaced = [&](std::string_view name) {
        for (const auto& [key, value] : options.environment)
            if (key == name) return true;
        for (const auto& key : options.unset_environment)
            if (key == name) return true;
        return false;
    };
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (!replaced(text.substr(0, text.find('=')))) merged.emplace_back(text);
    }
    for (const auto& [key, value] : options.environment) merged.push_back(key + "=" + value);
    return merged;
}

std::vector<gid_t> groups_of(const Identity& identity) {
    int count = 64;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    if (getgrouplist(identity.name.c_str(), identity.group, groups.data(), &count) < 0)
        return {identity.group};
    groups.resize(static_cast<std::size_t>(count));
    return groups;
}

Result<Preparation> prepare(const ProcessOptions& options) {
    HONE_ASSERT(!options.arguments.empty());
    Preparation preparation;
    const auto found = find_program(options.arguments[0]);
    if (!found)
        return Error{ErrorCode::kNotFound, "starting '" + options.arguments[0] + "'",
                     "there is no such program", "install it, or add its folder to PATH"};
    preparation.program = found->string();
    for (const auto& argument : options.arguments)
        preparation.arguments.push_back(const_cast<char*>(argument.c_str()));
    preparation.arguments.push_back(nullptr);
    preparation.environment_text = merged_environment(options);
    for (auto& entry : preparation.environment_text)
        preparation.environment.push_back(entry.data());
    preparation.environment.push_back(nullptr);
    if (options.run_as && options.run_as->user != geteuid()) {
        preparation.switch_user = true;
        preparation.groups = groups_of(*options.run_as);
    }
    return preparation;
}

[[noreturn]] void fail_in_child(int report) {
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(report, &error, sizeof(error));
    ::_exit(127);
}

// After the switch of user, which would clear it. A parent that is gone by now sends nothing any
// more, so the child ends here.
void tie_to_parent(const ProcessOptions& options, pid_t parent, int report) {
    if (!options.signal_at_parent_death) return;
    if (::prctl(PR_SET_PDEATHSIG, *options.signal_at_parent_death) != 0) fail_in_child(report);
    if (::getppid() != parent) ::_exit(127);
}

[[noreturn]] void become_program(const ProcessOptions& options, const Preparation& preparation,
                                 pid_t parent, int input, int output, int error_output,
                                 int report) {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::setpgid(0, 0);  // so that a deadline kills what the child started, too
    if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(error_output, 2) < 0)
        fail_in_child(report);
    if (preparation.switch_user) {
        if (::setgroups(preparation.groups.size(), preparation.groups.data()) != 0)
            fail_in_child(report);
        if (::setgid(options.run_as->group) != 0 || ::setuid(options.run_as->user) != 0)
            fail_in_child(report);
    }
    tie_to_parent(options, parent, report);
    if (::chdir(options.working_folder.c_str()) != 0 && ::chdir("/") != 0) fail_in_child(report);
    ::execve(preparation.program.c_str(), preparation.arguments.data(),
             preparation.environment.data());
    fail_in_child(report);
}

// Starts the child; an exec that failed comes back as its errno.
Result<pid_t> spawn(const ProcessOptions& options, int input, int output, int error_output) {
    HONE_TRY_ASSIGN(const Preparation preparation, prepare(options));
    const std::string tried = "starting '" + preparation.program + "'";
    Pipe report;
    if (!report.open()) return error_from_errno(errno, tried);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) return error_from_errno(errno, tried);
    if (child == 0)
        become_program(options, preparation, parent, input, output, error_output, report.write_end);
    report.close_write();
    int failure = 0;
    ssize_t got = 0;
    do got = ::read(report.read_end, &failure, sizeof(failure));
    while (got < 0 && errno == EINTR);
    if (got != sizeof(failure)) return child;
    ::waitpid(child, nullptr, 0);
    return error_from_errno(failure, tried);
}

int exit_code_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Reads what is there; false at the end of the stream.
bool drain(int descriptor, std::string& into) {
    std::array<char, 65536> buffer;
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    into.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

enum class Ending { kDone, kDeadline, kTooMuch, kInterrupted };

struct Streams {
    Pipe input;
    Pipe output;
    Pipe error_output;
};

// A child that closes its input early must not kill us: SIGPIPE is held back and thrown away, in
// this thread alone.
class WithoutPipeSignal {
  public:
    WithoutPipeSignal() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~WithoutPipeSignal() {
        const timespec now{};
        ::sigtimedwait(&pipe_, nullptr, &now);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    WithoutPipeSignal(const WithoutPipeSignal&) = delete;
    WithoutPipeSignal& operator=(const WithoutPipeSignal&) = delete;

  private:
    sigset_t pipe_{};
    sigset_t before_{};
};

void feed(Pipe& input, std::string_view& remaining) {
    const WithoutPipeSignal guard;
    const ssize_t written = ::write(input.write_end, remaining.data(), remaining.size());
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (written >= 0) remaining.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 || remaining.empty()) input.close_write();
}

Ending pump(Streams& streams, const ProcessOptions& options, ProcessResult& result,
            Deadline deadline) {
    std::string_view remaining = options.standard_input;
    if (remaining.empty()) streams.input.close_write();
    const auto limit = static_cast<std::size_t>(options.output_limit.count());
    while (streams.output.read_end >= 0 || streams.error_output.read_end >= 0) {
        if (deadline.expired()) return Ending::kDeadline;
        if (take_interrupt()) return Ending::kInterrupted;
        std::array<pollfd, 3> waits{{{streams.output.read_end, POLLIN, 0},
                                     {streams.error_output.read_end, POLLIN, 0},
                                     {streams.input.write_end, POLLOUT, 0}}};
        if (::poll(waits.data(), waits.size(), deadline.remaining_milliseconds()) < 0 &&
            errno != EINTR)
            return Ending::kDone;
        if (waits[0].revents != 0 && !drain(streams.output.read_end, result.standard_output))
            streams.output.close_read();
        if (waits[1].revents != 0 && !drain(streams.error_output.read_end, result.standard_error))
            streams.error_output.close_read();
        if (waits[2].revents != 0) feed(streams.input, remaining);
        if (result.standard_output.size() > limit || result.standard_error.size() > limit)
            return Ending::kTooMuch;
    }
    return Ending::kDone;
}

// Waits on a pidfd, so that neither a sleep nor a signal handler is needed.
Ending wait_for_exit(pid_t pid, Deadline deadline) {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0)
        return Ending::kDone;  // gone already, or a kernel before 5.3: waitpid will tell
    Ending ending = Ending::kDone;
    for (;;) {
        pollfd waiting{handle, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, deadline.remaining_milliseconds());
        if (ready > 0) break;
        if (take_interrupt()) ending = Ending::kInterrupted;
        if (ready == 0 && deadline.expired()) ending = Ending::kDeadline;
        if (ending != Ending::kDone) break;
    }
    ::close(handle);
    return ending;
}

void reap(pid_t pid, ProcessResult& result) {
    int status = 0;
    rusage usage{};
    while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    result.exit_code = exit_code_of(status);
    result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    result.user_cpu_seconds = seconds(usage.ru_utime);
    result.system_cpu_seconds = seconds(usage.ru_stime);
}

Error ended_early(Ending ending, const ProcessOptions& options, const ProcessResult& result) {
    const std::string tried = "running '" + options.arguments[0] + "'";
    const std::string said = std::string(
        trim(result.standard_error.empty() ? result.standard_output : result.standard_error));
    if (ending == Ending::kInterrupted) return {ErrorCode::kCancelled, tried, "interrupted"};
    if (ending == Ending::kTooMuch)
        return {ErrorCode::kExhausted, tried,
                "it printed more than " + format_for_people(options.output_limit)};
    return {ErrorCode::kDeadlineExceeded, tried,
            said.empty() ? "it did not finish in time"
                         : "it did not finish in time; it said: " + printable(said, 500)};
}

}  // namespace

Result<ProcessResult> run(const ProcessOptions& options, Deadline deadline) {
    Streams streams;
    if (!streams.input.open() || !streams.output.open() || !streams.error_output.open())
        return error_from_errno(errno, "starting '" + options.arguments[0] + "'");
    HONE_TRY_ASSIGN(const pid_t child,
                    spawn(options, streams.input.read_end, streams.output.write_end,
                          streams.error_output.write_end));
    streams.input.close_read();
    streams.output.close_write();
    streams.error_output.close_write();
    ::fcntl(streams.input.write_end, F_SETFL, O_NONBLOCK);
    ProcessResult result;
    Ending ending = pump(streams, options, result, deadline);
    if (ending == Ending::kDone) ending = wait_for_exit(child, deadline);
    if (ending != Ending::kDone) ::kill(-child, SIGKILL);
    reap(child, result);
    if (ending != Ending::kDone) return ended_early(ending, options, result);
    return result;
}

Result<BackgroundProcess> BackgroundProcess::start(const ProcessOptions& options) {
    const std::string tried = "starting '" + options.arguments[0] + "'";
    const int null_input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null_input < 0) return error_from_errno(errno, tried);
    const std::string target = options.output_file ? options.output_file->string() : "/dev/null";
    const int output = ::open(target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (output < 0) {
        const int error = errno;
        ::close(null_input);
        return error_from_errno(error, tried + " with its output in '" + target + "'");
    }
    auto child = spawn(options, null_input, output, output);
    ::close(null_input);
    ::close(output);
    if (!child.ok()) return std::move(child).error();
    return BackgroundProcess{*child};
}

BackgroundProcess::BackgroundProcess(BackgroundProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_code_(other.exit_code_) {}

BackgroundProcess& BackgroundProcess::operator=(BackgroundProcess&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(exit_code_, other.exit_code_);
    return *this;
}

BackgroundProcess::~BackgroundProcess() {
    if (!running()) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool BackgroundProcess::running() {
    if (pid_ < 0 || exit_code_) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
    exit_code_ = exit_code_of(status);
    return false;
}

Result<int> BackgroundProcess::wait(Deadline deadline) {
    if (running() && wait_for_exit(pid_, deadline) == Ending::kInterrupted)
        return Error{ErrorCode::kCancelled, fmt::format("waiting for process {} to end", pid_),
                     "interrupted"};
    if (running())
        return Error{ErrorCode::kDeadlineExceeded,
                     fmt::format("waiting for process {} to end", pid_), "it runs on"};
    return exit_code_.value_or(0);
}

void BackgroundProcess::signal(int number) const {
    if (pid_ > 0 && !exit_code_) ::kill(pid_, number);
}

std::optional<std::filesystem::path> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");
    for (const std::string_view folder : split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
        std::filesystem::path candidate = std::filesystem::path(folder) / name;
        if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return std::nullopt;
}

}  // namespace hone
