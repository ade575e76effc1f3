// model/statistics.hpp - what a server counted while it worked: from which workload, write rate and
// connections follow.
//
// Shape    absent: could not be read, or never counted.
// Units    counts since the last reset, of the whole cluster; bytes per second.
// Source   pg_stat_database, pg_stat_wal, pg_stat_bgwriter (pg_stat_checkpointer from 17),
//          pg_stat_activity, pg_extension.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"

namespace hone {

struct ServerStatistics {
    std::optional<std::int64_t> rows_inserted;
    std::optional<std::int64_t> rows_updated;
    std::optional<std::int64_t> rows_deleted;
    std::optional<std::int64_t> rows_fetched;  // returned by scans
    std::optional<std::int64_t> transactions;
    std::optional<std::int64_t> temporary_bytes;
    std::optional<double> seconds_covered;
    std::optional<double> wal_bytes_per_second;  // mean since the last reset of pg_stat_wal
    std::optional<std::int64_t> checkpoints_timed;
    std::optional<std::int64_t> checkpoints_requested;
    std::optional<int> client_connections;  // now, without hone's own
    std::optional<Bytes> database_size;     // of all databases
    bool is_standby = false;
    bool has_standbys = false;
    std::vector<std::string> extensions;  // of the connected database
};

}  // namespace hone
