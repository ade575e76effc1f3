#include "support/private_cluster.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "base/hash.hpp"
#include "base/loopback.hpp"
#include "base/text.hpp"
#include "support/test_cache.hpp"

extern char** environ;

namespace hone::test {

namespace fs = std::filesystem;

namespace {

constexpr Seconds kPatience{60};

template <class T>
T require(Result<T> result, const std::string& doing) {
    if (!result.ok()) {
        std::cerr << "cannot go on: " << doing << ": " << result.error().message() << std::endl;
        std::abort();
    }
    return std::move(result).value();
}

Identity server_owner() {
    if (::geteuid() != 0) return current_identity();
    return require(identity_named("postgres"), "a user to run PostgreSQL as");
}

TemporaryFolder owned_folder(const Identity& owner) {
    TemporaryFolder folder =
        require(TemporaryFolder::create("/tmp", "hone-test-"), "a private folder");
    if (::chown(folder.path().c_str(), owner.user, owner.group) != 0 && ::geteuid() == 0)
        std::abort();
    return folder;
}

void must_run(const ProcessOptions& process) {
    const ProcessResult result =
        require(run(process, Deadline::after(kPatience)), process.arguments[0]);
    if (result.succeeded()) return;
    std::cerr << "cannot go on: " << process.arguments[0] << ": " << result.standard_output
              << result.standard_error << std::endl;
    std::abort();
}

// An ended process that nobody has collected does not run.
bool runs(int process) {
    const std::string text = read_file(fmt::format("/proc/{}/stat", process)).value_or("");
    const auto words = split_words(std::string_view(text).substr(text.rfind(')') + 1));
    return !words.empty() && words[0] != "Z" && words[0] != "X";
}

bool anybody_works_in(const fs::path& folder) {
    const auto names = list_folder("/proc").value_or(std::vector<std::string>{});
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        std::error_code hidden;
        return fs::read_symlink(fs::path("/proc") / name / "cwd", hidden) == folder;
    });
}

// The tests' own servers and programs must not meet what the caller's shell says about PostgreSQL
// and hone, nor the machine's own state folder, nor another language.
bool leave_the_callers_environment() {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::string name(text.substr(0, text.find('=')));
        const bool ours = name == "HONE_FULL" || name.starts_with("HONE_TEST_");
        if (name.starts_with("PG") || name.starts_with("LC_") || name == "LANGUAGE" ||
            (name.starts_with("HONE_") && !ours))
            names.push_back(name);
    }
    for (const std::string& name : names) ::unsetenv(name.c_str());
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::setenv("HONE_CONFIG_DIR", "/nonexistent", 1);
    ::setenv("HONE_STATE_DIR", (test_cache() / "state").c_str(), 1);
    return true;
}

[[maybe_unused]] const bool kAlone = leave_the_callers_environment();

