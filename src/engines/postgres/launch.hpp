// engines/postgres/launch.hpp - starting a plain server as it was started before: its options, its
// environment, and where its words go.
//
// Shape    the log is the file that the running server's standard error goes to; where that is no
//          file, or nothing runs, it is hone-start.log in the data folder, because a server's words
//          must not be lost and must not depend on whoever started it.
// Errors   failed_precondition: it did not come up, with the last lines of what it said;
//          deadline_exceeded with outcome unknown.
// Threads  one at a time per server.
// Source   pg_ctl(1); pg_ctl starts the server in a session of its own.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/server.hpp"

namespace hone::postgres {

// Of the server as it runs now; of a stopped one as it was when `server` was read, else the
// defaults.
Launch launch_of(const Server& server);
// Of a running server.
Launch launch_of_process(const std::filesystem::path& data_directory, int pid);
Status start_plainly(const Server& server, const Launch& launch, Deadline deadline);

// For the shell that pg_ctl hands its -o to: every option in single quotes.
std::string shell_quoted(const std::vector<std::string>& options);
// What was written to the log after `offset`, its last lines, on one line.
std::string last_words(std::string_view log);

}  // namespace hone::postgres
