#include "support/stopped_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <future>

#include "base/file_lock.hpp"
#include "base/text.hpp"

namespace hone::test {

namespace {

using Running = std::future<ProcessResult>;

constexpr Seconds kPatience{60};
constexpr std::chrono::milliseconds kPause{5};

// Who holds the lock: "pid 123 ...".
int holder_of(const std::filesystem::path& folder) {
    const std::string holder = lock_holder(folder);
    const auto words = split_words(holder);
    return words.size() < 2 ? 0 : static_cast<int>(parse_integer(words[1]).value_or(0));
}

bool is_stopped(int pid) {
    const std::string text = read_file(fmt::format("/proc/{}/stat", pid)).value_or("");
    const auto words = split_words(std::string_view(text).substr(text.rfind(')') + 1));
    return !words.empty() && words[0] == "T";
}

// 0 where it ended, or did not stop in time.
int wait_for_stop(const PrivateCluster& cluster, const Running& running) {
    const Deadline deadline = Deadline::after(kPatience);
    while (!deadline.expired() && running.wait_for(kPause) != std::future_status::ready)
        if (const int pid = holder_of(cluster.data_directory()); pid != 0 && is_stopped(pid))
            return pid;
    return 0;
}

}  // namespace

ProcessResult run_with_pause(const PrivateCluster& cluster,
                             const std::function<ProcessResult()>& run,
                             const std::function<void()>& meanwhile) {
    Running running = std::async(std::launch::async, run);
    const int pid = wait_for_stop(cluster, running);
    if (pid == 0)
        ADD_FAILURE() << "it did not stop";
    else
        meanwhile();
    if (pid != 0) ::kill(pid, SIGCONT);
    return running.get();
}

}  // namespace hone::test
