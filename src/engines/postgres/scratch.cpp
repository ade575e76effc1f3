#include "engines/postgres/scratch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/descriptor.hpp"
#include "base/loopback.hpp"
#include "base/text.hpp"
#include "engines/postgres/data_copy.hpp"
#include "engines/postgres/data_folder.hpp"
#include "engines/postgres/skeleton.hpp"

namespace hone::postgres {

namespace {

namespace fs = std::filesystem;

constexpr int kSocketPort = 5432;  // only a name: the socket is in a folder of its own
constexpr Bytes kKeptLog = Bytes::mega(1);
constexpr Seconds kImmediateShutdownPatience{5};
// inotify wakes us; this bounds the wait where the kernel has no watch left to give.
constexpr int kLongestNapMilliseconds = 50;

Status hand_over(const fs::path& path, const Identity& owner) {
    if (::geteuid() != 0 || owner.user == 0) return {};
    if (::chown(path.c_str(), owner.user, owner.group) != 0)
        return error_from_errno(errno, "handing '" + path.string() + "' over to " + owner.name);
    return {};
}

// The outer folder stays ours and can only be passed through: what we write in it as root, the
// owner cannot redirect with a link.
Result<TemporaryFolder> make_outer_folder(const fs::path& parent) {
    HONE_TRY_ASSIGN(TemporaryFolder folder, TemporaryFolder::create(parent, "hone-"));
    if (::geteuid() == 0 && ::chmod(folder.path().c_str(), 0711) != 0)
        return error_from_errno(errno, "opening '" + folder.path().string() + "'");
    const fs::path longest = folder.path() / "s" / ".s.PGSQL.65535.lock";
    if (longest.string().size() >= sizeof(sockaddr_un::sun_path))
        return Error{ErrorCode::kInvalidArgument,
                     "making a scratch server in '" + parent.string() + "'",
                     "the path is too long for a socket", "use a folder with a shorter name"};
    return folder;
}

Status make_socket_folder(const fs::path& folder, const Identity& owner) {
    if (::mkdir(folder.c_str(), 0700) != 0)
        return error_from_errno(errno, "making the folder '" + folder.string() + "'");
    return hand_over(folder, owner);
}

std::string host_based_authentication(bool listen_on_loopback) {
    std::string lines = "local all all trust\nlocal replication all trust\n";
    if (listen_on_loopback) lines += "host all all 127.0.0.1/32 scram-sha-256\n";
    return lines;
}

// The end of a file that may have grown beyond what anybody wants to read.
std::string tail_of(const fs::path& path, Bytes limit, off_t from) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) return {};
    off_t at = std::max<off_t>(from, facts.st_size - static_cast<off_t>(limit.count()));
    std::string text(static_cast<std::size_t>(std::max<off_t>(0, facts.st_size - at)), '\0');
    const ssize_t got = ::pread(file.number(), text.data(), text.size(), at);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    return text;
}

off_t size_of(const fs::path& path) {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0 ? facts.st_size : 0;
}

bool is_ready(const fs::path& data_directory) {
    const auto facts = read_postmaster_file(data_directory);
    return facts && (facts->status == "ready" || facts->status == "standby");
}

void drain_events(int watch) {
    std::array<char, 16384> events;
    while (::read(watch, events.data(), events.size()) > 0) {
    }
}

// True when the server accepts connections, false when it has ended or the deadline has come.
bool wait_until_ready(BackgroundProcess& process, const fs::path& data_directory,
                      Deadline deadline) {
    const Descriptor watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    ::inotify_add_watch(watch.number(), data_directory.c_str(), IN_MODIFY | IN_CREATE);
    const Descriptor ending(static_cast<int>(::syscall(SYS_pidfd_open, process.pid(), 0)));
    while (process.running()) {
        if (is_ready(data_directory)) return true;
        if (deadline.expired()) return false;
        std::array<pollfd, 2> waits{{{watch.number(), POLLIN, 0}, {ending.number(), POLLIN, 0}}};
        ::poll(waits.data(), waits.size(),
               std::min(deadline.remaining_milliseconds(), kLongestNapMilliseconds));
        drain_events(watch.number());
    }
    return false;
}

