#include "host/services.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/identity.hpp"

namespace hone::host {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostProcesses = 65536;
constexpr std::string_view kDebianPrograms = "/usr/lib/postgresql";
constexpr std::string_view kDebianConfig = "/etc/postgresql";

struct Process {
    int pid = 0;
    std::string name;  // comm
    std::vector<std::string> arguments;
    bool in_container = false;  // another one than ours, if we are in one
};

std::vector<std::string> arguments_of(const Tree& tree, const std::string& folder) {
    const auto content = tree.read(folder + "/cmdline");
    std::vector<std::string> arguments;
    for (const std::string_view argument : split(content ? *content : std::string_view{}, '\0'))
        arguments.emplace_back(argument);
    if (!arguments.empty() && arguments.back().empty()) arguments.pop_back();
    return arguments;
}

bool is_of_interest(std::string_view name) {
    return name == "postgres" || name == "postmaster" || name == "redis-server" ||
           name == "pgbouncer" || name == "valkey-server";
}

bool is_in_container(const Tree& tree, int pid) {
    const auto groups = tree.read(fmt::format("/proc/{}/cgroup", pid));
    const auto has = [&](std::string_view word) {
        return groups && groups->find(word) != std::string::npos;
    };
    if (!has("docker") && !has("kubepods") && !has("libpod") && !has("containerd") && !has("/lxc"))
        return false;
    // In the same container as we are, it is a process like any other.
    return tree.link(fmt::format("/proc/{}/ns/mnt", pid)) != tree.link("/proc/self/ns/mnt");
}

std::vector<Process> interesting_processes(const Tree& tree) {
    std::vector<Process> processes;
    std::size_t seen = 0;
    for (const std::string& entry : tree.list("/proc")) {
        const auto pid = parse_integer(entry);
        if (!pid || *pid <= 0 || ++seen > kMostProcesses) continue;
        const std::string folder = "/proc/" + entry;
        const auto name = tree.line(folder + "/comm");
        if (!name || !is_of_interest(*name)) continue;
        const int number = static_cast<int>(*pid);
        processes.push_back(
            {number, *name, arguments_of(tree, folder), is_in_container(tree, number)});
    }
    return processes;
}

// A value of a configuration file's "name = 'value'" line; the last one wins, as it does for the
// server.
std::optional<std::string> config_value(std::string_view content, std::string_view name) {
    std::optional<std::string> value;
    for (std::string_view line : split_lines(content)) {
        line = trim(line);
        if (!equal_ignoring_case(line.substr(0, name.size()), name)) continue;
        line.remove_prefix(name.size());
        if (line.empty() || std::string_view("= \t").find(line[0]) == std::string_view::npos)
            continue;  // a longer name
        line = trim(line);
        if (line.starts_with('=')) line = trim(line.substr(1));
        const bool quoted = line.starts_with('\'');
        if (quoted) line.remove_prefix(1);
        value = std::string(line.substr(0, line.find_first_of(quoted ? "'" : " \t#")));
    }
    return value;
}

std::string name_of_owner(const Tree& tree, const std::string& folder) {
    if (!tree.is_this_machine()) return "";
    const auto owner = owner_of(folder);
    return owner.ok() ? owner->name : "";
}

std::optional<int> as_port(const std::optional<std::string>& text) {
    const auto port = text ? parse_integer(*text) : std::nullopt;
    if (!port || *port < 1 || *port > 65535) return std::nullopt;
    return static_cast<int>(*port);
}

// One spelling for one folder: "/data/pg/" is "/data/pg", and so is a link to it.
std::string canonical_folder(const Tree& tree, const std::string& folder) {
    if (tree.is_this_machine()) {
        std::error_code error;
        const fs::path canonical = fs::canonical(folder, error);
        if (!error) return canonical.string();
    }
    const fs::path normal = fs::path(folder).lexically_normal();
    return (normal.has_filename() || !normal.has_relative_path() ? normal : normal.parent_path())
        .string();
}

// A file that says nothing of the port leaves the server's default.
std::optional<int> configured_port(std::string_view config) {
    constexpr int kDefaultPort = 5432;
    const auto value = config_value(config, "port");
    return value ? as_port(value) : kDefaultPort;
}

std::map<std::string, PostgresFacts> debian_clusters(const Tree& tree) {
    std::map<std::string, PostgresFacts> clusters;
    for (const std::string& version : tree.list(kDebianConfig))
        for (const std::string& name : tree.list(fmt::format("{}/{}", kDebianConfig, version))) {
            const std::string file =
                fmt::format("{}/{}/{}/postgresql.conf", kDebianConfig, version, name);
            const auto config = tree.read(file);
            if (!config) continue;
            PostgresFacts facts;
            facts.version = printable(version);
            facts.data_directory =
                config_value(*config, "data_directory")
                    .value_or(fmt::format("/var/lib/postgresql/{}/{}", version, name));
            facts.port = configured_port(*config);
            facts.managed_by = ManagedBy::kDebian;
            facts.cluster = printable(version + "/" + name);
            facts.bin_directory = fmt::format("{}/{}/bin", kDebianPrograms, version);
            if (!tree.exists(facts.bin_directory + "/postgres")) facts.bin_directory.clear();
            facts.config_file = file;
            facts.owner = name_of_owner(tree, facts.data_directory);
            facts.source = file;
            clusters[canonical_folder(tree, facts.data_directory)] = std::move(facts);
        }
    return clusters;
}

// A postmaster's data folder is its working folder; a child's is, too, but its parent is a postgres
// itself.
bool is_postmaster(const Tree& tree, const Process& process, const std::string& files) {
    const auto first_line = tree.integer(files + "/postmaster.pid");
    // In a container the file has the number that the process has inside.
    if (first_line && !process.in_container) return *first_line == process.pid;
    // Its files may be out of our reach: the postmaster is the one whose command line is a
    // program's, not "postgres: ...".
    return !process.arguments.empty() && process.arguments[0].find(": ") == std::string::npos &&
           !process.arguments[0].ends_with(':');
}

bool is_patroni(const Tree& tree, const std::string& data_directory) {
    return tree.exists(data_directory + "/patroni.dynamic.json");
}

std::optional<std::string> service_unit(const Tree& tree, int pid) {
    const auto groups = tree.read(fmt::format("/proc/{}/cgroup", pid));
    for (const std::string_view line : split_lines(groups ? *groups : std::string_view{})) {
        if (!line.ends_with(".service")) continue;
        return std::string(line.substr(line.rfind('/') + 1));
    }
    return std::nullopt;
}

ManagedBy manager_of(const Tree& tree, const Process& process, const std::string& files,
                     bool known_to_debian) {
    const auto unit = service_unit(tree, process.pid);
    if (is_patroni(tree, files) || (unit && unit->starts_with("patroni")))
        return ManagedBy::kPatroni;
    if (process.in_container) return ManagedBy::kContainer;
    if (known_to_debian) return ManagedBy::kDebian;
    return unit ? ManagedBy::kSystemd : ManagedBy::kPlain;
}

// "postgres (PostgreSQL) 15.20" cannot be asked for cheaply; the folder's PG_VERSION has the major.
std::string version_of(const Tree& tree, const std::string& data_directory,
                       const std::string& program) {
    if (const auto version = tree.line(data_directory + "/PG_VERSION")) return printable(*version);
    const auto parts = split(program, '/');
    for (const std::string_view part : parts)
        if (const auto number = parse_integer(part); number && *number >= 9 && *number < 100)
            return std::string(part);
    return "";
}

// "-D folder", "-Dfolder"; "" where the command line names none.
std::string folder_in_arguments(const Process& process) {
    for (std::size_t at = 1; at < process.arguments.size(); ++at) {
        const std::string& argument = process.arguments[at];
        if (argument == "-D" && at + 1 < process.arguments.size()) return process.arguments[at + 1];
        if (argument.starts_with("-D")) return argument.substr(2);
    }
    return "";
}

// The fourth line of postmaster.pid is the port that the server took.
std::optional<int> running_port(const Tree& tree, const std::string& files) {
    const auto content = tree.read(files + "/postmaster.pid");
    const auto lines = split_lines(content ? *content : std::string_view{});
    return lines.size() > 3 ? as_port(std::string(trim(lines[3]))) : std::nullopt;
}

// `files`: where its data folder is, seen from here.
PostgresFacts describe_running(const Tree& tree, const Process& process,
                               const std::string& data_directory, const std::string& files) {
    const std::string folder = fmt::format("/proc/{}", process.pid);
    const std::string program =
        tree.link(folder + "/exe").value_or(process.arguments.empty() ? "" : process.arguments[0]);
    PostgresFacts facts;
    facts.data_directory = data_directory;
    facts.version = version_of(tree, files, program);
    facts.bin_directory =
        program.find('/') == std::string::npos ? "" : fs::path(program).parent_path().string();
    facts.owner = name_of_owner(tree, files);
    facts.source = folder;
    if (tree.exists(files + "/postgresql.conf"))
        facts.config_file = data_directory + "/postgresql.conf";
    return facts;
}

void add_running(const Tree& tree, const Process& process,
                 std::map<std::string, PostgresFacts>& clusters) {
    const std::string folder = fmt::format("/proc/{}", process.pid);
    std::string data_directory = tree.link(folder + "/cwd").value_or("");
    if (data_directory.empty()) data_directory = folder_in_arguments(process);
    if (data_directory.empty()) return;
    const std::string files =
        process.in_container ? folder + "/root" + data_directory : data_directory;
    if (!is_postmaster(tree, process, files)) return;
    // Two containers may both call their folder /var/lib/postgresql/data.
    const std::string key = process.in_container ? files : canonical_folder(tree, data_directory);
    const bool known = clusters.contains(key);
    if (!known) clusters[key] = describe_running(tree, process, data_directory, files);
    PostgresFacts& facts = clusters[key];
    facts.managed_by = manager_of(tree, process, files, known);
    facts.pid = process.pid;
    if (const auto port = running_port(tree, files)) facts.port = port;
}

std::vector<PostgresInstallation> installations(const Tree& tree) {
    std::vector<PostgresInstallation> found;
    for (const std::string& version : tree.list(kDebianPrograms)) {
        const std::string folder = fmt::format("{}/{}/bin", kDebianPrograms, version);
        if (tree.exists(folder + "/postgres")) found.push_back({printable(version), folder});
    }
    return found;
}

}  // namespace

void read_services(const Tree& tree, Host& host) {
    host.postgres_installations = installations(tree);
    std::map<std::string, PostgresFacts> clusters = debian_clusters(tree);
    for (const Process& process : interesting_processes(tree)) {
        if (process.name == "postgres" || process.name == "postmaster") {
            add_running(tree, process, clusters);
            continue;
        }
        host.services.push_back(
            {.name = process.name == "pgbouncer" ? "pgbouncer" : "redis",
             .pid = process.pid,
             .program = tree.link(fmt::format("/proc/{}/exe", process.pid)).value_or(process.name),
             .source = fmt::format("/proc/{}", process.pid)});
    }
    for (auto& [data_directory, facts] : clusters) host.postgres.push_back(std::move(facts));
}

}  // namespace hone::host
