#include "engines/postgres/control.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/process.hpp"
#include "base/text.hpp"
#include "engines/postgres/launch.hpp"

namespace hone::postgres {

namespace {

constexpr Seconds kAnswerPatience{5};
constexpr Seconds kGrace{2};
// A server that is starting up cannot be waited for otherwise than by asking again.
constexpr int kShortestPauseMilliseconds = 10;
constexpr int kLongestPauseMilliseconds = 200;
// A reload that has not been seen after this long has probably been refused: time to look.
constexpr Seconds kReloadNormallySeen{1};

void pause(int& milliseconds, Deadline deadline) {
    ::poll(nullptr, 0, std::min(milliseconds, deadline.remaining_milliseconds()));
    milliseconds = std::min(milliseconds * 2, kLongestPauseMilliseconds);
}

std::string name_of(const Server& server) {
    if (!server.cluster.empty()) return fmt::format("the cluster {}", server.cluster);
    if (!server.service_unit.empty()) return server.service_unit;
    if (!server.data_directory.empty())
        return fmt::format("the server in '{}'", server.data_directory.string());
    return "the server";
}

Error out_of_reach(const Server& server, std::string_view action) {
    const std::string tried = fmt::format("{} {}", action, name_of(server));
    if (server.managed_by == ManagedBy::kPatroni)
        return {ErrorCode::kUnsupported, tried, "Patroni looks after it",
                "change its settings with 'patronictl edit-config', then 'patronictl restart'"};
    if (server.managed_by == ManagedBy::kContainer)
        return {ErrorCode::kUnsupported, tried, "it runs in a container",
                "restart the container, or run hone inside of it with --reload-only"};
    return {ErrorCode::kUnsupported, tried, "its data folder is not on this machine, or not shown",
            "run hone on the server's own machine as its owner, or plan with --reload-only"};
}

bool can_control(const Server& server) {
    return !server.data_directory.empty() && server.managed_by != ManagedBy::kPatroni &&
           server.managed_by != ManagedBy::kContainer;
}

// What a manager's own program says on failure is all that there is to say.
Status run_manager(const Server& server, std::vector<std::string> arguments,
                   std::string_view action, Deadline deadline) {
    const std::string tried = fmt::format("{} {}", action, name_of(server));
    const std::string program = arguments[0];
    auto result = run({.arguments = std::move(arguments)}, deadline);
    if (!result.ok()) {
        const bool late = result.error().code() == ErrorCode::kDeadlineExceeded;
        return Error(result.error())
            .with_context(tried)
            .with_outcome(late ? Outcome::kUnknown : Outcome::kNotApplied);
    }
    if (result->succeeded()) return {};
    const std::string said = last_words(result->standard_error + result->standard_output);
    return Error{ErrorCode::kFailedPrecondition, tried,
                 said.empty() ? fmt::format("{} exited with {}", program, result->exit_code) : said,
                 "correct what it says, then try again"};
}

std::vector<std::string> debian_command(const Server& server, const std::string& action) {
    const std::size_t slash = server.cluster.find('/');
    std::vector<std::string> command{"pg_ctlcluster"};
    if (action != "start") command.insert(command.end(), {"--mode", "fast"});
    command.insert(command.end(),
                   {server.cluster.substr(0, slash), server.cluster.substr(slash + 1), action});
    return command;
}

Status stop_plainly(const Server& server, Deadline deadline) {
    const std::string tried = "stopping " + name_of(server);
    const auto seconds = std::max(1, static_cast<int>(deadline.remaining().count()));
    const ProcessOptions process{.arguments = {(server.bin_directory / "pg_ctl").string(), "stop",
                                               "-D", server.data_directory.string(), "-m", "fast",
                                               "-w", "-t", std::to_string(seconds)},
                                 // Its answer is read below.
                                 .environment = {{"LC_ALL", "C"}},
                                 .run_as = server.owner};
    const auto result =
        run(process, Deadline::after(Seconds{static_cast<double>(seconds)} + kGrace));
    if (!result.ok() && result.error().code() != ErrorCode::kDeadlineExceeded)
        return Error(result.error()).with_context(tried);
    if (!running_pid(server.data_directory)) return {};
    if (result.ok() && result->standard_error.find("does not shut down") == std::string::npos)
        return Error{ErrorCode::kFailedPrecondition, tried, last_words(result->standard_error),
                     "run as its owner or as root"};
    return Error(ErrorCode::kDeadlineExceeded, tried, "it is still shutting down",
                 "it waits for a checkpoint, for archiving or for standbys: see its log")
        .with_outcome(Outcome::kUnknown);
}

std::optional<std::string> conf_load_time(const Server& server, Deadline deadline) {
    auto connection = connect(server, deadline);
    if (!connection.ok()) return std::nullopt;
    // As text at full precision: it is compared, never shown.
    const auto rows = connection->query("SELECT pg_conf_load_time()::text AS at", deadline);
    return rows.ok() ? std::optional(rows->text(0, "at")) : std::nullopt;
}

// The first mistake for which the server refuses its files as a whole; "" where it shows none.
std::string refused_line(const Server& server, Deadline deadline) {
    auto connection = connect(server, deadline);
    if (!connection.ok()) return "";
    const auto rows = connection->query(
        "SELECT format('%s line %s: %s', sourcefile, sourceline, error) AS mistake "
        "FROM pg_file_settings WHERE error IS NOT NULL ORDER BY seqno LIMIT 1",
        deadline);
    return rows.ok() && !rows->empty() ? rows->text(0, "mistake") : "";
}

Status send_reload(const Server& server, Deadline deadline) {
    const std::string tried = "reloading " + name_of(server);
    const auto pid =
        server.data_directory.empty() ? std::nullopt : running_pid(server.data_directory);
    if (pid && ::kill(*pid, SIGHUP) == 0) return {};
    if (!server.data_directory.empty() && !pid)
        return Error{ErrorCode::kFailedPrecondition, tried, "it does not run", "start it first"};
    auto connection = connect(server, deadline);
    if (!connection.ok()) return std::move(connection).with_context(tried).error();
    const auto sent = connection->query("SELECT pg_reload_conf()", deadline);
    if (!sent.ok() && sent.error().code() == ErrorCode::kPermissionDenied)
        return Error(sent.error())
            .with_context(tried)
            .with_advice(fmt::format("GRANT EXECUTE ON FUNCTION pg_reload_conf() TO {}",
                                     quoted_identifier(connection->user())));
    return sent.ok() ? Status() : Status(Error(sent.error()).with_context(tried));
}

Status wait_for_reload(const Server& server, const std::string& before, Deadline deadline) {
    const Deadline normally = Deadline::after(kReloadNormallySeen);
    int milliseconds = kShortestPauseMilliseconds;
    while (!deadline.expired()) {
        const auto now = conf_load_time(server, deadline);
        if (now && *now != before) return {};
        const std::string mistake =
            normally.expired() ? refused_line(server, deadline) : std::string();
        if (!mistake.empty())
            return Error{ErrorCode::kFailedPrecondition, "reloading " + name_of(server),
                         "it refused its configuration files: " + mistake,
                         "correct that line; until then the server keeps its old settings"};
        pause(milliseconds, deadline);
    }
    return Error(ErrorCode::kDeadlineExceeded, "reloading " + name_of(server),
                 "no new connection has seen the configuration being read again",
                 "look for 'parameter' and 'configuration file' in the server's log")
        .with_outcome(Outcome::kUnknown);
}

// Worth asking again: the server may come to answer by itself.
bool may_pass(const Error& error) {
    return error.sqlstate() == "57P03" || error.sqlstate() == "53300" ||
           (error.code() == ErrorCode::kUnavailable && error.sqlstate().empty());
}

}  // namespace

bool is_running(const Server& server) {
    if (!server.data_directory.empty()) return running_pid(server.data_directory).has_value();
    const auto connection = connect(server, Deadline::after(kAnswerPatience));
    return connection.ok() || !connection.error().sqlstate().empty() ||
           connection.error().code() == ErrorCode::kPermissionDenied;
}

Status start(const Server& server, Deadline deadline) {
    if (!can_control(server)) return out_of_reach(server, "starting");
    if (is_running(server)) return wait_until_ready(server, deadline);
    if (server.managed_by == ManagedBy::kDebian)
        HONE_TRY(run_manager(server, debian_command(server, "start"), "starting", deadline));
    else if (server.managed_by == ManagedBy::kSystemd)
        HONE_TRY(
            run_manager(server, {"systemctl", "start", server.service_unit}, "starting", deadline));
    else
        HONE_TRY(start_plainly(server, launch_of(server), deadline));
    return wait_until_ready(server, deadline);
}

Status stop(const Server& server, Deadline deadline) {
    if (!can_control(server)) return out_of_reach(server, "stopping");
    if (!is_running(server)) return {};
    if (server.managed_by == ManagedBy::kDebian)
        return run_manager(server, debian_command(server, "stop"), "stopping", deadline);
    if (server.managed_by == ManagedBy::kSystemd)
        return run_manager(server, {"systemctl", "stop", server.service_unit}, "stopping",
                           deadline);
    return stop_plainly(server, deadline);
}

Status restart(const Server& server, Deadline deadline) {
    if (!can_control(server)) return out_of_reach(server, "restarting");
    if (server.managed_by == ManagedBy::kDebian) {
        HONE_TRY(run_manager(server, debian_command(server, "restart"), "restarting", deadline));
    } else if (server.managed_by == ManagedBy::kSystemd) {
        HONE_TRY(run_manager(server, {"systemctl", "restart", server.service_unit}, "restarting",
                             deadline));
    } else {
        const Launch launch = launch_of(server);
        HONE_TRY(stop(server, deadline));
        HONE_TRY(start_plainly(server, launch, deadline));
    }
    return wait_until_ready(server, deadline);
}

Status reload(const Server& server, Deadline deadline) {
    const auto before =
        conf_load_time(server, deadline.earlier_of(Deadline::after(kAnswerPatience)));
    HONE_TRY(send_reload(server, deadline));
    // Without a connection nobody can see it; the signal has been sent.
    return before ? wait_for_reload(server, *before, deadline) : Status();
}

Status wait_until_ready(const Server& server, Deadline deadline) {
    int milliseconds = kShortestPauseMilliseconds;
    for (;;) {
        auto connection = connect(server, deadline);
        if (connection.ok()) {
            const auto answer = connection->query("SELECT 1", deadline);
            if (answer.ok()) return {};
            if (deadline.expired())
                return Error(answer.error()).with_context("waiting for the server");
        } else if (!may_pass(connection.error()) || deadline.expired()) {
            return Error(connection.error()).with_context("waiting for the server");
        }
        const bool gone = !server.data_directory.empty() && !running_pid(server.data_directory);
        if (gone)
            return Error{ErrorCode::kFailedPrecondition, "waiting for " + name_of(server),
                         "it does not run", "see its log"};
        pause(milliseconds, deadline);
    }
}

}  // namespace hone::postgres
