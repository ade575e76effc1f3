#include "engines/postgres/data_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

static_assert(std::endian::native == std::endian::little,
              "pg_control is in the machine's byte order");

// Letters of the postmaster's own options that take a value in the same or the next word.
constexpr std::string_view kLettersWithValue = "BDcdfhkNpStvW";

struct ShortOption {
    char letter;
    std::string_view setting;
};
constexpr std::array<ShortOption, 6> kShortOptions{{{'B', "shared_buffers"},
                                                    {'h', "listen_addresses"},
                                                    {'k', "unix_socket_directories"},
                                                    {'N', "max_connections"},
                                                    {'p', "port"},
                                                    {'S', "work_mem"}}};

// "work-mem" and "work_mem" are one name to the server.
std::string setting_name(std::string_view text) {
    std::string name = to_lower(text);
    for (char& c : name)
        if (c == '-') c = '_';
    return name;
}

struct Option {
    std::string setting;  // "" where the option sets none
    std::string value;
    char letter = 0;
};

Option assignment(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return {.setting = setting_name(text), .value = "on"};
    return {.setting = setting_name(text.substr(0, equals)),
            .value = std::string(text.substr(equals + 1))};
}

Option short_option(char letter, const std::string& value) {
    if (letter == 'c') return assignment(value);
    if (letter == 'F') return {.setting = "fsync", .value = "off", .letter = letter};
    for (const ShortOption& known : kShortOptions)
        if (known.letter == letter)
            return {.setting = std::string(known.setting), .value = value, .letter = letter};
    return {.setting = {}, .value = value, .letter = letter};
}

std::vector<Option> read_options(const std::vector<std::string>& words) {
    std::vector<Option> options;
    for (std::size_t at = 0; at < words.size(); ++at) {
        const std::string& word = words[at];
        if (word.starts_with("--")) {
            options.push_back(assignment(std::string_view(word).substr(2)));
        } else if (word.size() >= 2 && word[0] == '-') {
            const bool takes_value = kLettersWithValue.find(word[1]) != std::string_view::npos;
            std::string value = word.substr(2);
            if (takes_value && value.empty() && at + 1 < words.size()) value = words[++at];
            options.push_back(short_option(word[1], value));
        }
    }
    return options;
}

}  // namespace

std::optional<PostmasterFile> parse_postmaster_file(std::string_view text) {
    const auto lines = split_lines(text);
    if (lines.size() < 3) return std::nullopt;
    const auto pid = parse_integer(trim(lines[0]));
    if (!pid || *pid <= 0 || *pid > INT32_MAX) return std::nullopt;
    const auto line = [&](std::size_t number) {
        return lines.size() > number ? std::string(trim(lines[number])) : std::string();
    };
    PostmasterFile file{.pid = static_cast<int>(*pid),
                        .data_directory = line(1),
                        .start_time = parse_integer(line(2)).value_or(0),
                        .port = std::nullopt,
                        .socket_directory = line(4),
                        .listen_address = line(5),
                        .status = line(7)};
    if (const auto port = parse_integer(line(3)); port && *port > 0 && *port <= 65535)
        file.port = static_cast<int>(*port);
    return file;
}

std::optional<PostmasterFile> read_postmaster_file(const fs::path& data_directory) {
    const auto text = read_file(data_directory / "postmaster.pid");
    return text.ok() ? parse_postmaster_file(*text) : std::nullopt;
}

std::vector<std::string> parse_start_command(std::string_view text) {
    std::vector<std::string> words;
    text = trim(text);
    while (!text.empty()) {
        // The program stands bare; each option in double quotes, which the server does not escape.
        const bool quoted = text.front() == '"';
        if (quoted) text.remove_prefix(1);
        const std::size_t end = quoted ? text.find("\" \"") : text.find(' ');
        std::string_view word = text.substr(0, end);
        text = end == std::string_view::npos ? "" : text.substr(end + (quoted ? 2 : 1));
        if (quoted && word.ends_with('"') && text.empty()) word.remove_suffix(1);
        if (quoted || !word.empty()) words.emplace_back(word);
    }
    return words;
}

std::vector<std::string> read_start_command(const fs::path& data_directory) {
    const auto text = read_file(data_directory / "postmaster.opts");
    return text.ok() ? parse_start_command(*text) : std::vector<std::string>{};
}

std::vector<std::pair<std::string, std::string>> start_option_settings(
    const std::vector<std::string>& options) {
    std::vector<std::pair<std::string, std::string>> settings;
    for (Option& option : read_options(options))
        if (!option.setting.empty())
            settings.emplace_back(std::move(option.setting), std::move(option.value));
    return settings;
}

std::optional<std::string> start_option_value(const std::vector<std::string>& options,
                                              std::string_view setting) {
    std::optional<std::string> found;
    for (auto& [name, value] : start_option_settings(options))
        if (name == setting) found = std::move(value);
    return found;
}

std::string start_option_folder(const std::vector<std::string>& options) {
    std::string folder;
    for (const Option& option : read_options(options))
        if (option.letter == 'D') folder = option.value;
    return folder;
}

Result<std::string> read_system_identifier(const fs::path& data_directory) {
    const fs::path file = data_directory / "global/pg_control";
    const std::string tried = "reading '" + file.string() + "'";
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return error_from_errno(errno, tried,
                                "check that this is a data folder, and run as its "
                                "owner or as root");
    std::array<char, sizeof(std::uint64_t)> bytes{};
    const ssize_t got = ::read(descriptor, bytes.data(), bytes.size());
    ::close(descriptor);
    if (got != static_cast<ssize_t>(bytes.size()))
        return Error{ErrorCode::kDataLoss, tried, "the file is cut off",
                     "restore this cluster from a backup"};
    std::uint64_t identifier = 0;
    std::memcpy(&identifier, bytes.data(), bytes.size());
    return std::to_string(identifier);
}

Result<int> read_data_version(const fs::path& data_directory) {
    const fs::path file = data_directory / "PG_VERSION";
    HONE_TRY_ASSIGN(const std::string text, read_file(file));
    const auto version = parse_integer(trim(text));
    if (!version || *version <= 0 || *version > 1000)
        return Error{ErrorCode::kUnsupported, "reading '" + file.string() + "'",
                     "'" + printable(trim(text), 20) + "' is not a version from 14 to 18"};
    return static_cast<int>(*version);
}

}  // namespace hone::postgres
