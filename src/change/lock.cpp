#include "change/lock.hpp"

#include <fmt/format.h>

#include "engines/postgres/control.hpp"

namespace hone::change {

namespace {

// "hone" in ASCII: the same on every machine.
constexpr const char* kAdvisoryKey = "1752133221";

std::string advisory_holder(postgres::Connection& connection, Deadline deadline) {
    const auto rows = connection.query(
        "SELECT a.pid, a.usename, coalesce(host(a.client_addr), 'this machine') AS place "
        "FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objid = $1::bigint::oid",
        {kAdvisoryKey}, deadline);
    if (!rows.ok() || rows->empty()) return "another hone";
    return fmt::format("another hone (session {} of role {} from {})", rows->text(0, "pid"),
                       rows->text(0, "usename"), rows->text(0, "place"));
}

Status take_advisory_lock(postgres::Connection& connection, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT pg_try_advisory_lock($1::bigint) AS taken",
                                     {kAdvisoryKey}, deadline));
    if (rows.text(0, "taken") == "t") return {};
    return Error{ErrorCode::kConflict, "locking the server",
                 "held by " + advisory_holder(connection, deadline),
                 "wait until it has finished, then try again"};
}

}  // namespace

Result<TargetLock> TargetLock::acquire(const postgres::Server& server, Deadline deadline) {
    TargetLock lock;
    if (!server.data_directory.empty()) {
        HONE_TRY_ASSIGN(lock.folder_, FileLock::acquire(server.data_directory));
        if (!postgres::is_running(server)) return lock;
    }
    auto session = postgres::connect(server, deadline);
    if (!session.ok()) {
        // A server that is down or coming up has no sessions; the folder's lock is enough then.
        if (lock.folder_) return lock;
        return std::move(session).error();
    }
    HONE_TRY(take_advisory_lock(*session, deadline));
    lock.session_ = std::move(session).value();
    return lock;
}

}  // namespace hone::change
