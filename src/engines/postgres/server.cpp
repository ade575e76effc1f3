#include "engines/postgres/server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engines/postgres/data_folder.hpp"
#include "engines/postgres/launch.hpp"
#include "engines/postgres/postmaster_process.hpp"
#include "engines/postgres/scratch.hpp"
#include "engines/postgres/server_files.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

constexpr Seconds kVersionPatience{10};
constexpr int kDefaultPort = 5432;
constexpr const char* kDebianBinaries = "/usr/lib/postgresql";
constexpr const char* kDebianSockets = "/var/run/postgresql";

bool has_server_program(const fs::path& folder) {
    return ::access((folder / "postgres").c_str(), X_OK) == 0;
}

bool is_version(const fs::path& bin_directory, int version) {
    const auto text = version_of_binary(bin_directory);
    if (!text.ok()) return false;
    const auto major = major_version_of(*text);
    return major.ok() && *major == version;
}

fs::path program_folder_of(std::optional<int> pid) {
    if (!pid) return {};
    std::error_code error;
    const fs::path program =
        fs::read_symlink(fs::path("/proc") / std::to_string(*pid) / "exe", error);
    return error ? fs::path() : program.parent_path();
}

Result<fs::path> find_bin_directory(const fs::path& wanted, int version, std::optional<int> pid,
                                    const std::vector<std::string>& start_command) {
    const std::string tried = fmt::format("looking for the programs of PostgreSQL {}", version);
    if (!wanted.empty()) {
        if (has_server_program(wanted) && is_version(wanted, version)) return wanted;
        return Error{ErrorCode::kNotFound, tried,
                     fmt::format("'{}' holds no postgres of that version", wanted.string()),
                     "name the folder of the server's own programs with --bin-dir"};
    }
    std::vector<fs::path> candidates{program_folder_of(pid)};
    if (!start_command.empty()) candidates.push_back(fs::path(start_command.front()).parent_path());
    for (fs::path& folder : installed_bin_directories()) candidates.push_back(std::move(folder));
    for (const fs::path& folder : candidates)
        if (!folder.empty() && has_server_program(folder) && is_version(folder, version))
            return folder;
    return Error{
        ErrorCode::kNotFound, tried, "none of the installed ones is of that version",
        fmt::format("install postgresql-{}, or name their folder with --bin-dir", version)};
}

Status check_version(int version) {
    if (version >= kOldestVersion && version <= kNewestVersion) return {};
    return Error{ErrorCode::kUnsupported, "reading the server's version",
                 fmt::format("it is PostgreSQL {}", version),
                 fmt::format("hone knows PostgreSQL {} to {}", kOldestVersion, kNewestVersion)};
}

// Inside a connection string: quoted, so that any folder name can stand there.
std::string conninfo_value(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

// The first of "a, b" or "'a', b".
std::string first_of_list(std::string_view list) {
    std::string_view first = trim(split(list, ',').front());
    if (first.size() >= 2 && first.front() == '"') first = first.substr(1, first.size() - 2);
    return std::string(first);
}

void fill_address_from_files(Server& server, const ServerFiles& files) {
    ConfigTree tree;
    if (auto read = read_config_tree(server.config_file, server.auto_config_file); read.ok())
        tree = std::move(read).value();
    const auto port = parse_integer(configured_value(files, tree, "port").value_or(""));
    server.port = static_cast<int>(port.value_or(kDefaultPort));
    const bool debian_build = server.bin_directory.string().starts_with(kDebianBinaries);
    const std::string folders = configured_value(files, tree, "unix_socket_directories")
                                    .value_or(debian_build ? kDebianSockets : "/tmp");
    server.socket_directory = first_of_list(folders);
}

std::string host_of(const Server& server, const PostmasterFile* running) {
    if (!server.socket_directory.empty()) return server.socket_directory.string();
    if (running == nullptr || running->listen_address.empty() || running->listen_address == "*")
        return "localhost";
    return running->listen_address;
}

void fill_address(Server& server, const ServerFiles& files, bool is_running) {
    const auto running = read_postmaster_file(server.data_directory);
    if (is_running && running && running->port) {
        server.port = running->port;
        server.socket_directory = running->socket_directory;
    } else {
        fill_address_from_files(server, files);
    }
    server.conninfo =
        fmt::format("host={} port={} dbname=postgres",
                    conninfo_value(host_of(server, running ? &*running : nullptr)), *server.port);
    if (std::getenv("PGUSER") == nullptr && !server.owner.name.empty())
        server.conninfo += " user=" + conninfo_value(server.owner.name);
}

}  // namespace

bool Server::files_in_reach() const {
    return !config_file.empty() && managed_by != ManagedBy::kPatroni &&
           managed_by != ManagedBy::kContainer;
}

std::optional<int> running_pid(const fs::path& data_directory) {
    const auto file = read_postmaster_file(data_directory);
    if (!file) return std::nullopt;
    if (is_postmaster_of(file->pid, data_directory)) return file->pid;
    return find_postmaster_of(data_directory);
}

