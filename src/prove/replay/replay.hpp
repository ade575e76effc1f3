// prove/replay/replay.hpp - a recorded workload as something that the load generator can send.
//
// Shape    auto run = open_workload_file("shop.workload");
//          fit(*run, connection);                    // what this server cannot or must not run
//          generator.conninfo = run->conninfo(server.conninfo());
//          LoadGenerator::open(generator, *run->workload, deadline);
//          run_options.open_loop = run->open_loop({.speed = 2, .seconds = 60});
//          A recording from a log is replayed by its own arrivals (OpenLoop::recorded), sped up and
//          repeated as often as the seconds need; one from pg_stat_statements by its rates
//          (OpenLoop::rates). Closed loop: `rates` are the weights.
//          An operation is one kind of transaction: the same statements in the same order. The
//          rarest kinds share the last one.
// Errors   open: not_found, permission_denied, data_loss, invalid_argument (with the line);
//          failed_precondition: nothing of it can be replayed this way. fit: as
//          postgres::Connection, and failed_precondition where nothing is left.
// Threads  a ReplayRun is a value; its workload may be drawn from by many threads.
// Cost     the whole recording is in memory (kLargestRecording).
// Limits   sessions and the pauses within a transaction are not replayed: a transaction's calls go
//          out together, on whatever connection is free.
// Source   docs/reference/workload.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "prove/load/generator.hpp"
#include "prove/load/workload.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

struct ReplayOptions {
    // Writes too: only ever for a server that is a scratch copy (target_copy.hpp).
    bool with_writes = false;
    std::uint64_t seed = 0;  // of what is drawn from statistics
};

struct ReplayPace {
    double speed = 1;    // 2: twice as many transactions per second
    double seconds = 0;  // of arrivals; 0: the recording once
};

struct ReplayRun {
    std::shared_ptr<const Workload> workload;
    std::vector<double> rates;  // transactions per second as recorded, by operation
    double seconds = 0;         // that were recorded
    LeftOut left_out;           // calls by reason, of the recording and of the replay
    ReplayOptions options;
    std::shared_ptr<const Recording> recording;
    // Once through; empty for a recording from pg_stat_statements.
    std::shared_ptr<const std::vector<Arrival>> arrivals;
    // By statement of the recording: why fit() took it out; "" where it did not.
    std::vector<std::string> refused;

    OpenLoop open_loop(const ReplayPace& pace) const;
    // `base` with the recorded database and user, in which nothing can be written unless
    // options.with_writes: the server itself refuses it. For a scratch copy, which has both.
    std::string conninfo(const std::string& base) const;
    // "shop, recorded from a log: 12 kinds of transactions, 340.0 per second over 60 s".
    std::string description() const;
};

Result<ReplayRun> open_workload_file(const std::filesystem::path& file,
                                     const ReplayOptions& options = {});
Result<ReplayRun> make_replay(std::shared_ptr<const Recording> recording,
                              const ReplayOptions& options);

// Takes out what this server cannot prepare, and without with_writes what calls a function of the
// user's own that may have side effects. Requires a connection made with run.conninfo(), to a server
// like those that the load will go to.
Status fit(ReplayRun& run, postgres::Connection& connection, Deadline deadline);

}  // namespace hone::prove
