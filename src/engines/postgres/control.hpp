// engines/postgres/control.hpp - start, stop, restart and reload, by whatever manages the server.
//
// Shape    Debian cluster: pg_ctlcluster (which goes through systemd where systemd runs); kSystemd:
//          systemctl; plain: pg_ctl as the owner with the options that it was last started with;
//          container and Patroni: unsupported, with what to do instead. A plain server keeps its
//          options, its PG* environment and its log; where that is no file, hone-start.log in the
//          data folder is (launch.hpp).
// Errors   failed_precondition: the server did not come up, with the last lines of what it said;
//          deadline_exceeded.
// Outcome  unknown where the deadline ran out while the server was starting or stopping.
// Threads  one at a time per server: hold the server's lock (change/lock.hpp).
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/server.hpp"

namespace hone::postgres {

// Accepts connections or says that it is starting up.
bool is_running(const Server& server);
Status start(const Server& server, Deadline deadline);
// Fast shutdown.
Status stop(const Server& server, Deadline deadline);
Status restart(const Server& server, Deadline deadline);
// Sends SIGHUP (or pg_reload_conf() where the process is out of reach) and waits until a new
// connection sees that the configuration was read again (pg_conf_load_time moved on).
Status reload(const Server& server, Deadline deadline);
// Waits until a connection is accepted and a SELECT answers.
Status wait_until_ready(const Server& server, Deadline deadline);

}  // namespace hone::postgres
