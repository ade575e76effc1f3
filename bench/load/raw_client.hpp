// bench/load/raw_client.hpp - the least that a closed loop over libpq can do: no histogram, no
// schedule, no timeouts. What it costs on one event loop or on another is the loop's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cost.hpp"
#include "engines/postgres/scratch.hpp"
#include "load.hpp"

namespace hone::bench {

class RawClient {
  public:
    static Result<RawClient> open(const postgres::ScratchServer& server,
                                  const OneStatement& workload, int connections, Deadline deadline);
    std::size_t connections() const { return connections_.size(); }
    int socket(std::size_t connection) const;
    Status send(std::size_t connection);
    // True when the answer is complete.
    Result<bool> read(std::size_t connection);
    std::uint64_t answered() const { return answered_; }
    std::uint64_t in_flight() const { return sent_ - answered_; }

  private:
    const OneStatement* workload_ = nullptr;
    std::vector<postgres::Connection> connections_;
    prove::Transaction transaction_;
    std::uint64_t sent_ = 0;
    std::uint64_t answered_ = 0;
};

// Each keeps one statement on its way on every connection until the time is over.
Result<Cost> run_on_epoll(RawClient& client, double seconds);
Result<Cost> run_on_asio(RawClient& client, double seconds);

double thread_cpu_seconds();

}  // namespace hone::bench
