#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/identity.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "demo_cluster.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::app {

namespace fs = std::filesystem;

namespace {

constexpr int kDemoConnections = 60;
constexpr double kWriteSeenSeconds = 60;

// What a user would have typed; the demo runs the same function.
void show_command(Context& context, std::string_view command) {
    context.print(fmt::format("\n$ {}", command));
}

void show_chapter(Context& context, int number, std::string_view title) {
    context.print(fmt::format("\n--- {}. {} {}", number, title,
                              std::string(title.size() < 70 ? 70 - title.size() : 0, '-')));
}

class Demo {
  public:
    Demo(Context& context, const DemoArguments& arguments, DemoCluster& cluster, fs::path folder)
        : context_(context), arguments_(arguments), cluster_(cluster), folder_(std::move(folder)) {}

    // The chapters in order; stops at the first one that fails.
    int run() {
        using Chapter = int (Demo::*)();
        constexpr std::array<Chapter, 7> kChapters{&Demo::detect, &Demo::plan,  &Demo::check,
                                                   &Demo::prove,  &Demo::apply, &Demo::interrupt,
                                                   &Demo::undo};
        for (const Chapter chapter : kChapters)
            if (const int code = (this->*chapter)(); code != kOk) return code;
        return kOk;
    }

  private:
    fs::path plan_file() const { return folder_ / "plan.json"; }
    fs::path second_plan_file() const { return folder_ / "second.json"; }

    int detect() {
        show_chapter(context_, 1, "What the machine is");
        show_command(context_, "hone detect --folder " + cluster_.data_directory().string());
        DetectArguments arguments;
        arguments.folder = cluster_.data_directory();
        return run_detect(context_, arguments);
    }

    int plan() {
        show_chapter(context_, 2, "What should change, and why");
        show_command(
            context_,
            fmt::format(
                "hone plan --data-dir {} --workload ingest --connections {} --out plan.json",
                cluster_.data_directory().string(), kDemoConnections));
        PlanArguments arguments;
        arguments.workload = "ingest";
        arguments.connections = kDemoConnections;
        if (const int code = run_plan(context_, arguments); code != kOk) return code;
        arguments.format = "json";
        arguments.out = plan_file();
        return run_plan(context_, arguments);
    }

    int check() {
        show_chapter(context_, 3, "Would it boot? Tried in isolation, on the same binaries");
        show_command(context_, "hone check plan.json");
        return run_check(context_, {.plan = plan_file()});
    }

    int prove() {
        show_chapter(context_, 4, "Does it help? Measured beside the present settings");
        show_command(context_,
                     fmt::format("hone prove plan.json --seconds {:.0f}", arguments_.seconds));
        ProveArguments arguments;
        arguments.plan = plan_file();
        arguments.seconds = arguments_.seconds;
        arguments.report = folder_ / "report.html";
        const int code = run_prove(context_, arguments);
        // Slower is an honest answer, and the demo goes on to show the undo.
        return code == kRegression ? static_cast<int>(kOk) : code;
    }

    int apply() {
        show_chapter(context_, 5, "Applied, so that a power cut cannot hurt, and verified");
        before_ = cluster_.config_hashes();
        show_command(context_, "hone apply plan.json --yes --allow-restart");
        return run_apply(context_, {.plan = plan_file(), .allow_restart = true});
    }

    // Kills a second apply at the moment in which it has begun to write, then recovers.
    int interrupt() {
        show_chapter(context_, 6, "Broken on purpose: kill -9 in the middle of a second apply");
        const std::vector<std::string> applied = cluster_.config_hashes();
        if (const int code = plan_again(); code != kOk) return code;
        show_command(context_,
                     "hone apply second.json --yes --allow-restart   # killed as it writes");
        const auto killed = kill_while_applying();
        if (!killed.ok()) return context_.fail(killed.error());
        context_.print(
            *killed ? "killed: the files are half way between two states, as after a power cut"
                    : "it was done before the kill came: recover must say that nothing is open");
        show_command(context_, "hone recover --yes --allow-restart");
        if (const int code = run_recover(context_, {.allow_restart = true}); code != kOk)
            return code;
        if (!*killed) return run_rollback(context_, {.id = {}, .allow_restart = true});
        return expect_files(applied, "after the recovery", "as the first apply left it");
    }

    int undo() {
        show_chapter(context_, 7, "Undone");
        show_command(context_, "hone rollback --yes --allow-restart");
        if (const int code = run_rollback(context_, {.id = {}, .allow_restart = true}); code != kOk)
            return code;
        if (const int code =
                expect_files(before_, "after the rollback", "what it was before the demo");
            code != kOk)
            return code;
        show_command(context_, "hone history");
        return run_history(context_);
    }