Result<Server> locate_by_data_directory(const fs::path& data_directory,
                                        const fs::path& bin_directory) {
    HONE_TRY_ASSIGN(ServerFiles files, find_server_files(data_directory));
    Server server;
    server.data_directory = files.data_directory;
    server.config_file = files.config_file;
    server.auto_config_file = files.data_directory / "postgresql.auto.conf";
    server.cluster = files.cluster;
    HONE_TRY_ASSIGN(server.version, read_data_version(server.data_directory));
    HONE_TRY(check_version(server.version));
    HONE_TRY_ASSIGN(server.system_identifier, read_system_identifier(server.data_directory));
    HONE_TRY_ASSIGN(server.owner, owner_of(server.data_directory));
    const std::optional<int> pid = running_pid(server.data_directory);
    HONE_TRY_ASSIGN(server.bin_directory,
                    find_bin_directory(bin_directory, server.version, pid, files.start_command));
    HONE_TRY_ASSIGN(server.version_text, version_of_binary(server.bin_directory));
    Manager manager = find_manager(server.data_directory, pid);
    server.managed_by = manager.managed_by;
    server.service_unit = std::move(manager.service_unit);
    const bool theirs =
        server.managed_by == ManagedBy::kPatroni || server.managed_by == ManagedBy::kContainer;
    if (!server.cluster.empty() && !theirs) server.managed_by = ManagedBy::kDebian;
    if (!files.start_command.empty())
        server.start_options.assign(files.start_command.begin() + 1, files.start_command.end());
    if (pid) server.launch = launch_of_process(server.data_directory, *pid);
    fill_address(server, files, pid.has_value());
    return server;
}

Result<std::string> version_of_binary(const fs::path& bin_directory) {
    const fs::path program = bin_directory / "postgres";
    // Whoever owns a data folder names the programs in it: root never runs them as root.
    HONE_TRY_ASSIGN(const Identity owner, scratch_owner());
    HONE_TRY_ASSIGN(const ProcessResult result,
                    run({.arguments = {program.string(), "--version"}, .run_as = owner},
                        Deadline::after(kVersionPatience)));
    constexpr std::string_view kHead = "postgres (PostgreSQL) ";
    const std::string_view text = trim(result.standard_output);
    if (!result.succeeded() || !text.starts_with(kHead))
        return Error{ErrorCode::kNotFound, "asking '" + program.string() + "' for its version",
                     printable(trim(result.standard_output + result.standard_error)),
                     "name a folder that holds PostgreSQL's programs"};
    return std::string(text.substr(kHead.size()));
}

Result<int> major_version_of(std::string_view version_text) {
    const std::size_t end = version_text.find_first_not_of("0123456789");
    const auto major = parse_integer(version_text.substr(0, end));
    if (!major || *major > 1000)
        return Error{ErrorCode::kUnsupported,
                     "reading the version '" + printable(version_text, 40) + "'",
                     "it does not begin with a number"};
    return static_cast<int>(*major);
}

std::vector<fs::path> installed_bin_directories() {
    std::vector<fs::path> found;
    const auto add = [&](const fs::path& folder) {
        if (has_server_program(folder) &&
            std::find(found.begin(), found.end(), folder) == found.end())
            found.push_back(folder);
    };
    for (const std::string& version :
         list_folder(kDebianBinaries).value_or(std::vector<std::string>{}))
        add(fs::path(kDebianBinaries) / version / "bin");
    const char* path = std::getenv("PATH");
    for (const std::string_view folder : split(path == nullptr ? "" : path, ':'))
        if (!folder.empty()) add(fs::path(folder));
    return found;
}

Result<fs::path> newest_bin_directory() {
    const auto installed = installed_bin_directories();
    std::optional<fs::path> newest;
    int newest_version = 0;
    for (const fs::path& folder : installed) {
        const auto text = version_of_binary(folder);
        const auto version = text.ok() ? major_version_of(*text) : Result<int>(0);
        if (!version.ok() || *version <= newest_version || *version > kNewestVersion) continue;
        newest = folder;
        newest_version = *version;
    }
    if (newest && newest_version >= kOldestVersion) return *newest;
    return Error{ErrorCode::kNotFound, "looking for PostgreSQL",
                 "no installation of version 14 to 18 was found",
                 "install postgresql-15, or name its programs with --bin-dir"};
}

Result<Connection> connect(const Server& server, Deadline deadline) {
    auto connection = Connection::open(server.conninfo, deadline, server.owner);
    // The superuser's name is whatever initdb was told; "postgres" is what most were told.
    const bool unknown_role = !connection.ok() && connection.error().sqlstate() == "28000";
    const bool made_here = !server.owner.name.empty() &&
                           server.conninfo.ends_with(" user=" + conninfo_value(server.owner.name));
    if (unknown_role && made_here && server.owner.name != "postgres")
        if (auto retried =
                Connection::open(server.conninfo + " user='postgres'", deadline, server.owner);
            retried.ok())
            return retried;
    return connection;
}

}  // namespace hone::postgres
