#include "context.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "base/text.hpp"
#include "base/yaml.hpp"
#include "terminal_progress.hpp"

namespace hone::app {

int exit_code_for(const Error& error) {
    switch (error.code()) {
        case ErrorCode::kInvalidArgument:
        case ErrorCode::kNotFound:
        case ErrorCode::kDataLoss:
        case ErrorCode::kUnsupported:
            return kInvalidInput;
        case ErrorCode::kUnavailable:
            return kCannotConnect;
        case ErrorCode::kPermissionDenied:
            return kPermission;
        case ErrorCode::kFailedPrecondition:
        case ErrorCode::kConflict:
            return kConflict;
        case ErrorCode::kRolledBack:
            return kRolledBack;
        case ErrorCode::kRollbackFailed:
            return kRollbackFailed;
        case ErrorCode::kDeadlineExceeded:
            return kDeadline;
        case ErrorCode::kCancelled:
            return kInterrupted;
        case ErrorCode::kExhausted:
        case ErrorCode::kInternal:
            return kUnexpected;
    }
    return kUnexpected;
}

Progress& Context::progress() {
    if (quiet) return silent_progress();
    if (!progress_) progress_ = make_terminal_progress();
    return *progress_;
}

Deadline Context::deadline(double default_seconds) const {
    return Deadline::after(Seconds{timeout_seconds > 0 ? timeout_seconds : default_seconds});
}

void Context::print(std::string_view text) const {
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (!text.ends_with('\n')) std::fputc('\n', stdout);
    std::fflush(stdout);
}

void Context::print_json(const json::value& document) const {
    print(output == OutputFormat::kYaml ? to_yaml_text(document) : to_json_text(document));
}

void Context::say(std::string_view text) {
    if (quiet) return;
    progress_.reset();  // ends the line that is being redrawn
    fmt::print(stderr, "{}\n", text);
}

Status Context::confirm(std::string_view question) {
    if (yes) return {};
    const std::string tried(question);
    if (no_input || ::isatty(STDIN_FILENO) == 0)
        return Error{ErrorCode::kCancelled, tried, "nobody is there to say yes", "add --yes"};
    progress_.reset();
    fmt::print(stderr, "{} [y/N] ", question);
    std::string answer;
    std::getline(std::cin, answer);
    answer = to_lower(trim(answer));
    if (answer == "y" || answer == "yes") return {};
    return Error{ErrorCode::kCancelled, tried, "the answer was no", "nothing was changed"};
}

int Context::fail(const Error& error) {
    progress_.reset();
    if (machine_readable()) {
        json::object detail{
            {"code", to_string(error.code())}, {"outcome", to_string(error.outcome())},
            {"tried", error.tried()},          {"wrong", error.wrong()},
            {"advice", error.advice()},        {"message", error.message()}};
        if (!error.sqlstate().empty()) detail["sqlstate"] = error.sqlstate();
        const json::object document{{"error", std::move(detail)}};
        std::fputs((output == OutputFormat::kYaml ? to_yaml_text(document) : to_json_text(document))
                       .c_str(),
                   stderr);
    } else {
        fmt::print(stderr, "hone: {}\n", error.message());
    }
    return exit_code_for(error);
}

bool Context::use_color() const {
    if (color == "always") return true;
    const char* terminal = std::getenv("TERM");
    return color != "never" && std::getenv("NO_COLOR") == nullptr && ::isatty(STDOUT_FILENO) == 1 &&
           terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace hone::app
