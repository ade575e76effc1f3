// engines/postgres/scratch.hpp - private servers made from a target's own binaries, that nobody
// else sees.
//
// Shape    a scratch server lives in its own folder, listens on a Unix socket in it and nowhere
//          else, is owned by `owner` (root hands it to that user; PostgreSQL refuses root), and is
//          stopped and removed with its object. A skeleton is an empty cluster made once per binary
//          and copied for each boot. Connections, sockets, log and messages' language are hone's,
//          whatever the settings say (is_pinned); everything else is as the settings have it.
// Errors   boot: failed_precondition with what the server said, explained (explain_boot_failure);
//          deadline_exceeded.
// Cost     initdb about 1 s once per binary; a boot about 0.15 s plus 0.25 s for the copy.
// Threads  one thread per object, the one that starts it: the kernel ends the server with that
//          thread, so that a hone that is killed leaves nothing running.
// Limits   socket paths must stay below 107 bytes: the folder should be short.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/identity.hpp"
#include "base/process.hpp"
#include "base/result.hpp"
#include "engines/postgres/config_file.hpp"
#include "engines/postgres/connection.hpp"

namespace hone::postgres {

// Who scratch servers run as: ourselves, or the user postgres (else nobody) where we are root.
Result<Identity> scratch_owner();

struct ScratchOptions {
    std::filesystem::path bin_directory;
    Identity owner;
    std::filesystem::path parent_folder;  // where the server's own folder is made; "" for /tmp
    std::filesystem::path
        template_data;  // a data folder to copy (stopped cleanly); "" for the binary's skeleton
    std::filesystem::path cache_folder;  // of skeletons; "" for one of the owner's own
    std::vector<ConfigEntry> settings;   // written to its postgresql.conf in this order, last wins
    // Also on 127.0.0.1 and a free port, where a role needs a password (none has one at first):
    // everybody on the machine can reach it.
    bool listen_on_loopback = false;
};

class ScratchServer {
  public:
    // Makes the folder and the configuration, but does not start.
    static Result<ScratchServer> prepare(const ScratchOptions& options, Deadline deadline);
    ScratchServer(ScratchServer&&) noexcept;
    ScratchServer& operator=(ScratchServer&&) noexcept;
    ~ScratchServer();  // immediate shutdown, folder removed

    // Ready for connections when it returns.
    Status start(Deadline deadline);
    // Fast shutdown, clean.
    Status stop(Deadline deadline);
    // Replaces the settings of a stopped server.
    Status configure(const std::vector<ConfigEntry>& settings);

    Result<Connection> connect(
        Deadline deadline) const;  // as superuser "postgres" to database "postgres"
    std::string conninfo() const;  // for pgbench and psql
    const std::filesystem::path& data_directory() const;
    const std::filesystem::path& socket_directory() const;
    int port() const;
    const Identity& owner() const;
    int postmaster_pid() const;  // 0 when stopped
    // What the server has said since it was made; the last megabyte of it.
    std::string log() const;
    // Only since the last start.
    std::string log_of_last_start() const;

  private:
    struct State;
    explicit ScratchServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// The settings of a real server's files as a scratch server may have them: in order, without what
// ties them to the real one (data_directory, hba_file, ident_file, external_pid_file, port,
// listen_addresses, unix_socket_*, ssl, archive_command, restore_command, primary_conninfo, log
// files, synchronous_standby_names, cluster_name, recovery targets).
std::vector<ConfigEntry> detached_settings(const ConfigTree& files);

// The settings that a server was started with (Server::start_options), detached in the same way.
std::vector<ConfigEntry> detached_start_settings(const std::vector<std::string>& start_options);

// A setting that a scratch server gets from hone on its command line, so that the configuration's
// own value does not hold.
bool is_pinned(std::string_view setting);

// Turns what a server said when it did not start into one sentence with what to do; the server's
// own words where none fits.
Error explain_boot_failure(std::string_view server_log, std::string_view what);

}  // namespace hone::postgres
