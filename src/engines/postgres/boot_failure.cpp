#include "engines/postgres/boot_failure.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "base/units.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::postgres {

namespace {

// One message of the server with the DETAIL and HINT that belong to it.
struct Message {
    std::string level;  // LOG, FATAL, ...; "" for a line without one, such as the loader's
    std::string text;
    std::string detail;
    std::string hint;

    bool has(std::string_view words) const { return text.find(words) != std::string::npos; }
    std::string line() const { return level.empty() ? text : level + ":  " + text; }
};

std::optional<std::pair<std::string, std::string>> level_and_text(std::string_view line) {
    static constexpr std::array<std::string_view, 7> kLevels{"LOG",   "WARNING", "ERROR", "FATAL",
                                                             "PANIC", "DETAIL",  "HINT"};
    std::optional<std::pair<std::string, std::string>> found;
    std::size_t earliest = std::string_view::npos;
    for (const auto level : kLevels) {
        const std::size_t at = line.find(std::string(level) + ":  ");
        if (at >= earliest) continue;
        earliest = at;
        found.emplace(level, line.substr(at + level.size() + 3));
    }
    return found;
}

std::vector<Message> messages_of(std::string_view server_log) {
    // What the postmaster says before its log works begins with its own name.
    static constexpr std::string_view kOwnName = "postgres: ";
    std::vector<Message> messages;
    for (const auto line : split_lines(server_log)) {
        if (trim(line).empty()) continue;
        auto parts = level_and_text(line);
        if (!parts) {
            const auto text = line.starts_with(kOwnName) ? line.substr(kOwnName.size()) : line;
            messages.push_back({"", std::string(trim(text)), "", ""});
        } else if (parts->first == "DETAIL" && !messages.empty()) {
            messages.back().detail = parts->second;
        } else if (parts->first == "HINT" && !messages.empty()) {
            messages.back().hint = parts->second;
        } else {
            messages.push_back({parts->first, parts->second, "", ""});
        }
    }
    return messages;
}

// The n-th piece between double quotes; "" where there are fewer.
std::string quoted_piece(std::string_view text, int number) {
    std::size_t open = text.find('"');
    while (open != std::string_view::npos) {
        const std::size_t close = text.find('"', open + 1);
        if (close == std::string_view::npos) return {};
        if (number-- == 0) return std::string(text.substr(open + 1, close - open - 1));
        open = text.find('"', close + 1);
    }
    return {};
}

std::string between(std::string_view text, std::string_view before, std::string_view after) {
    const std::size_t start = text.find(before);
    if (start == std::string_view::npos) return {};
    const auto rest = text.substr(start + before.size());
    return std::string(rest.substr(0, rest.find(after)));
}

// Without where the server read it: that was a scratch file, and it is gone.
std::string without_place(std::string_view text) {
    return std::string(text.substr(0, text.find(" in file \"")));
}

BootFailure unknown_setting(const Message& message) {
    const std::string name = quoted_piece(message.text, 0);
    return {"boot.unknown_setting",
            name,
            fmt::format("this build of PostgreSQL has no setting named {}", name),
            "remove it, or correct its spelling; a setting of an extension is known once its "
            "library is in shared_preload_libraries",
            {}};
}

BootFailure invalid_value(const Message& message) {
    const std::string name = quoted_piece(message.text, 0);
    const std::string value = quoted_piece(message.text, 1);
    const std::string shown =
        value.empty() ? between(message.text, "\": ", "\n") : "'" + value + "'";
    std::string advice = !message.detail.empty() ? message.detail : message.hint;
    if (advice.empty()) advice = "choose a value that the manual lists for it";
    return {
        "boot.invalid_value",
        name,
        fmt::format("this build of PostgreSQL does not take {} as the value of {}", shown, name),
        advice,
        {}};
}

BootFailure wrong_type(const Message& message) {
    const std::string name = quoted_piece(message.text, 0);
    return {"boot.invalid_value",
            name,
            fmt::format("{} {}", name, between(message.text, "\" ", "\n")),
            "write the value that the manual asks for",
            {}};
}

BootFailure out_of_range(const Message& message) {
    const std::string name = quoted_piece(message.text, 0);
    return {"boot.out_of_range",
            name,
            fmt::format("{} is out of range: {}", name, message.text),
            "choose a value within that range",
            {}};
}

BootFailure not_changeable(const Message& message) {
    const std::string name = quoted_piece(message.text, 0);
    return {"boot.not_changeable",
            name,
            fmt::format("{} is fixed when PostgreSQL is built or the cluster is made", name),
            "remove it from the configuration",
            {}};
}

BootFailure syntax_error(const Message& message) {
    return {"boot.syntax",
            "",
            "the configuration has a line that is not a setting",
            fmt::format("correct the line near {}", message.has("near token")
                                                        ? between(message.text, "near token ", "\n")
                                                        : "its end"),
            {}};
}

BootFailure missing_include(const Message& message) {
    return {"boot.missing_include",
            "",
            fmt::format("a file that the configuration includes cannot be read: {}", message.text),
            "remove the include line, or bring the file back",
            {}};
}

BootFailure missing_library(const Message& message) {
    const std::string library = quoted_piece(message.text, 0);
    return {"boot.missing_library",
            "shared_preload_libraries",
            fmt::format("the library '{}' cannot be loaded: {}", library,
                        between(message.text, "\": ", "\n")),
            "install the extension for this version of PostgreSQL, or take it out of "
            "shared_preload_libraries",
            {}};
}

BootFailure unfit_library(const Message& message) {
    return {"boot.unfit_library",
            "shared_preload_libraries",
            fmt::format("a library does not fit this server: {}", message.text),
            "install the extension's build for this version of PostgreSQL",
            {}};
}

BootFailure reserved_connections(const Message& message) {
    return {"boot.reserved_connections",
            "superuser_reserved_connections",
            fmt::format("the reserved connections leave none for clients: {}", message.text),
            "raise max_connections, or lower superuser_reserved_connections and "
            "reserved_connections",
            {}};
}

BootFailure senders_without_replica(const Message&) {
    return {"boot.wal_level",
            "wal_level",
            "wal_level = minimal cannot feed standbys, and max_wal_senders is above 0",
            "set wal_level = replica, or max_wal_senders = 0",
            {}};
}

BootFailure archive_without_replica(const Message&) {
    return {"boot.wal_level",
            "wal_level",
            "wal_level = minimal cannot be archived, and archive_mode is on",
            "set wal_level = replica, or archive_mode = off",
            {}};
}

BootFailure summary_without_replica(const Message&) {
    return {"boot.wal_level",
            "wal_level",
            "wal_level = minimal cannot be summarized, and summarize_wal is on",
            "set wal_level = replica, or summarize_wal = off",
            {}};
}

BootFailure shared_memory(const Message& message) {
    const auto asked = parse_integer(between(message.hint, "(currently ", " bytes)"));
    const std::string size =
        asked ? " (" + format_for_people(Bytes{*asked}) + " were asked for)" : "";
    return {"boot.shared_memory",
            "shared_buffers",
            "the machine cannot give the server's shared memory" + size,
            "lower shared_buffers or max_connections; where huge_pages = on, reserve enough huge "
            "pages (vm.nr_hugepages) or set huge_pages = try",
            {}};
}

BootFailure semaphores(const Message&) {
    return {"boot.semaphores",
            "max_connections",
            "the kernel has too few semaphores for that many processes",
            "raise kernel.sem (SEMMNI and SEMMNS), or lower max_connections",
            {}};
}

BootFailure file_descriptors(const Message& message) {
    return {"boot.open_files",
            "max_files_per_process",
            fmt::format("the limit on open files is too low for a server process: {}",
                        message.detail.empty() ? message.text : message.detail),
            "raise the limit (ulimit -n, LimitNOFILE= of the systemd unit)",
            {}};
}

BootFailure too_many_processes(const Message& message) {
    return {"boot.too_many_processes",
            "max_connections",
            fmt::format("more server processes are configured than PostgreSQL can count: {}",
                        message.detail.empty() ? message.text : message.detail),
            "lower max_connections or max_worker_processes",
            {}};
}

BootFailure wal_segments(const Message& message) {
    const std::string name = quoted_piece(message.text, 0);
    return {"boot.wal_segments",
            name,
            fmt::format("{} is below two WAL segments", name),
            "raise it to at least twice wal_segment_size (32MB unless initdb was told otherwise)",
            {}};
}

BootFailure certificate(const Message& message) {
    return {"boot.ssl",
            "ssl",
            message.text,
            "name readable files in ssl_cert_file and ssl_key_file",
            {}};
}

BootFailure address_in_use(const Message& message) {
    return {"boot.port",
            "port",
            fmt::format("the server cannot listen: {}", message.text),
            "choose a port and an address that are free on this machine",
            {}};
}

BootFailure standby_settings(const Message& message) {
    return {"boot.standby",
            quoted_piece(message.text, 0),
            "a standby may not have fewer connections, workers, senders, prepared transactions or "
            "locks than its primary",
            "raise them on the standby first; lower them on the primary first",
            {}};
}

BootFailure disk_full(const Message& message) {
    return {"boot.disk_full",
            "",
            fmt::format("a file system is full: {}", message.text),
            "free some space there",
            {}};
}

BootFailure permission(const Message& message) {
    return {"boot.permission",
            "",
            fmt::format("the server may not do that: {}", message.text),
            "every parent folder must let the server's user through",
            {}};
}

BootFailure loader(const Message& message) {
    return {"boot.incomplete_programs",
            "",
            message.text,
            "the PostgreSQL programs in this folder are incomplete: install them again",
            {}};
}

struct Cause {
    std::string_view words;
    BootFailure (*explain)(const Message& message);
};

// The first that fits decides, so the more particular ones stand first.
constexpr std::array<Cause, 31> kCauses{{
    {"unrecognized configuration parameter", unknown_setting},
    {"invalid value for parameter", invalid_value},
    {"is outside the valid range for parameter", out_of_range},
    {"requires a Boolean value", wrong_type},
    {"requires a numeric value", wrong_type},
    {"requires an integer value", wrong_type},
    {"cannot be changed", not_changeable},
    {"syntax error in file", syntax_error},
    {"could not open configuration file", missing_include},
    {"could not open configuration directory", missing_include},
    {"configuration file recursion", missing_include},
    {"could not access file", missing_library},
    {"could not load library", missing_library},
    {"incompatible library", unfit_library},
    {"shared_preload_libraries", unfit_library},
    {"superuser_reserved_connections", reserved_connections},
    {"WAL streaming (", senders_without_replica},
    {"WAL archival cannot be enabled", archive_without_replica},
    {"WAL cannot be summarized", summary_without_replica},
    {"could not map anonymous shared memory", shared_memory},
    {"could not create shared memory segment", shared_memory},
    {"could not create semaphores", semaphores},
    {"insufficient file descriptors", file_descriptors},
    {"too many server processes configured", too_many_processes},
    {"must be at least twice", wal_segments},
    {"could not load server certificate", certificate},
    {"could not load private key", certificate},
    {"Address already in use", address_in_use},
    {"insufficient parameter settings", standby_settings},
    {"No space left on device", disk_full},
    {"Permission denied", permission},
}};

std::optional<BootFailure> known_cause(const std::vector<Message>& messages) {
    for (const auto& message : messages) {
        if (message.has("error while loading shared libraries")) return loader(message);
        for (const auto& cause : kCauses) {
            if (!message.has(cause.words)) continue;
            BootFailure failure = cause.explain(message);
            failure.server_line = without_place(message.line());
            return failure;
        }
    }
    return std::nullopt;
}

BootFailure in_its_own_words(const std::vector<Message>& messages) {
    BootFailure failure{"boot.other", "", "the server ended without saying why",
                        "look for a kill by the kernel (dmesg), or a limit on its memory", ""};
    for (const auto& message : messages) {
        const bool fatal = message.level == "FATAL" || message.level == "PANIC" ||
                           (message.level.empty() && failure.server_line.empty());
        if (!fatal) continue;
        failure.server_line = message.line();
        failure.message = "the server refused to start: " + message.text;
        if (!message.detail.empty()) failure.message += ": " + message.detail;
        failure.advice = message.hint;
    }
    return failure;
}

}  // namespace

BootFailure diagnose_boot_failure(std::string_view server_log) {
    const auto messages = messages_of(server_log);
    if (auto failure = known_cause(messages)) return *failure;
    return in_its_own_words(messages);
}

Error explain_boot_failure(std::string_view server_log, std::string_view what) {
    const BootFailure failure = diagnose_boot_failure(server_log);
    std::string wrong = failure.message;
    if (!failure.server_line.empty())
        wrong += " (the server said: " + printable(failure.server_line, 500) + ")";
    return Error{ErrorCode::kFailedPrecondition, std::string(what), wrong, failure.advice};
}

}  // namespace hone::postgres
