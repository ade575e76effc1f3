// engines/postgres/server.hpp - which server is meant: its folders, its binaries, its owner, how it
// is run.
//
// Errors   locate: not_found (no data folder there, no binaries of its version: pass
//          bin_directory), permission_denied, unavailable (a conninfo that nobody answers),
//          unsupported (a version outside 14 to 18).
// Threads  a value.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/identity.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "model/host.hpp"

namespace hone::postgres {

inline constexpr int kOldestVersion = 14;
inline constexpr int kNewestVersion = 18;

// How a plain server was started: where its words go, and the environment that it lives in. May
// hold secrets (an archive_command's): it is never printed and never written down.
struct Launch {
    std::filesystem::path log;
    std::vector<std::pair<std::string, std::string>> environment;
};

struct Server {
    int version = 0;                         // major
    std::string version_text;                // "15.20 (Debian 15.20-0+deb12u1)"
    std::filesystem::path data_directory;    // "" where the server is on another machine
    std::filesystem::path config_file;       // "" where out of reach
    std::filesystem::path auto_config_file;  // data_directory / postgresql.auto.conf
    std::filesystem::path bin_directory;     // "" where unknown
    std::string system_identifier;
    ManagedBy managed_by = ManagedBy::kPlain;
    std::string cluster;       // "15/main" of a Debian cluster
    std::string service_unit;  // of kSystemd
    Identity owner;            // of the data folder
    std::optional<int> port;
    std::filesystem::path socket_directory;
    std::string
        conninfo;  // how to reach it: the user's own, or one made from port and socket folder
    std::vector<std::string> start_options;  // what postmaster.opts says after the program's name
    std::optional<Launch> launch;            // of a server that ran when this was read

    // The files can be written from here: same machine, and not somebody else's to write (Patroni,
    // container).
    bool files_in_reach() const;
};

// The postmaster's pid where one runs on this data folder, whoever started it.
std::optional<int> running_pid(const std::filesystem::path& data_directory);

// `bin_directory`: "" to find it (the running postmaster's own, then
// /usr/lib/postgresql/VERSION/bin, then PATH).
Result<Server> locate_by_data_directory(const std::filesystem::path& data_directory,
                                        const std::filesystem::path& bin_directory);
// Connects and asks; fills in the files' places where the server is on this machine and lets the
// role see them.
Result<Server> locate_by_conninfo(const std::string& conninfo,
                                  const std::filesystem::path& bin_directory, Deadline deadline);

// "15.20 (Debian ...)" of bin_directory/postgres --version.
Result<std::string> version_of_binary(const std::filesystem::path& bin_directory);
// 15 of "15.20 (Debian ...)"; 18 of "18beta1".
Result<int> major_version_of(std::string_view version_text);
// Every installation that can be found: /usr/lib/postgresql/*, PATH.
std::vector<std::filesystem::path> installed_bin_directories();
// Of the newest version that hone knows; not_found where there is none.
Result<std::filesystem::path> newest_bin_directory();

// Connects to it with Server::conninfo, as its owner where hone is root.
Result<Connection> connect(const Server& server, Deadline deadline);

}  // namespace hone::postgres
