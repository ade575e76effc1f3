// prove/load/session.hpp - one connection of the generator: transactions go out in pipelines, and
// what comes back is read without waiting.
//
// Shape    up to `depth` transactions are on their way, answered in the order in which they were
//          sent. A session whose link is lost stays lost: open another.
// Errors   open: as postgres::Connection; failed_precondition where a statement cannot be prepared.
// Threads  one at a time.
// Source   libpq 15, "Pipeline Mode"
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engines/postgres/connection.hpp"
#include "prove/load/generator.hpp"
#include "prove/load/tally.hpp"

namespace hone::prove {

// A transaction that is on its way.
struct Flight {
    Task task;
    double began_at = 0;
    // Counted as timed out: its answer only frees the connection.
    bool given_up = false;

    // The session's own.
    Transaction transaction;
    int rounds_left = 0;
    int syncs_left = 0;
    bool touched_rows = false;
    bool is_rollback = false;
    std::string sqlstate;  // of the first failure
    std::string words;
    bool failed() const { return !sqlstate.empty(); }
};

class Session {
  public:
    static Result<Session> open(const GeneratorOptions& options, const Workload& workload,
                                Deadline deadline);

    int socket() const;
    bool lost() const { return lost_; }
    std::size_t in_flight() const { return count_; }
    bool has_room() const { return !lost_ && count_ < flights_.size(); }
    // Output waits for room in the socket.
    bool wants_to_write() const { return wants_to_write_; }
    postgres::Canceller canceller() const { return connection_.canceller(); }
    // Requires i < in_flight(); 0 is the oldest.
    Flight& flight(std::size_t i) { return flights_[(first_ + i) % flights_.size()]; }

    // The next flight, to be filled with task and transaction before launch(). Requires has_room().
    Flight& prepare();
    // Sends what prepare() gave.
    void launch();
    void write();
    // Takes what has arrived and calls `ended` for each transaction that it ended. After a loss all
    // that were on their way have ended, too.
    void read(const std::function<void(const Flight&)>& ended);
    // Gives the link up: as if it were lost.
    void abandon(const std::function<void(const Flight&)>& ended);

  private:
    Session(postgres::Connection connection, const Workload& workload, int depth);
    Status prepare_statements(Deadline deadline);
    void send(Flight& flight);
    void send_rollback();
    bool send_call(const StatementCall& call);
    bool send_named(const char* name);
    void absorb(Flight& flight, const pg_result* result);
    void take_results(const std::function<void(const Flight&)>& ended);
    void land(const std::function<void(const Flight&)>& ended);
    bool goes_another_round(const Flight& flight) const;
    void relaunch_first();
    void remove_first();

    postgres::Connection connection_;
    const Workload* workload_;
    std::vector<Flight> flights_;  // a ring
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    bool lost_ = false;
    bool wants_to_write_ = false;
};

}  // namespace hone::prove
