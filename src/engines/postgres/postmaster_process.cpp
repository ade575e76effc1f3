#include "engines/postgres/postmaster_process.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/process.hpp"
#include "base/text.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

constexpr Seconds kSystemctlPatience{5};

fs::path process_folder(int pid) {
    return fs::path("/proc") / std::to_string(pid);
}

std::string process_text(int pid, const char* name) {
    return read_file(process_folder(pid) / name).value_or("");
}

// The words of /proc/PID/stat after the name in brackets, which may hold anything: the state, the
// parent, and others.
std::vector<std::string> status_words(int pid) {
    const std::string text = process_text(pid, "stat");
    const std::size_t bracket = text.rfind(')');
    std::vector<std::string> words;
    if (bracket != std::string::npos)
        for (const std::string_view word : split_words(std::string_view(text).substr(bracket + 1)))
            words.emplace_back(word);
    return words;
}

// Where the first process does not collect the ended ones (some containers), a dead server keeps
// its entry for ever.
bool has_ended(int pid) {
    const auto words = status_words(pid);
    return words.empty() || words[0] == "Z" || words[0] == "X";
}

bool is_postgres_program(int pid) {
    const std::string name(trim(process_text(pid, "comm")));
    return (name == "postgres" || name == "postmaster") && !has_ended(pid);
}

// The server's children work in its folder, too, and outlive a killed one for a moment; they call
// themselves "postgres: checkpointer" and the like.
bool is_child_of_postmaster(int pid) {
    return process_text(pid, "cmdline").starts_with("postgres: ");
}

bool same_folder(const fs::path& a, const fs::path& b) {
    struct stat first{};
    struct stat second{};
    return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

int parent_of(int pid) {
    const auto words = status_words(pid);
    return words.size() < 2 ? 0 : static_cast<int>(parse_integer(words[1]).value_or(0));
}

std::string link_target(int pid, const char* name) {
    std::error_code error;
    return fs::read_symlink(process_folder(pid) / name, error).string();
}

// A mount namespace of its own proves nothing: systemd's PrivateTmp gives one, too.
bool in_other_pid_namespace(int pid) {
    const std::string theirs = link_target(pid, "ns/pid");
    return !theirs.empty() && theirs != link_target(static_cast<int>(::getpid()), "ns/pid");
}

bool runs_in_container(int pid) {
    if (pid == 1 || in_other_pid_namespace(pid)) return true;
    const std::string own = process_text(static_cast<int>(::getpid()), "cgroup");
    return is_container_cgroup(process_text(pid, "cgroup")) && !is_container_cgroup(own);
}

bool is_child_of_patroni(int pid) {
    std::string command = process_text(parent_of(pid), "cmdline");
    for (char& c : command)
        if (c == '\0') c = ' ';
    for (const std::string_view word : split_words(command))
        if (fs::path(word).filename().string().starts_with("patroni")) return true;
    return false;
}

// A server that somebody started by hand from within a service is in that service's control group,
// but systemd does not look after it: the unit's main process tells.
bool is_main_process_of(int pid, const std::string& unit) {
    const auto shown = run({.arguments = {"systemctl", "show", "--property=MainPID", unit}},
                           Deadline::after(kSystemctlPatience));
    return shown.ok() && shown->succeeded() &&
           trim(shown->standard_output) == "MainPID=" + std::to_string(pid);
}

std::string unit_of(int pid) {
    if (!file_exists("/run/systemd/system")) return "";
    const std::string unit = service_unit_in(process_text(pid, "cgroup"));
    return !unit.empty() && is_main_process_of(pid, unit) ? unit : "";
}

}  // namespace

bool is_postmaster_of(int pid, const fs::path& data_directory) {
    if (!is_postgres_program(pid)) return false;
    const fs::path working_folder = process_folder(pid) / "cwd";
    std::error_code hidden;
    static_cast<void>(fs::read_symlink(working_folder, hidden));
    // Another user's folder is not shown; then its name and the pid file must do.
    return hidden || same_folder(working_folder, data_directory);
}

std::optional<int> find_postmaster_of(const fs::path& data_directory) {
    const auto names = list_folder("/proc");
    if (!names.ok()) return std::nullopt;
    for (const std::string& name : *names) {
        const auto pid = parse_integer(name);
        if (!pid || !is_postgres_program(static_cast<int>(*pid))) continue;
        const int candidate = static_cast<int>(*pid);
        if (same_folder(process_folder(candidate) / "cwd", data_directory) &&
            !is_child_of_postmaster(candidate))
            return candidate;
    }
    return std::nullopt;
}

bool is_backend_of(int pid, int postmaster) {
    return pid > 0 && is_postgres_program(pid) && parent_of(pid) == postmaster;
}

Manager find_manager(const fs::path& data_directory, std::optional<int> pid) {
    if (file_exists(data_directory / "patroni.dynamic.json") || (pid && is_child_of_patroni(*pid)))
        return {.managed_by = ManagedBy::kPatroni, .service_unit = {}};
    if (!pid) return {};
    if (runs_in_container(*pid)) return {.managed_by = ManagedBy::kContainer, .service_unit = {}};
    std::string unit = unit_of(*pid);
    if (unit.empty()) return {};
    return {.managed_by = ManagedBy::kSystemd, .service_unit = std::move(unit)};
}

std::string service_unit_in(std::string_view cgroup_file) {
    for (const std::string_view line : split_lines(cgroup_file)) {
        const std::string_view unit = line.substr(line.rfind('/') + 1);
        if (unit.ends_with(".service")) return std::string(unit);
    }
    return "";
}

bool is_container_cgroup(std::string_view cgroup_file) {
    static constexpr std::array<std::string_view, 6> kMarks{
        "/docker", "docker-", "/kubepods", "libpod-", "cri-containerd", "/lxc"};
    for (const std::string_view mark : kMarks)
        if (cgroup_file.find(mark) != std::string_view::npos) return true;
    return false;
}

}  // namespace hone::postgres
