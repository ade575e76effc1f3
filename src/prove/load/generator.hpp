// prove/load/generator.hpp - the load generator: thousands of logical clients on few connections,
// and no latency that hides.
//
// Shape    open loop by default: arrivals come by a schedule fixed before the run, wait for a free
//          connection in a bounded queue, and their latency counts from the moment at which they
//          were meant to begin. A server that stands still for a second therefore shows it in every
//          arrival of that second. Closed loop is a mode with its own label: a fixed number of
//          logical clients, each of which sends its next transaction when it has its answer.
// Units    seconds; transactions per second.
// Errors   open: as postgres::Connection, and failed_precondition where a statement cannot be
//          prepared, with the server's words. run: unavailable when every connection was lost;
//          deadline_exceeded. A transaction that fails is no Error: it is counted, by SQLSTATE, and
//          its latency is the timeout's.
// Threads  its own, joined before run returns; one run at a time. Where `as` is given, opening a lost
//          connection anew during a run switches the whole process to that user for a moment.
// Cost     no more CPU per transaction than pgbench (hone_load_bench compares).
// Source   docs/reference/load.md
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/identity.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "prove/load/arrivals.hpp"
#include "prove/load/histogram.hpp"
#include "prove/load/workload.hpp"

namespace hone::prove {

struct GeneratorOptions {
    std::string conninfo;
    std::optional<Identity> as;  // see postgres::Connection::open
    int connections = 8;         // in all
    int threads = 1;             // they share the connections out
    // Several transactions may be on their way on one connection (libpq's pipeline mode) where that
    // is greater than 1.
    int pipeline_depth = 1;
};

struct OpenLoop {
    std::vector<double> rates;  // arrivals per second, by operation
    Pacing pacing = Pacing::kPoisson;
    int logical_clients = 1000;  // for the report: arrivals are drawn from so many
    // Arrivals beyond this many waiting ones are dropped, and counted with the timeout's latency.
    std::size_t longest_queue = 100000;
    // Instead of `rates`: a schedule from elsewhere.
    std::shared_ptr<std::vector<Arrival>> recorded;
};

struct ClosedLoop {
    std::vector<double> weights;  // by operation
    int clients = 8;
    double think_seconds = 0;
};

struct RunOptions {
    double seconds = 10;  // of arrivals, the warm-up included
    std::optional<OpenLoop> open_loop;
    std::optional<ClosedLoop> closed_loop;  // exactly one of the two
    double timeout_seconds = 30;            // of a transaction, from its intended start
    std::uint64_t seed = 0;
    // By operation: where to go on numbering; empty: from 0. A run's report has the next ones.
    std::vector<std::uint64_t> first_numbers;
    // Detect the steady state and leave what was before it out of the figures; false: count all.
    bool find_steady_state = false;
};

struct OperationReport {
    std::string name;
    std::uint64_t arrived = 0;    // meant to begin in the run
    std::uint64_t completed = 0;  // answered without an error
    std::uint64_t failed = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t dropped = 0;  // no room in the queue
    std::uint64_t late = 0;     // began more than a millisecond after they were meant to
    double units = 0;           // completed times OperationInfo::units
    std::map<std::string, std::uint64_t> failures;  // by SQLSTATE
    std::string first_failure;                      // the server's words
    LatencyHistogram latency;  // from the intended start; failures at the timeout's value
    LatencyHistogram service;  // from the moment it was sent
};

struct LoadReport {
    bool open_loop = true;
    double seconds = 0;          // that the figures are of, warm-up left out
    double warm_up_seconds = 0;  // that was left out
    bool steady = true;          // false: no steady state was reached in the run
    double offered = 0;          // arrivals per second
    double achieved = 0;         // completed per second
    std::vector<OperationReport> operations;
    LatencyHistogram latency;  // of all operations
    LatencyHistogram
        schedule_error;  // how late the generator itself was while a connection was free
    std::uint64_t longest_queue = 0;
    double generator_cpu_seconds = 0;
    std::vector<double> achieved_by_second;
    // Closed loop: clients against throughput x mean latency (Little's law). The run is to be
    // disbelieved where they differ by more than a tenth.
    double clients = 0;
    double clients_by_little = 0;
    std::vector<std::uint64_t> next_numbers;  // by operation
};

class LoadGenerator {
  public:
    // Connects and prepares the statements. `workload` must outlive the generator.
    static Result<LoadGenerator> open(const GeneratorOptions& options, const Workload& workload,
                                      Deadline deadline);
    LoadGenerator(LoadGenerator&&) noexcept;
    LoadGenerator& operator=(LoadGenerator&&) noexcept;
    ~LoadGenerator();

    // What was lost is connected anew first. Returns when the last arrival was answered, failed or
    // timed out.
    Result<LoadReport> run(const RunOptions& options, Progress& progress, Deadline deadline);

  private:
    struct State;
    explicit LoadGenerator(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

json::object to_json(const LoadReport& report);

}  // namespace hone::prove
