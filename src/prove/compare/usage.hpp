// prove/compare/usage.hpp - what a server has consumed since it started: companions of a rate that noise
// hardly touches.
//
// Shape    CPU seconds of the postmaster, of the children that it has reaped and of those that
//          live; bytes of WAL inserted; shared buffers asked for in the connection's database.
// Units    seconds, with the kernel's resolution of 1/100; bytes; blocks.
// Errors   failed_precondition: the server is gone.
// Limits   a backend reports its buffers when it ends, or when it is idle a second after the last
//          time, or when it was told to (pg_stat_force_next_flush, 15 and newer). Before 15 they
//          are not told at all (0): the collector's file may be half a second old.
// Source   proc(5): stat fields 14 to 17; pg_current_wal_insert_lsn(); pg_stat_database.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"

namespace hone::prove {

struct Usage {
    double cpu_seconds = 0;
    double wal_bytes = 0;
    double buffers_hit = 0;   // found in shared_buffers
    double buffers_read = 0;  // asked of the operating system
    double buffers() const { return buffers_hit + buffers_read; }
};

// What the load's clients do between slices.
enum class ClientsBetweenSlices {
    kLeave,  // what a backend used counts for its parent when it has ended: that is waited for
    kStay,
};

Result<Usage> read_usage(pid_t postmaster, postgres::Connection& connection, Deadline deadline,
                         ClientsBetweenSlices clients = ClientsBetweenSlices::kLeave);

// The parts, for tests; `proc` is /proc.
struct ProcessTimes {
    pid_t parent = 0;
    double own_seconds = 0;              // user and system
    double reaped_children_seconds = 0;  // of children that have ended and were waited for
};
std::optional<ProcessTimes> times_from_stat(std::string_view stat, long ticks_per_second);
std::vector<pid_t> children_of(const std::filesystem::path& proc, pid_t parent);
Result<double> cpu_seconds_of_server(const std::filesystem::path& proc, pid_t postmaster);

}  // namespace hone::prove
