#include "prove/compare/usage.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

constexpr Seconds kQueryPatience{10};
// A backend is gone within milliseconds of its client; one that is not is not a client's.
constexpr Seconds kBackendPatience{2};
// How often a sum is read again because a child ended in the middle of it.
constexpr int kMostReadings = 10;
// Statistics in shared memory, instead of a collector's file.
constexpr int kFirstWithFreshStatistics = 150000;

std::optional<ProcessTimes> times_of(const fs::path& proc, pid_t pid) {
    const auto stat = read_file(proc / std::to_string(pid) / "stat");
    if (!stat.ok()) return std::nullopt;
    return times_from_stat(*stat, ::sysconf(_SC_CLK_TCK));
}

// A backend calls itself "postgres: USER DATABASE [local] ..." when its client came by socket.
bool serves_a_client(const fs::path& proc, pid_t pid) {
    const auto title = read_file(proc / std::to_string(pid) / "cmdline");
    return title.ok() && title->find(" [local]") != std::string::npos;
}

void wait_until_ended(pid_t pid, Deadline deadline) {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (handle < 0) return;
    pollfd ending{handle, POLLIN, 0};
    ::poll(&ending, 1, deadline.remaining_milliseconds());
    ::close(handle);
}

void wait_for_clients_to_leave(pid_t postmaster, pid_t except, Deadline deadline) {
    for (const pid_t child : children_of("/proc", postmaster))
        if (child != except && serves_a_client("/proc", child)) wait_until_ended(child, deadline);
}

Error server_is_gone(pid_t postmaster) {
    return {ErrorCode::kFailedPrecondition,
            fmt::format("reading the CPU time of the server with pid {}", postmaster),
            "it is not running any more"};
}

}  // namespace

std::optional<ProcessTimes> times_from_stat(std::string_view stat, long ticks_per_second) {
    // The program's name stands in parentheses and may itself hold spaces and parentheses.
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string_view::npos) return std::nullopt;
    const auto fields = split_words(trim(stat.substr(name_end + 1)));
    // Field 3 of proc(5) is the first here.
    constexpr std::size_t kParent = 4 - 3;
    constexpr std::size_t kUserTime = 14 - 3;
    std::vector<double> ticks;
    for (std::size_t at = kUserTime; at < kUserTime + 4; ++at) {
        const auto value = at < fields.size() ? parse_number(fields[at]) : std::nullopt;
        if (!value) return std::nullopt;
        ticks.push_back(*value / static_cast<double>(ticks_per_second));
    }
    const auto parent = parse_integer(fields[kParent]);
    if (!parent) return std::nullopt;
    return ProcessTimes{static_cast<pid_t>(*parent), ticks[0] + ticks[1], ticks[2] + ticks[3]};
}

std::vector<pid_t> children_of(const fs::path& proc, pid_t parent) {
    std::vector<pid_t> children;
    const auto names = list_folder(proc);
    if (!names.ok()) return children;
    for (const std::string& name : *names) {
        const auto pid = parse_integer(name);
        if (!pid) continue;
        const auto times = times_of(proc, static_cast<pid_t>(*pid));
        if (times && times->parent == parent) children.push_back(static_cast<pid_t>(*pid));
    }
    return children;
}

Result<double> cpu_seconds_of_server(const fs::path& proc, pid_t postmaster) {
    double sum = 0;
    for (int reading = 0; reading < kMostReadings; ++reading) {
        const auto before = times_of(proc, postmaster);
        if (!before) return server_is_gone(postmaster);
        sum = before->own_seconds + before->reaped_children_seconds;
        for (const pid_t child : children_of(proc, postmaster))
            if (const auto times = times_of(proc, child))
                sum += times->own_seconds + times->reaped_children_seconds;
        const auto after = times_of(proc, postmaster);
        if (!after) return server_is_gone(postmaster);
        if (after->reaped_children_seconds == before->reaped_children_seconds) break;
    }
    return sum;
}

Result<Usage> read_usage(pid_t postmaster, postgres::Connection& connection, Deadline deadline,
                         ClientsBetweenSlices clients) {
    if (clients == ClientsBetweenSlices::kLeave)
        wait_for_clients_to_leave(postmaster, connection.backend_pid(),
                                  deadline.earlier_of(Deadline::after(kBackendPatience)));
    Usage usage;
    HONE_TRY_ASSIGN(usage.cpu_seconds, cpu_seconds_of_server("/proc", postmaster));
    HONE_TRY_ASSIGN(
        const auto rows,
        connection.query("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS wal, "
                         "blks_hit AS hit, blks_read AS read "
                         "FROM pg_stat_database WHERE datname = current_database()",
                         deadline.earlier_of(Deadline::after(kQueryPatience))));
    const auto number = [&rows](std::string_view column) {
        return rows.empty() ? 0 : parse_number(rows.text(0, column)).value_or(0);
    };
    usage.wal_bytes = number("wal");
    if (connection.server_version() < kFirstWithFreshStatistics) return usage;
    usage.buffers_hit = number("hit");
    usage.buffers_read = number("read");
    return usage;
}

}  // namespace hone::prove
