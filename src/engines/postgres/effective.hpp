// engines/postgres/effective.hpp - which value holds for a new session, and who made it so.
//
// Shape    precedence, strongest first: the client (PGOPTIONS, libpq options), ALTER ROLE IN
//          DATABASE, ALTER ROLE, ALTER DATABASE, the server's command line, ALTER SYSTEM
//          (postgresql.auto.conf), the configuration files (the last entry read), the server's
//          environment, the built-in default.
// Threads  pure functions.
// Source   PostgreSQL manual 20.1; pg_settings.source; facts measured on 15.20.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engines/postgres/config_file.hpp"
#include "engines/postgres/state.hpp"
#include "model/plan.hpp"

namespace hone::postgres {

enum class Override {
    kNone,         // the plan's value holds
    kCommandLine,  // postgres -c, or pg_ctl -o
    kAlterSystem,  // postgresql.auto.conf
    kAlterDatabase,
    kAlterRole,
    kAlterRoleInDatabase,
    kLaterFile,       // another configuration file, read after hone's
    kDuplicateKey,    // the same key again further down in the same file
    kClient,          // PGOPTIONS or the connection string
    kEnvironment,     // PGPORT, PGDATA ... of the server's process
    kPendingRestart,  // written, read, and waiting for a restart
    kNotApplied,      // the server read the file and refused the value, or never read the file
    kUnknown,
};
std::string_view to_string(Override cause);

struct Obstacle {
    std::string setting;
    std::string wanted;     // display value
    std::string effective;  // display value
    Override cause = Override::kUnknown;
    std::string where;  // "/etc/postgresql/15/main/postgresql.conf line 812", "ALTER ROLE app SET",
                        // "the command line"
    std::string fix;    // what to type
};

// Both list, for one setting, every source that has to go until the plan's value holds, the
// strongest first.
//
// Before anything is written: which of the plan's changes would not hold, because something
// stronger than `hone_file` sets another value. `user` and `database` are those of the target's
// sessions.
std::vector<Obstacle> predict_obstacles(const Plan& plan, const ServerState& state,
                                        const ConfigTree& files,
                                        const std::filesystem::path& hone_file,
                                        std::string_view user, std::string_view database);
// After: reads the effective values of a new session and explains every one that is not the plan's.
std::vector<Obstacle> find_obstacles(const Plan& plan, const ServerState& state,
                                     const ConfigTree& files,
                                     const std::filesystem::path& hone_file);

std::string describe(const Obstacle& obstacle);

}  // namespace hone::postgres