std::string quoted_for_conninfo(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

// A stopped server's: its own, so that a postmaster.pid of a killed one is never taken for ours.
void forget_last_run(const fs::path& data_directory) {
    ::unlink((data_directory / "postmaster.pid").c_str());
}

}  // namespace

struct ScratchServer::State {
    State(ScratchOptions given, TemporaryFolder made)
        : options(std::move(given)),
          folder(std::move(made)),
          data(folder.path() / "data"),
          sockets(folder.path() / "s") {}

    fs::path config_file() const { return folder.path() / "postgresql.conf"; }
    fs::path hba_file() const { return folder.path() / "pg_hba.conf"; }
    fs::path log_file() const { return folder.path() / "server.log"; }
    // Ours to write, the owner's to read.
    Status write(const fs::path& file, std::string_view text) const {
        return replace_file(
            file, text,
            FileAttributes{.mode = 0600, .user = options.owner.user, .group = options.owner.group});
    }
    // A server that crashed is as stopped as one that was told to.
    bool stopped() {
        if (process && !process->running()) process.reset();
        return !process;
    }
    void end() {
        if (!process) return;
        process->signal(SIGQUIT);
        // BackgroundProcess kills what is left after that.
        static_cast<void>(process->wait(Deadline::after(kImmediateShutdownPatience)).ok());
        process.reset();
    }

    ScratchOptions options;
    TemporaryFolder folder;
    fs::path data;
    fs::path sockets;
    int port = kSocketPort;
    off_t log_before_start = 0;
    std::optional<BackgroundProcess> process;
};

namespace {

// name, value: on the server's command line, where no file overrides them.
std::vector<std::pair<std::string, std::string>> pinned_settings(const fs::path& folder, int port,
                                                                 bool listen_on_loopback) {
    return {{"config_file", (folder / "postgresql.conf").string()},
            {"hba_file", (folder / "pg_hba.conf").string()},
            {"unix_socket_directories", (folder / "s").string()},
            {"unix_socket_permissions", "0700"},
            {"unix_socket_group", ""},
            {"listen_addresses", listen_on_loopback ? "127.0.0.1" : ""},
            {"port", std::to_string(port)},
            {"external_pid_file", ""},
            {"logging_collector", "off"},
            {"log_destination", "stderr"},
            {"log_line_prefix", "%m [%p] "},
            {"log_min_messages", "warning"},
            {"log_error_verbosity", "default"},
            {"lc_messages", "C"}};
}

ProcessOptions server_process(const ScratchOptions& options, const fs::path& folder, int port) {
    ProcessOptions process;
    process.arguments = {(options.bin_directory / "postgres").string(), "-D",
                         (folder / "data").string()};
    for (const auto& [name, value] : pinned_settings(folder, port, options.listen_on_loopback)) {
        process.arguments.emplace_back("-c");
        process.arguments.push_back(fmt::format("{}={}", name, value));
    }
    process.environment = {{"LC_ALL", "C"}};
    process.unset_environment = {"PGDATA",           "PGPORT",      "PGOPTIONS", "PGHOST",
                                 "PGCLIENTENCODING", "PGDATESTYLE", "PGTZ"};
    process.run_as = options.owner;
    process.working_folder = folder / "data";
    process.output_file = folder / "server.log";
    process.signal_at_parent_death = SIGQUIT;
    return process;
}

}  // namespace

bool is_pinned(std::string_view setting) {
    for (const auto& [name, value] : pinned_settings({}, 0, false))
        if (name == setting) return true;
    return false;
}

Result<Identity> scratch_owner() {
    if (::geteuid() != 0) return current_identity();
    auto postgres = identity_named("postgres");
    if (postgres.ok()) return postgres;
    return identity_named("nobody");
}

