// blockdb/store/committer.hpp - gathers puts into blocks, one after the other, and makes them
// durable.
//
// Shape    while one block is being flushed the next one's puts gather by themselves, so blocks grow
//          with the load and a lone put waits for nobody. A request is never split.
// Threads  submit() from any; one thread of its own commits, another keeps the head file up to date
//          and so never delays an acknowledgement.
// Limits   the queue, as StoreOptions says.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "blockdb/store/recovery.hpp"
#include "blockdb/store/store.hpp"

namespace hone::blockdb {

class Committer {
  public:
    Committer(OpenedLedger& ledger, const StoreOptions& options);
    ~Committer();  // commits what is queued
    Committer(const Committer&) = delete;
    Committer& operator=(const Committer&) = delete;

    void submit(std::vector<PutItem> items, Durability durability, PutCallback callback);

    Block newest() const;  // that reads see
    std::uint64_t durable_height() const;
    // Under which the key map does not change and stands for newest().
    std::unique_lock<std::mutex> hold_key_map() const { return std::unique_lock(key_map_mutex_); }
    void add_statistics(StoreStatistics& statistics) const;

  private:
    struct Request {
        std::vector<PutItem> items;
        Durability durability;
        PutCallback callback;
        std::size_t bytes = 0;
    };
    struct Accepted;  // requests of one block that have passed their checks

    std::optional<Error> refusal(const Request& request) const;
    std::vector<Request> next_requests();
    void run();
    void commit(std::vector<Request> requests);
    void accept(Request request, Accepted& accepted);
    void commit_accepted(Accepted& accepted);
    Status make_block(Accepted& accepted);
    Result<std::vector<KeyConflict>> conflicts_of(const Request& request) const;
    Result<std::optional<KeyConflict>> stored_conflict(const PutItem& item) const;
    Status write_block(Accepted& accepted, Commit& commit, bool durable);
    void publish(const Commit& commit, bool durable);
    Status write_key_map_if_due(bool closing);
    void fail(const Error& error);
    void flush_relaxed();
    void keep_head();

    OpenedLedger& ledger_;
    const StoreOptions options_;

    mutable std::mutex mutex_;  // of what follows
    std::condition_variable work_;
    std::condition_variable head_work_;
    std::deque<Request> queue_;
    std::size_t queued_records_ = 0;
    std::size_t queued_bytes_ = 0;
    bool closing_ = false;
    bool committed_all_ = false;
    std::optional<Error> failure_;
    Block newest_;
    Block durable_;
    std::uint64_t blocks_committed_ = 0;
    std::uint64_t conflicts_ = 0;

    mutable std::mutex key_map_mutex_;
    std::thread committing_;
    std::thread head_keeping_;
};

}  // namespace hone::blockdb
