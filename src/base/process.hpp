// base/process.hpp - child programs: no shell, a deadline, and their words kept.
//
// Errors   not_found, permission_denied: the program cannot be started; deadline_exceeded: it was
//          killed (its output so far is in the message); exhausted: it printed more than the limit;
//          cancelled: Ctrl-C (base/interrupt.hpp). A non-zero exit is not an Error: look at
//          `exit_code`.
// Threads  run() blocks its caller until the child has ended or the deadline; children are started
//          with vfork semantics.
// Limits   output is kept up to 4 MiB each of stdout and stderr unless said otherwise.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/identity.hpp"
#include "base/result.hpp"
#include "base/units.hpp"

namespace hone {

struct ProcessOptions {
    std::vector<std::string>
        arguments;  // arguments[0] is the program: a path, or a name looked up in PATH
    std::vector<std::pair<std::string, std::string>> environment;  // on top of hone's own
    std::vector<std::string> unset_environment;
    std::optional<Identity> run_as;  // only root can; ignored when it is who we are
    std::filesystem::path working_folder = "/";
    std::string standard_input;
    std::optional<std::filesystem::path>
        output_file;  // stdout and stderr go there (appended) instead of being kept
    Bytes output_limit = Bytes::mega(4);
    // The kernel sends it to the child when the thread that started it ends, even by kill -9.
    std::optional<int> signal_at_parent_death;
};

struct ProcessResult {
    int exit_code = 0;  // 128 + signal where a signal ended it
    int signal = 0;
    std::string standard_output;
    std::string standard_error;
    double user_cpu_seconds = 0;
    double system_cpu_seconds = 0;
    bool succeeded() const { return exit_code == 0; }
};

Result<ProcessResult> run(const ProcessOptions& options, Deadline deadline);

// A child that goes on while the caller works; killed (SIGKILL) and reaped when the object goes,
// unless released.
class BackgroundProcess {
  public:
    static Result<BackgroundProcess> start(const ProcessOptions& options);
    BackgroundProcess(BackgroundProcess&& other) noexcept;
    BackgroundProcess& operator=(BackgroundProcess&& other) noexcept;
    ~BackgroundProcess();

    pid_t pid() const { return pid_; }
    bool running();
    // The exit code once it has ended; deadline_exceeded while it runs on.
    Result<int> wait(Deadline deadline);
    void signal(int number) const;
    void release() { pid_ = -1; }

  private:
    explicit BackgroundProcess(pid_t pid) : pid_(pid) {}
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
};

// The program's full path, looked up in PATH as execvp does; none where there is none.
std::optional<std::filesystem::path> find_program(const std::string& name);

}  // namespace hone