ScratchServer::ScratchServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScratchServer::ScratchServer(ScratchServer&&) noexcept = default;
ScratchServer& ScratchServer::operator=(ScratchServer&& other) noexcept {
    if (state_) state_->end();
    state_ = std::move(other.state_);
    return *this;
}
ScratchServer::~ScratchServer() {
    if (state_) state_->end();
}

Result<ScratchServer> ScratchServer::prepare(const ScratchOptions& options, Deadline deadline) {
    const fs::path parent = options.parent_folder.empty() ? "/tmp" : options.parent_folder;
    const fs::path cache =
        options.cache_folder.empty() ? default_cache_folder() : options.cache_folder;
    fs::path original = options.template_data;
    if (original.empty()) {
        HONE_TRY_ASSIGN(original,
                        skeleton_of(options.bin_directory, options.owner, cache, parent, deadline));
    }
    HONE_TRY_ASSIGN(TemporaryFolder folder, make_outer_folder(parent));
    auto state = std::make_unique<State>(options, std::move(folder));
    HONE_TRY(make_socket_folder(state->sockets, options.owner));
    HONE_TRY(copy_data_folder(original, state->data, options.owner, deadline));
    HONE_TRY(
        state->write(state->hba_file(), host_based_authentication(options.listen_on_loopback)));
    if (options.listen_on_loopback) {
        HONE_TRY_ASSIGN(state->port, free_loopback_port());
    }
    ScratchServer server(std::move(state));
    HONE_TRY(server.configure(options.settings));
    return server;
}

Status ScratchServer::configure(const std::vector<ConfigEntry>& settings) {
    HONE_ASSERT(state_->stopped());
    std::string lines;
    for (const auto& entry : settings) lines += config_line(entry.name, entry.value) + "\n";
    return state_->write(state_->config_file(), lines);
}

Status ScratchServer::start(Deadline deadline) {
    HONE_ASSERT(state_->stopped());
    forget_last_run(state_->data);
    state_->log_before_start = size_of(state_->log_file());
    HONE_TRY_ASSIGN(BackgroundProcess process,
                    BackgroundProcess::start(
                        server_process(state_->options, state_->folder.path(), state_->port)));
    state_->process = std::move(process);
    if (wait_until_ready(*state_->process, state_->data, deadline)) return {};
    const bool still_starting = state_->process->running();
    state_->end();
    const std::string what = "starting a scratch server with '" +
                             (state_->options.bin_directory / "postgres").string() + "'";
    if (still_starting)
        return Error{ErrorCode::kDeadlineExceeded, what, "it was not ready in time",
                     "give it longer with --timeout"};
    return explain_boot_failure(log_of_last_start(), what);
}

Status ScratchServer::stop(Deadline deadline) {
    if (!state_->process) return {};
    state_->process->signal(SIGINT);
    const auto ended = state_->process->wait(deadline);
    if (!ended.ok()) return Error(ended.error()).with_context("stopping a scratch server");
    state_->process.reset();
    return {};
}

Result<Connection> ScratchServer::connect(Deadline deadline) const {
    return Connection::open(conninfo(), deadline);
}

std::string ScratchServer::conninfo() const {
    // PGOPTIONS must not reach in: an empty value keeps the environment's out.
    return fmt::format("host={} port={} user=postgres dbname=postgres options=''",
                       quoted_for_conninfo(state_->sockets.string()), state_->port);
}

const fs::path& ScratchServer::data_directory() const {
    return state_->data;
}

const fs::path& ScratchServer::socket_directory() const {
    return state_->sockets;
}

int ScratchServer::port() const {
    return state_->port;
}

const Identity& ScratchServer::owner() const {
    return state_->options.owner;
}

int ScratchServer::postmaster_pid() const {
    return state_->process && state_->process->running() ? state_->process->pid() : 0;
}

std::string ScratchServer::log() const {
    return tail_of(state_->log_file(), kKeptLog, 0);
}

std::string ScratchServer::log_of_last_start() const {
    return tail_of(state_->log_file(), kKeptLog, state_->log_before_start);
}

}  // namespace hone::postgres
