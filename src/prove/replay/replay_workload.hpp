// prove/replay/replay_workload.hpp - the part of a recording that is replayed, as operations with
// numbered transactions.
//
// Shape    from a log, transaction n of an operation is the n-th recorded one of its kind, from the
//          beginning again after the last. From pg_stat_statements each statement is an operation,
//          and its parameters are drawn from (seed, operation, n) alone.
// Threads  draw() by several at once.
#pragma once

#include <memory>
#include <vector>

#include "prove/load/arrivals.hpp"
#include "prove/load/workload.hpp"
#include "prove/replay/recording.hpp"

namespace hone::prove {

// The most frequent kinds of transactions have operations of their own; the others share one.
inline constexpr std::size_t kMostOperations = 40;

class ReplayWorkload : public Workload {
  public:
    // `usable`, by statement of the recording: may be sent.
    ReplayWorkload(std::shared_ptr<const Recording> recording, const std::vector<bool>& usable,
                   const std::vector<bool>& writes, std::uint64_t seed);

    std::span<const StatementText> statements() const override { return statements_; }
    std::span<const OperationInfo> operations() const override { return operations_; }
    void draw(std::size_t operation, std::uint64_t number, Transaction& transaction) const override;

    // Once through the recording; empty for one from pg_stat_statements.
    const std::vector<Arrival>& arrivals() const { return arrivals_; }
    // Transactions per second as recorded, by operation.
    const std::vector<double>& rates() const { return rates_; }

  private:
    struct Kind {
        std::vector<std::uint32_t> statements;
        std::vector<std::uint32_t> transactions;
    };
    void keep_statements(const std::vector<bool>& usable);
    std::vector<Kind> kinds_of_transactions() const;
    void schedule(std::uint32_t operation);
    void operations_of_log(const std::vector<bool>& writes);
    void operations_of_statements(const std::vector<bool>& writes);
    void draw_recorded(const RecordedTransaction& recorded, Transaction& transaction) const;
    std::string name_of(const std::vector<std::uint32_t>& kind) const;
    void make_names_unique();

    std::shared_ptr<const Recording> recording_;
    std::uint64_t seed_;
    std::vector<StatementText> statements_;
    std::vector<std::uint32_t> place_;  // of a recorded statement in statements_; kLeftOut
    std::vector<OperationInfo> operations_;
    std::vector<double> rates_;
    std::vector<std::vector<std::uint32_t>> members_;  // transactions, or the one statement
    std::vector<Arrival> arrivals_;
};

}  // namespace hone::prove
