// change/lock.hpp - one hone at a time works on a server, whatever state folder it uses.
//
// Shape    flock on the data folder where it is in reach, and a PostgreSQL advisory lock where the
//          server answers: hones on two machines meet there.
// Errors   conflict: names who holds it.
// Limits   the advisory lock is of one database: two remote hones that connect to different
//          databases do not see each other.
#pragma once

#include <optional>

#include "base/file_lock.hpp"
#include "engines/postgres/server.hpp"

namespace hone::change {

class TargetLock {
  public:
    // Does not wait. Held until the object goes or the process dies.
    static Result<TargetLock> acquire(const postgres::Server& server, Deadline deadline);

  private:
    std::optional<FileLock> folder_;
    std::optional<postgres::Connection> session_;
};

}  // namespace hone::change