    int plan_again() {
        show_command(
            context_,
            fmt::format(
                "hone plan --data-dir {} --workload oltp --connections {} --out second.json",
                cluster_.data_directory().string(), kDemoConnections));
        PlanArguments arguments;
        arguments.workload = "oltp";
        arguments.connections = kDemoConnections;
        arguments.no_probe = true;
        arguments.storage = "ssd";
        arguments.format = "json";
        arguments.out = second_plan_file();
        return run_plan(context_, arguments);
    }

    int expect_files(const std::vector<std::string>& wanted, std::string_view when,
                     std::string_view what) {
        if (cluster_.config_hashes() != wanted)
            return context_.fail({ErrorCode::kInternal,
                                  fmt::format("comparing the configuration files {}", when),
                                  fmt::format("not every one is {}", what)});
        const auto answers = cluster_.answers();
        if (!answers.ok()) return context_.fail(answers.error());
        context_.print(fmt::format(
            "{}: every configuration file is, byte for byte, {}, and the server answers", when,
            what));
        return kOk;
    }

    // True: it was killed before it had finished.
    Result<bool> kill_while_applying() {
        const int watch = ::inotify_init1(IN_CLOEXEC);
        if (watch < 0 ||
            ::inotify_add_watch(watch, cluster_.data_directory().c_str(), IN_MOVED_TO) < 0)
            return error_from_errno(errno, "watching the data folder");
        const pid_t child = ::fork();
        if (child < 0) return error_from_errno(errno, "starting the apply that is to be killed");
        if (child == 0) {
            context_.quiet = true;
            if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(kUnexpected);
            ::_exit(run_apply(context_, {.plan = second_plan_file(), .allow_restart = true}));
        }
        pollfd waiting{watch, POLLIN, 0};
        ::poll(&waiting, 1, static_cast<int>(kWriteSeenSeconds * 1000));
        ::kill(child, SIGKILL);
        ::close(watch);
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFSIGNALED(status);
    }

    Context& context_;
    const DemoArguments& arguments_;
    DemoCluster& cluster_;
    fs::path folder_;
    std::vector<std::string> before_;
};

// Runs as the user that may run PostgreSQL; returns the exit code.
int show_everything(Context& context, const DemoArguments& arguments, const fs::path& folder) {
    context.state_directory = folder / "state";
    context.yes = true;
    context.no_input = true;
    context.target.clear();
    auto cluster = DemoCluster::create(folder, context.bin_directory, context.deadline(120));
    if (!cluster.ok()) return context.fail(cluster.error());
    context.data_directory = cluster->data_directory();
    context.bin_directory = cluster->bin_directory();
    context.print(
        fmt::format("A private PostgreSQL {} in {}, owned by {}; nothing else is touched.",
                    cluster->version(), folder.string(), current_identity().name));
    return Demo(context, arguments, *cluster, folder).run();
}

// In a child process, so that this one keeps its rights and cleans up whatever happens to the
// other.
Result<int> run_as_server_owner(Context& context, const DemoArguments& arguments,
                                const fs::path& folder, const Identity& owner) {
    const pid_t child = ::fork();
    if (child < 0) return error_from_errno(errno, "starting the demo");
    if (child == 0) {
        const Status changed = become(owner);
        ::_exit(changed.ok() ? show_everything(context, arguments, folder)
                             : context.fail(changed.error()));
    }
    ::signal(SIGINT, SIG_IGN);  // Ctrl-C ends the child; what it leaves is cleaned up here
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

fs::path report_place(const DemoArguments& arguments) {
    if (!arguments.report.empty()) return fs::absolute(arguments.report);
    return fs::temp_directory_path() / fmt::format("hone-demo-{}.html", utc_now_compact());
}

Status keep_report(const fs::path& made, const fs::path& wanted) {
    HONE_TRY_ASSIGN(const std::string report, read_file(made));
    return replace_file(wanted, report);
}

}  // namespace

int run_demo(Context& context, const DemoArguments& arguments) {
    const double begin = monotonic_seconds();
    const auto owner = postgres::scratch_owner();
    if (!owner.ok()) return context.fail(owner.error());
    const fs::path report = report_place(arguments);
    auto folder = TemporaryFolder::create("/tmp", "hone-demo-");
    if (!folder.ok()) return context.fail(folder.error());
    if (::geteuid() == 0 && ::chown(folder->path().c_str(), owner->user, owner->group) != 0)
        return context.fail(error_from_errno(errno, "giving the demo's folder to " + owner->name));

    const auto code = run_as_server_owner(context, arguments, folder->path(), *owner);
    if (!code.ok()) return context.fail(code.error());
    DemoCluster::stop_leftovers(folder->path());
    if (*code != kOk) return *code;
    if (const Status kept = keep_report(folder->path() / "report.html", report); !kept.ok())
        return context.fail(kept.error());
    context.print(fmt::format("\nThe demo took {:.0f} s. Nothing is left running.\nThe report: {}",
                              monotonic_seconds() - begin, report.string()));
    return kOk;
}

}  // namespace hone::app
