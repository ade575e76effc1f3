// prove/load/workload.hpp - what the load generator sends: numbered transactions of a few kinds.
//
// Shape    a workload has operations ("address page", "ingest transactions"), and each operation is
//          an endless row of transactions, numbered from 0. Transaction n of an operation is the
//          same on every server, for every number of threads and in every repetition: it depends on
//          the workload, its seed and n alone. Nothing in a transaction depends on an answer.
// Threads  draw() is called by several threads at once.
// Source   docs/reference/load.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hone::prove {

// A statement that is prepared once on every connection.
struct StatementText {
    std::string name;                            // of the prepared statement
    std::string sql;                             // with $1, $2, ...
    std::vector<std::uint32_t> parameter_types;  // Oids; empty: the server infers them
};

struct OperationInfo {
    std::string name;  // "address-page"
    bool writes = false;
    // Rows or records that one transaction of it stands for, for rates in the users' own unit (an
    // ingest batch of 250 transactions counts 250).
    double units = 1;
};

// One statement with its bound parameters. Memory is kept between uses.
class StatementCall {
  public:
    void reset(std::size_t statement);
    void bind_null();
    void bind_text(std::string_view value);
    // In the binary format of its type, network byte order.
    void bind_binary(std::string_view value);
    void bind_int2(std::int16_t value);
    void bind_int4(std::int32_t value);
    void bind_int8(std::int64_t value);

    std::size_t statement() const { return statement_; }
    std::size_t parameters() const { return formats_.size(); }
    // As PQsendQueryPrepared takes them; valid until the next bind or reset.
    const char* const* values() const;
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

  private:
    void append(std::string_view value, int format);
    std::size_t statement_ = 0;
    std::string bytes_;                 // all values, each followed by a zero byte
    std::vector<std::size_t> offsets_;  // into bytes_; kNull for NULL
    std::vector<int> lengths_;
    std::vector<int> formats_;
    mutable std::vector<const char*> values_;
};

// What one arrival makes the server do.
class Transaction {
  public:
    // Forgets the calls and keeps their memory.
    void clear();
    StatementCall& add(std::size_t statement);
    std::span<const StatementCall> calls() const { return {calls_.data(), used_}; }

    // BEGIN and COMMIT around the calls. Without it each statement commits by itself.
    bool atomic = false;
    // The calls are sent again until none of them touches a row, at most this often: loops like
    // DELETE ... LIMIT. Each round is a transaction of its own; the latency is that of all.
    int rounds_at_most = 1;

  private:
    std::vector<StatementCall> calls_;
    std::size_t used_ = 0;
};

class Workload {
  public:
    virtual ~Workload() = default;
    virtual std::span<const StatementText> statements() const = 0;
    virtual std::span<const OperationInfo> operations() const = 0;
    // Fills `transaction`, which was cleared, with transaction `number` of the operation.
    // Requires operation < operations().size().
    virtual void draw(std::size_t operation, std::uint64_t number,
                      Transaction& transaction) const = 0;
};

}  // namespace hone::prove
