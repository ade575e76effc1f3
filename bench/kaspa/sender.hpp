// bench/kaspa/sender.hpp - one transaction of a workload at a time, to its end: for work that is
// measured by its amount and not by its rate.
//
// Errors   unavailable, failed_precondition: the server's words.
// Threads  one; waits without a deadline, beside a server of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "prove/load/workload.hpp"

struct pg_conn;

namespace hone::bench {

class Sender {
  public:
    static Result<Sender> open(const std::string& conninfo, const prove::Workload& workload);
    // Rows that it touched, in all rounds. Requires an operation of that name.
    Result<std::int64_t> send(const std::string& operation, std::uint64_t number);

    // So that what was done is in the server's statistics at once. PostgreSQL 14 has no way to ask.
    void report_statistics();

  private:
    struct Closer {
        void operator()(pg_conn* connection) const;
    };
    Sender(std::unique_ptr<pg_conn, Closer> connection, const prove::Workload& workload)
        : connection_(std::move(connection)), workload_(&workload) {}
    Result<std::int64_t> round(const prove::Transaction& transaction);
    Status run(const char* sql);

    std::unique_ptr<pg_conn, Closer> connection_;
    const prove::Workload* workload_;
    prove::Transaction transaction_;
};

}  // namespace hone::bench
