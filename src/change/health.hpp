// change/health.hpp - a server that runs by its files: what a new session sees, and the way from
// "down" or "pending restart" to there.
//
// Threads  hold the server's lock (change/lock.hpp).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "change/intent.hpp"
#include "engines/postgres/server.hpp"

namespace hone::change {

// Setting -> canonical value in a new session; settings that the server does not know are left out.
Result<std::map<std::string, std::string>> session_values(const postgres::Server& server,
                                                          const std::vector<std::string>& names,
                                                          Deadline deadline);

struct Difference {
    std::string setting;
    std::string wanted;     // canonical
    std::string effective;  // canonical; "" where the server does not know it
};
// Settings whose value is not what it was before the apply. Those that waited for a restart then
// are left out: what became of them is not known.
Result<std::vector<Difference>> differences_from_before(const postgres::Server& server,
                                                        const std::vector<ChangedSetting>& changes,
                                                        Deadline deadline);
// Of those, the ones that a reload cannot bring back.
std::vector<std::string> restart_names(const std::vector<Difference>& differences,
                                       const std::vector<ChangedSetting>& changes);

// With the files as they were before: starts the server where it is down, reloads it, restarts it
// where a setting needs that. Success: it answers, and runs by its files.
Status bring_back(const postgres::Server& server, const std::vector<ChangedSetting>& changes,
                  Deadline deadline);

}  // namespace hone::change
