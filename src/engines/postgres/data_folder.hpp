// engines/postgres/data_folder.hpp - what the files of a data folder say of the server on it.
//
// Errors   not_found, permission_denied: as the file system says; data_loss: a file that is cut
//          off.
// Threads  free functions.
// Source   PostgreSQL: miscadmin.h (lines of postmaster.pid), pg_control.h (the system identifier
//          comes first), postmaster.c (CreateOptsFile).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace hone::postgres {

struct PostmasterFile {
    int pid = 0;
    std::filesystem::path data_directory;
    std::int64_t start_time = 0;  // seconds since 1970
    std::optional<int> port;
    std::string socket_directory;  // "" where it listens on none
    std::string listen_address;    // the first one; "" where it listens on none
    std::string status;            // starting, stopping, ready, standby
};
// None where it is not such a file.
std::optional<PostmasterFile> parse_postmaster_file(std::string_view text);
std::optional<PostmasterFile> read_postmaster_file(const std::filesystem::path& data_directory);

// The words of postmaster.opts: the program, then its options.
std::vector<std::string> parse_start_command(std::string_view text);
std::vector<std::string> read_start_command(const std::filesystem::path& data_directory);
// The value that the options give to a setting ("-c name=value", "--name=value", "-p 5433"); the
// last one wins.
std::optional<std::string> start_option_value(const std::vector<std::string>& options,
                                              std::string_view setting);
// Every setting that the options give, in order: name and value as written.
std::vector<std::pair<std::string, std::string>> start_option_settings(
    const std::vector<std::string>& options);
// The folder of -D; "" where there is none.
std::string start_option_folder(const std::vector<std::string>& options);

Result<std::string> read_system_identifier(const std::filesystem::path& data_directory);
// The contents of PG_VERSION: 15.
Result<int> read_data_version(const std::filesystem::path& data_directory);

}  // namespace hone::postgres
