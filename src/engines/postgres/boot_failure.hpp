// engines/postgres/boot_failure.hpp - why a server did not start, in one sentence, from what it
// said.
//
// Shape    the first line of the log that a known cause explains decides; where none does, the
//          server's own last fatal line is the sentence.
// Threads  pure functions.
// Source   each message was produced with PostgreSQL 14, 15 and 18 by planting its cause.
#pragma once

#include <string>
#include <string_view>

namespace hone::postgres {

struct BootFailure {
    std::string rule;         // "boot.unknown_setting"; "boot.other" where no known cause fits
    std::string setting;      // "" where several or none
    std::string message;      // one sentence
    std::string advice;       // what to do
    std::string server_line;  // "FATAL:  ...", without the log's prefix; "" where it said nothing
};

// `server_log`: in English, messages of LOG and worse.
BootFailure diagnose_boot_failure(std::string_view server_log);

}  // namespace hone::postgres
