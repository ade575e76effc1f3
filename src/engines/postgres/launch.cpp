#include "engines/postgres/launch.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/file.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engines/postgres/data_folder.hpp"
#include "engines/postgres/scratch.hpp"

extern char** environ;

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t kLongestTail = 64 * 1024;
constexpr std::size_t kLastLines = 6;
// pg_ctl gives up by itself a moment before it is killed.
constexpr Seconds kGrace{2};

fs::path default_log(const fs::path& data_directory) {
    return data_directory / "hone-start.log";
}

fs::path log_of(const fs::path& data_directory, int pid) {
    std::error_code error;
    const fs::path target = fs::read_symlink(fmt::format("/proc/{}/fd/2", pid), error);
    const bool is_file = !error && fs::is_regular_file(target, error);
    return is_file ? target : default_log(data_directory);
}

std::vector<std::pair<std::string, std::string>> environment_of(int pid) {
    std::vector<std::pair<std::string, std::string>> found;
    const std::string text = read_file(fmt::format("/proc/{}/environ", pid)).value_or("");
    for (const std::string_view entry : split(text, '\0')) {
        const std::size_t equals = entry.find('=');
        if (equals != std::string_view::npos && entry.substr(0, equals) != "PG_GRANDPARENT_PID")
            found.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return found;
}

// A server keeps the environment that it had (its archive_command may live by it) and gets nothing
// of ours; where that is not known, all but our PG* variables, which say where hone connects to and
// may hold a password.
std::vector<std::string> variables_to_unset(const Launch& launch) {
    std::vector<std::string> names;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (!launch.environment.empty() || text.starts_with("PG"))
            names.emplace_back(text.substr(0, text.find('=')));
    }
    return names;
}

// Its options without -D, which pg_ctl takes by itself.
std::vector<std::string> options_without_folder(const std::vector<std::string>& options) {
    std::vector<std::string> kept;
    for (std::size_t at = 0; at < options.size(); ++at) {
        if (options[at] == "-D")
            ++at;
        else if (!options[at].starts_with("-D"))
            kept.push_back(options[at]);
    }
    return kept;
}

fs::path start_folder(const Server& server) {
    if (const std::string folder = start_option_folder(server.start_options); !folder.empty())
        return folder;
    return server.config_file.empty() ? server.data_directory : server.config_file.parent_path();
}

std::uintmax_t size_of(const fs::path& file) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    return error ? 0 : size;
}

std::string read_from(const fs::path& file, std::uintmax_t offset) {
    const std::uintmax_t size = size_of(file);
    if (size < offset) offset = 0;
    if (size - offset > kLongestTail) offset = size - kLongestTail;
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    std::string text(static_cast<std::size_t>(size - offset), '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    return text;
}

// Where the logging collector took over, the end of the story is in its file.
std::string collected_words(const Server& server) {
    const std::string files = read_file(server.data_directory / "current_logfiles").value_or("");
    const auto words = split_words(files);
    if (words.size() < 2) return "";
    return read_from(server.data_directory / fs::path(words[1]), 0);
}

Error did_not_start(const Server& server, const Launch& launch, std::uintmax_t offset) {
    const std::string tried =
        fmt::format("starting the server in '{}'", server.data_directory.string());
    if (running_pid(server.data_directory))
        return Error(ErrorCode::kDeadlineExceeded, tried, "it is still starting up",
                     fmt::format("watch '{}'", launch.log.string()))
            .with_outcome(Outcome::kUnknown);
    std::string said = read_from(launch.log, offset);
    if (said.find("logging collector") != std::string::npos) said += collected_words(server);
    return explain_boot_failure(said, tried);
}

}  // namespace

Launch launch_of(const Server& server) {
    if (const auto pid = running_pid(server.data_directory))
        return launch_of_process(server.data_directory, *pid);
    if (server.launch) return *server.launch;
    return {.log = default_log(server.data_directory), .environment = {}};
}

Launch launch_of_process(const fs::path& data_directory, int pid) {
    return {.log = log_of(data_directory, pid), .environment = environment_of(pid)};
}

std::string shell_quoted(const std::vector<std::string>& options) {
    std::string quoted;
    for (const std::string& option : options) {
        if (!quoted.empty()) quoted += ' ';
        quoted += '\'';
        for (const char c : option) {
            if (c == '\'')
                quoted += "'\\''";
            else
                quoted += c;
        }
        quoted += '\'';
    }
    return quoted;
}

std::string last_words(std::string_view log) {
    std::vector<std::string> lines;
    for (const std::string_view line : split_lines(log))
        if (!trim(line).empty()) lines.push_back(printable(trim(line), 300));
    if (lines.size() > kLastLines)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kLastLines));
    return join(lines, " | ");
}

Status start_plainly(const Server& server, const Launch& launch, Deadline deadline) {
    const auto seconds = std::max(1, static_cast<int>(deadline.remaining().count()));
    ProcessOptions process;
    process.arguments = {(server.bin_directory / "pg_ctl").string(),
                         "start",
                         "-D",
                         start_folder(server).string(),
                         "-w",
                         "-t",
                         std::to_string(seconds),
                         "-l",
                         launch.log.string()};
    if (const auto options = options_without_folder(server.start_options); !options.empty())
        process.arguments.insert(process.arguments.end(), {"-o", shell_quoted(options)});
    process.unset_environment = variables_to_unset(launch);
    process.environment = launch.environment;
    process.run_as = server.owner;
    const std::uintmax_t offset = size_of(launch.log);
    const auto result =
        run(process, Deadline::after(Seconds{static_cast<double>(seconds)} + kGrace));
    if (!result.ok() && result.error().code() != ErrorCode::kDeadlineExceeded)
        return Error(result.error()).with_context("starting the server");
    if (result.ok() && result->succeeded()) return {};
    return did_not_start(server, launch, offset);
}

}  // namespace hone::postgres