void add_file(std::map<std::string, std::string>& prints, const fs::path& file) {
    struct stat facts{};
    if (::lstat(file.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return;
    const std::string content = read_file(file).value_or("unreadable");
    prints[file.string()] = fmt::format("{:o} {}:{} {}", facts.st_mode, facts.st_uid, facts.st_gid,
                                        sha256_hex(content));
}

}  // namespace

PrivateCluster::PrivateCluster(const ClusterOptions& options)
    : options_(options),
      owner_(server_owner()),
      folder_(owned_folder(owner_)),
      port_(require(free_loopback_port(), "a free port")) {
    must_run({.arguments = {(options.bin_directory / "initdb").string(), "-D",
                            data_directory().string(), "-U", "postgres", "-A", "trust", "--no-sync",
                            "--locale=C.UTF-8", "-E", "UTF8"},
              .run_as = owner_});
    if (options.separate_config) {
        must_run({.arguments = {"/bin/mkdir", "-p", (folder() / "etc/conf.d").string()},
                  .run_as = owner_});
        for (const char* name : {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"})
            must_run({.arguments = {"/bin/mv", (data_directory() / name).string(),
                                    (folder() / "etc").string()},
                      .run_as = owner_});
    }
    std::string config = require(read_file(config_file()), "postgresql.conf");
    config += fmt::format(
        "\nport = {}\nlisten_addresses = '{}'\nunix_socket_directories = '{}'\nfsync = on\n", port_,
        options.listen_on_loopback ? "127.0.0.1" : "", folder().string());
    if (options.separate_config)
        config += fmt::format(
            "data_directory = '{}'\nhba_file = '{}'\nident_file = '{}'\ninclude_dir = 'conf.d'\n",
            data_directory().string(), (config_folder() / "pg_hba.conf").string(),
            (config_folder() / "pg_ident.conf").string());
    for (const std::string& line : options.config_lines) config += line + "\n";
    require(replace_file(config_file(), config).ok() ? Result<bool>(true) : Result<bool>(false),
            "postgresql.conf");
    if (options.started) start();
}

PrivateCluster::~PrivateCluster() {
    if (const int process = pid(); process != 0) {
        ::kill(process, SIGQUIT);
        const Deadline deadline = Deadline::after(kPatience);
        while (running() && !deadline.expired()) ::usleep(5000);
    }
}

fs::path PrivateCluster::config_folder() const {
    return options_.separate_config ? folder() / "etc" : data_directory();
}

fs::path PrivateCluster::config_file() const {
    return config_folder() / "postgresql.conf";
}

std::string PrivateCluster::conninfo(const std::string& user, const std::string& database) const {
    return fmt::format("host={} port={} user={} dbname={}", folder().string(), port_, user,
                       database);
}

void PrivateCluster::pg_ctl(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{(options_.bin_directory / "pg_ctl").string(), "-D",
                                 config_folder().string(), "-w"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    must_run({.arguments = all, .run_as = owner_});
}

void PrivateCluster::start() {
    std::vector<std::string> arguments{"-l", (folder() / "server.log").string()};
    if (!options_.start_options.empty())
        arguments.insert(arguments.end(), {"-o", options_.start_options});
    arguments.emplace_back("start");
    pg_ctl(arguments);
}

void PrivateCluster::stop() {
    pg_ctl({"-m", "fast", "stop"});
}

void PrivateCluster::kill_hard() {
    const int process = pid();
    if (process == 0) return;
    ::kill(process, SIGKILL);
    const Deadline deadline = Deadline::after(kPatience);
    // Its children hold the shared memory until they notice, and its own number counts until the
    // first process has collected it.
    while ((::kill(process, 0) == 0 || anybody_works_in(data_directory())) && !deadline.expired())
        ::usleep(2000);
}

int PrivateCluster::pid() const {
    const auto content = read_file(data_directory() / "postmaster.pid");
    if (!content.ok()) return 0;
    const auto lines = split_lines(*content);
    const auto number = lines.empty() ? std::nullopt : parse_integer(lines[0]);
    if (!number || *number <= 0 || !runs(static_cast<int>(*number))) return 0;
    return static_cast<int>(*number);
}

bool PrivateCluster::running() const {
    return pid() != 0;
}

std::string PrivateCluster::sql(const std::string& statement, const std::string& database) {
    PGconn* connection = PQconnectdb(conninfo("postgres", database).c_str());
    PGresult* result = PQexec(connection, statement.c_str());
    const ExecStatusType status = PQresultStatus(result);
    std::string value;
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        ADD_FAILURE() << statement << ": " << PQerrorMessage(connection);
    else if (PQntuples(result) > 0)
        value = PQgetvalue(result, 0, 0);
    PQclear(result);
    PQfinish(connection);
    return value;
}

std::map<std::string, std::string> PrivateCluster::config_fingerprint() const {
    std::map<std::string, std::string> prints;
    for (const fs::path& folder : {data_directory(), config_folder(), config_folder() / "conf.d"}) {
        const auto names = list_folder(folder);
        if (!names.ok()) continue;
        for (const std::string& name : *names)
            if (name.ends_with(".conf") || name.starts_with(".hone"))
                add_file(prints, folder / name);
    }
    return prints;
}

}  // namespace hone::test
