// engines/postgres/connection.hpp - one connection over libpq; every wait has a deadline.
//
// Errors   open: invalid_argument (no connection string), unavailable (nobody answers, name
//          resolution, no such database, too many clients, starting up), permission_denied
//          (password, pg_hba, role), deadline_exceeded; each with libpq's or the server's own
//          words, and never a password. query: by SQLSTATE: 42501 permission_denied, 57014
//          deadline_exceeded, 08* and a lost link unavailable with outcome unknown, 53* exhausted,
//          everything else failed_precondition.
// Threads  one thread at a time per connection.
// Limits   a result is held whole in memory: ask for what is bounded. Looking up a host's name
//          blocks as long as the system's resolver does.
// Source   libpq 15: PQconnectStart, PQsendQueryParams, PQcancel.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/identity.hpp"
#include "base/result.hpp"

struct pg_cancel;
struct pg_conn;
struct pg_result;

namespace hone::postgres {

// The rows of one result, as text; NULL is an absent optional.
class Rows {
  public:
    std::size_t size() const { return rows_.size(); }
    bool empty() const { return rows_.empty(); }
    // Requires row < size() and a column that the query named.
    const std::optional<std::string>& cell(std::size_t row, std::string_view column) const;
    // The cell, or "" for NULL.
    std::string text(std::size_t row, std::string_view column) const;

  private:
    friend class Connection;
    std::vector<std::string> columns_;
    std::vector<std::vector<std::optional<std::string>>> rows_;
};

// Asks the server to cancel what a connection runs.
class Canceller {
  public:
    // Returns at once. `done` is called on another thread when the server has taken notice; it is
    // not called while the server is frozen: then the request may still meet a later statement, and
    // the connection must not be used again.
    void request(std::function<void()> done) const;

  private:
    friend class Connection;
    explicit Canceller(pg_conn* connection);
    std::shared_ptr<pg_cancel> cancel_;
};

class Connection {
  public:
    // `conninfo` goes to libpq untouched (PG* variables, service files and .pgpass work);
    // application_name is "hone". `as`: the operating-system user that peer authentication should
    // see; matters only when the process is root and the connection goes through a Unix socket.
    static Result<Connection> open(const std::string& conninfo, Deadline deadline,
                                   std::optional<Identity> as = std::nullopt);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    // One statement; parameters are bound as text, never pasted. On the deadline the server is
    // asked to cancel.
    Result<Rows> query(const std::string& sql,
                       const std::vector<std::optional<std::string>>& parameters,
                       Deadline deadline);
    Result<Rows> query(const std::string& sql, Deadline deadline) {
        return query(sql, {}, deadline);
    }

    // Several statements, as one transaction unless they say otherwise; what they return is dropped.
    Status script(const std::string& sql, Deadline deadline);
    // COPY ... FROM STDIN. `next` fills the piece that is sent next, which comes to it empty, and
    // returns false after the last one; an Error of its own ends the COPY, which then leaves nothing.
    Status copy_in(const std::string& sql,
                   const std::function<Result<bool>(std::string& piece)>& next, Deadline deadline);

    // 150020, as PQserverVersion says it.
    int server_version() const;
    int backend_pid() const;
    Canceller canceller() const { return Canceller(connection_.get()); }
    // For whoever drives libpq itself (it is in non-blocking mode); query() may not be called while
    // anything is on its way.
    pg_conn* native() const { return connection_.get(); }
    std::string user() const;
    std::string database() const;
    // A parameter that libpq resolved ("host", "port", "user", "dbname"); "" where it has none.
    // Never the password.
    std::string parameter(std::string_view keyword) const;

  private:
    struct Closer {
        void operator()(pg_conn* connection) const;
    };
    explicit Connection(pg_conn* connection) : connection_(connection) {}
    // Of what was sent.
    Result<Rows> answer(const std::string& sql, Deadline deadline);
    Status feed_copy(const std::string& sql,
                     const std::function<Result<bool>(std::string& piece)>& next,
                     Deadline deadline);
    Result<Rows> rows_of(const pg_result* result, const std::string& sql);
    std::unique_ptr<pg_conn, Closer> connection_;
};

// "name" with quotes doubled: the only way that an identifier gets into SQL.
std::string quoted_identifier(std::string_view name);
// 'text' with quotes and backslashes doubled, for the statements that take no parameters (ALTER
// SYSTEM, ALTER DATABASE ... SET).
std::string quoted_literal(std::string_view text);

}  // namespace hone::postgres
