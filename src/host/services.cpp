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

std::vector<Process> interesting_processes(const Tree& tree) {
    std::vector<Process> processes;
    std::size_t seen = 0;
    for (const std::string& entry : tree.list("/proc")) {
        const auto pid = parse_integer(entry);
        if (!pid || *pid <= 0 || ++seen > kMostProcesses) continue;
        const std::string folder = "/proc/" + entry;
        const auto name = tree.line(folder + "/comm");
        if (name && is_of_interest(*name))
            processes.push_back({static_cast<int>(*pid), *name, arguments_of(tree, folder)});
    }
    return processes;
}

// A value of a configuration file's "name = 'value'" line; the last one wins, as it does for the
// server.
std::optional<std::string> config_value(std::string_view content, std::string_view name) {
    std::optional<std::string> value;
    for (std::string_view line : split_lines(content)) {
        line = trim(line);
        if (!line.starts_with(name)) continue;
        line = trim(line.substr(name.size()));
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
            facts.port = as_port(config_value(*config, "port"));
            facts.managed_by = ManagedBy::kDebian;
            facts.cluster = printable(version + "/" + name);
            facts.bin_directory = fmt::format("{}/{}/bin", kDebianPrograms, version);
            if (!tree.exists(facts.bin_directory + "/postgres")) facts.bin_directory.clear();
            facts.config_file = file;
            facts.owner = name_of_owner(tree, facts.data_directory);
            facts.source = file;
            clusters[facts.data_directory] = std::move(facts);
        }
    return clusters;
}

// A postmaster's data folder is its working folder; a child's is, too, but its parent is a postgres
// itself.
bool is_postmaster(const Tree& tree, const Process& process, const std::string& data_directory) {
    const auto first_line = tree.integer(data_directory + "/postmaster.pid");
    if (first_line) return *first_line == process.pid;
    // Its files may be out of our reach: the postmaster is the one whose command line is a
    // program's, not "postgres: ...".
    return !process.arguments.empty() && process.arguments[0].find(':') == std::string::npos;
}

bool is_in_container(const Tree& tree, const Process& process) {
    const auto groups = tree.read(fmt::format("/proc/{}/cgroup", process.pid));
    const auto has = [&](std::string_view word) {
        return groups && groups->find(word) != std::string::npos;
    };
    if (!has("docker") && !has("kubepods") && !has("libpod") && !has("containerd") && !has("/lxc"))
        return false;
    // In the same container as we are, it is a process like any other.
    return tree.link(fmt::format("/proc/{}/ns/mnt", process.pid)) != tree.link("/proc/self/ns/mnt");
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

ManagedBy manager_of(const Tree& tree, const Process& process, const std::string& data_directory,
                     bool known_to_debian) {
    if (is_patroni(tree, data_directory)) return ManagedBy::kPatroni;
    if (is_in_container(tree, process)) return ManagedBy::kContainer;
    if (known_to_debian) return ManagedBy::kDebian;
    return service_unit(tree, process.pid) ? ManagedBy::kSystemd : ManagedBy::kPlain;
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

void add_running(const Tree& tree, const Process& process,
                 std::map<std::string, PostgresFacts>& clusters) {
    const std::string folder = fmt::format("/proc/{}", process.pid);
    const auto working_folder = tree.link(folder + "/cwd");
    std::string data_directory = working_folder.value_or("");
    for (std::size_t at = 0; at + 1 < process.arguments.size() && data_directory.empty(); ++at)
        if (process.arguments[at] == "-D") data_directory = process.arguments[at + 1];
    if (data_directory.empty() || !is_postmaster(tree, process, data_directory)) return;
    const bool known = clusters.contains(data_directory);
    PostgresFacts& facts = clusters[data_directory];
    const std::string program =
        tree.link(folder + "/exe").value_or(process.arguments.empty() ? "" : process.arguments[0]);
    facts.managed_by = manager_of(tree, process, data_directory, known);
    facts.pid = process.pid;
    if (known) return;
    facts.data_directory = printable(data_directory, 4096);
    facts.version = version_of(tree, data_directory, program);
    facts.bin_directory =
        program.find('/') == std::string::npos ? "" : fs::path(program).parent_path().string();
    facts.owner = name_of_owner(tree, data_directory);
    facts.source = folder;
    const auto lines_text = tree.read(data_directory + "/postmaster.pid");
    const auto lines = split_lines(lines_text ? *lines_text : std::string_view{});
    if (lines.size() > 3) facts.port = as_port(std::string(lines[3]));
    if (tree.exists(data_directory + "/postgresql.conf"))
        facts.config_file = data_directory + "/postgresql.conf";
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
