#include "blockdb/store/committer.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "base/failpoint.hpp"

namespace hone::blockdb {

namespace {

std::uint64_t now_microseconds() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

Salt fresh_salt() {
    Salt salt;
    HONE_ASSERT(RAND_bytes(salt.data(), static_cast<int>(salt.size())) == 1);
    return salt;
}

std::size_t bytes_of(const std::vector<PutItem>& items) {
    std::size_t bytes = 0;
    for (const PutItem& item : items) bytes += item.key.size() + item.value.size();
    return bytes;
}

PutOutcome failed(Error error) {
    PutOutcome outcome;
    outcome.error = std::move(error);
    return outcome;
}

Error put_error(ErrorCode code, std::string wrong, std::string advice) {
    return Error(code, "putting records", std::move(wrong), std::move(advice));
}

Status check_item(const PutItem& item, const StoreOptions& options) {
    HONE_TRY(check_key(item.key));
    if (item.key.front() == kSystemKeyByte)
        return put_error(ErrorCode::kInvalidArgument, "a key begins with a zero byte",
                         "such keys are the ledger's own: choose another");
    if (static_cast<std::int64_t>(item.value.size()) > options.largest_value.count())
        return put_error(ErrorCode::kInvalidArgument,
                         fmt::format("a value has {} bytes; the limit is {}", item.value.size(),
                                     options.largest_value.count()),
                         "split it, or raise the limit");
    return {};
}

}  // namespace

struct Committer::Accepted {
    struct Part {
        Request request;
        std::uint64_t first_sequence = 0;
    };
    std::vector<Part> parts;
    std::vector<Draft> drafts;
    std::vector<StoredValue> values;  // by draft
    std::unordered_set<std::string> keys;

    bool durable() const {
        return std::ranges::any_of(
            parts, [](const Part& part) { return part.request.durability == Durability::kStrict; });
    }
    void add(Request request, std::uint64_t sequence) {
        for (PutItem& item : request.items) {
            const Salt salt = fresh_salt();
            drafts.push_back({item.key, commit_to_value(salt, item.value)});
            values.push_back({salt, std::move(item.value)});
            keys.insert(std::move(item.key));
        }
        parts.push_back({std::move(request), sequence});
    }
    bool has_key_of(const Request& request) const {
        return std::ranges::any_of(request.items,
                                   [this](const PutItem& item) { return keys.contains(item.key); });
    }
    void answer(const PutOutcome& outcome) {
        for (Part& part : parts) {
            PutOutcome own = outcome;
            if (own.receipt) own.receipt->first_sequence = part.first_sequence;
            part.request.callback(std::move(own));
        }
    }
};

Committer::Committer(OpenedLedger& ledger, const StoreOptions& options)
    : ledger_(ledger),
      options_(options),
      newest_(ledger.state.last),
      durable_(ledger.state.last),
      committing_([this] { run(); }),
      head_keeping_([this] { keep_head(); }) {}

Committer::~Committer() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    work_.notify_all();
    committing_.join();
    {
        const std::lock_guard lock(mutex_);
        committed_all_ = true;
    }
    head_work_.notify_all();
    head_keeping_.join();
}

std::optional<Error> Committer::refusal(const Request& request) const {
    if (failure_) return *failure_;
    if (closing_)
        return put_error(ErrorCode::kFailedPrecondition, "the ledger is closing",
                         "try again later");
    if (queued_records_ + request.items.size() > options_.longest_queue ||
        queued_bytes_ + request.bytes > static_cast<std::size_t>(options_.largest_queue.count()))
        return put_error(ErrorCode::kExhausted,
                         fmt::format("{} records wait already", queued_records_),
                         "the disk does not keep up: put more slowly, and try again");
    return std::nullopt;
}

void Committer::submit(std::vector<PutItem> items, Durability durability, PutCallback callback) {
    Request request{std::move(items), durability, std::move(callback), 0};
    request.bytes = bytes_of(request.items);
    if (request.items.empty() || request.items.size() > options_.most_records_per_block)
        return request.callback(
            failed(put_error(ErrorCode::kInvalidArgument,
                             fmt::format("{} records in one request", request.items.size()),
                             fmt::format("put 1 to {} at once", options_.most_records_per_block))));
    for (const PutItem& item : request.items)
        if (auto checked = check_item(item, options_); !checked.ok())
            return request.callback(failed(std::move(checked).error()));
    std::optional<Error> refused;
    {
        const std::lock_guard lock(mutex_);
        refused = refusal(request);
        if (!refused) {
            queued_records_ += request.items.size();
            queued_bytes_ += request.bytes;
            queue_.push_back(std::move(request));
        }
    }
    if (refused) return request.callback(failed(std::move(*refused)));
    work_.notify_one();
}

// Waits for the next block's requests; none when the store closes.
std::vector<Committer::Request> Committer::next_requests() {
    std::unique_lock lock(mutex_);
    const auto something = [this] { return closing_ || !queue_.empty(); };
    while (!something()) {
        if (newest_.height == durable_.height) {
            work_.wait(lock, something);
        } else if (!work_.wait_for(lock, options_.relaxed_flush_interval, something)) {
            lock.unlock();
            flush_relaxed();
            lock.lock();
        }
    }
    if (options_.block_delay.count() > 0 && !closing_)
        work_.wait_for(lock, options_.block_delay, [this] {
            return closing_ || queued_records_ >= options_.most_records_per_block;
        });
    std::vector<Request> requests;
    std::size_t records = 0;
    std::size_t bytes = 0;
    while (!queue_.empty()) {
        Request& next = queue_.front();
        if (!requests.empty() &&
            (records + next.items.size() > options_.most_records_per_block ||
             bytes + next.bytes > static_cast<std::size_t>(options_.most_bytes_per_block.count())))
            break;
        records += next.items.size();
        bytes += next.bytes;
        requests.push_back(std::move(next));
        queue_.pop_front();
    }
    queued_records_ -= records;
    queued_bytes_ -= bytes;
    return requests;
}

void Committer::run() {
    for (;;) {
        std::vector<Request> requests = next_requests();
        if (requests.empty()) break;
        commit(std::move(requests));
    }
    flush_relaxed();
    if (const Status status = write_key_map_if_due(true); !status.ok()) fail(status.error());
}

Result<std::optional<KeyConflict>> Committer::stored_conflict(const PutItem& item) const {
    using Conflict = std::optional<KeyConflict>;
    HONE_TRY_ASSIGN(const auto row, ledger_.engine->get(Family::kIndexes, key_index_key(item.key)));
    if (!row) return Conflict();
    HONE_TRY_ASSIGN(const std::uint64_t sequence, decode_number(*row, "a key's sequence"));
    HONE_TRY_ASSIGN(const StoredRecord stored, read_record(*ledger_.engine, sequence));
    KeyConflict conflict;
    conflict.key = item.key;
    conflict.sequence = stored.leaf.sequence;
    conflict.same_value = stored.content && stored.content->value == item.value;
    return Conflict(std::move(conflict));
}

Result<std::vector<KeyConflict>> Committer::conflicts_of(const Request& request) const {
    std::vector<KeyConflict> conflicts;
    std::unordered_set<std::string_view> own;
    for (const PutItem& item : request.items) {
        HONE_TRY_ASSIGN(auto conflict, stored_conflict(item));
        if (conflict) {
            conflicts.push_back(std::move(*conflict));
        } else if (!own.insert(item.key).second) {
            conflicts.push_back({item.key, 0, false, true});
        }
    }
    return conflicts;
}

// Into the block, or answered because it cannot be put.
void Committer::accept(Request request, Accepted& accepted) {
    auto conflicts = conflicts_of(request);
    if (!conflicts.ok()) return request.callback(failed(std::move(conflicts).error()));
    if (conflicts->empty()) {
        const std::uint64_t sequence = ledger_.state.last.tree_size + accepted.drafts.size();
        return accepted.add(std::move(request), sequence);
    }
    PutOutcome outcome;
    outcome.conflicts = std::move(conflicts).value();
    {
        const std::lock_guard lock(mutex_);
        conflicts_ += outcome.conflicts.size();
    }
    request.callback(std::move(outcome));
}

// One block, or several where requests put the same key: the later one has to see what became of
// the earlier one.
void Committer::commit(std::vector<Request> requests) {
    while (!requests.empty()) {
        Accepted accepted;
        std::vector<Request> later;
        for (Request& request : requests) {
            if (accepted.has_key_of(request)) {
                later.push_back(std::move(request));
            } else {
                accept(std::move(request), accepted);
            }
        }
        if (!accepted.parts.empty()) commit_accepted(accepted);
        requests = std::move(later);
    }
}

void Committer::commit_accepted(Accepted& accepted) {
    PutOutcome outcome;
    if (const Status status = make_block(accepted); status.ok()) {
        outcome.receipt = PutReceipt{ledger_.state.last, 0};
    } else {
        outcome.error = status.error();
    }
    accepted.answer(outcome);
    if (const Status status = write_key_map_if_due(false); !status.ok()) fail(status.error());
}

Status Committer::make_block(Accepted& accepted) {
    {
        const std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
    }
    std::unique_lock key_map_lock(key_map_mutex_);
    HONE_TRY_ASSIGN(Commit commit, commit_block(ledger_.state, *ledger_.key_map, accepted.drafts,
                                                now_microseconds()));
    key_map_lock.unlock();
    return write_block(accepted, commit, accepted.durable());
}

Status Committer::write_block(Accepted& accepted, Commit& commit, bool durable) {
    Batch batch;
    for (std::size_t i = 0; i < commit.leaves.size(); ++i) {
        const Leaf& leaf = commit.leaves[i];
        batch.put(Family::kIndexes, key_index_key(leaf.key), number_key(leaf.sequence));
        batch.put(Family::kRecords, number_key(leaf.sequence),
                  encode_record({leaf, std::move(accepted.values[i])}));
    }
    for (const LogNode& node : commit.log_nodes)
        batch.put(Family::kTree, log_node_key(node.address), node.hash.view());
    batch.put(Family::kBlocks, number_key(commit.state.last.height),
              encode_block(commit.state.last));
    HONE_FAILPOINT("committer.before_write");
    if (Status written = ledger_.engine->write(batch, durable); !written.ok()) {
        fail(written.error());
        return written;
    }
    HONE_FAILPOINT("committer.after_write");
    publish(commit, durable);
    return {};
}

void Committer::publish(const Commit& commit, bool durable) {
    {
        const std::lock_guard key_map_lock(key_map_mutex_);
        // Cannot fail for want of a page: commit_block has just read every page on these ways.
        if (const Status applied = ledger_.key_map->apply(commit.key_map_writes); !applied.ok())
            fail(applied.error());
        ledger_.state = commit.state;
        const std::lock_guard lock(mutex_);
        newest_ = commit.state.last;
        if (durable) durable_ = newest_;
        ++blocks_committed_;
    }
    head_work_.notify_one();
}

Status Committer::write_key_map_if_due(bool closing) {
    const std::lock_guard lock(key_map_mutex_);
    if (!(closing ? ledger_.key_map->changed() : ledger_.key_map->wants_write())) return {};
    Batch batch;
    ledger_.key_map->write_into(batch);
    batch.put(Family::kMeta, kMetaKeyMapHeight, number_key(ledger_.state.last.height));
    return ledger_.engine->write(batch, closing);
}

// What was put cannot be told from what was not until the database has been opened anew.
void Committer::fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    failure_ = Error(ErrorCode::kFailedPrecondition, "putting records",
                     "an earlier write failed: " + error.message(),
                     "stop and start the ledger again; reads go on meanwhile");
}

void Committer::flush_relaxed() {
    Block newest;
    {
        const std::lock_guard lock(mutex_);
        if (newest_.height == durable_.height || failure_) return;
        newest = newest_;
    }
    if (const Status synced = ledger_.engine->sync(); !synced.ok()) return fail(synced.error());
    {
        const std::lock_guard lock(mutex_);
        durable_ = newest;
    }
    head_work_.notify_one();
}

void Committer::keep_head() {
    Block kept = *ledger_.head_file.newest();
    std::unique_lock lock(mutex_);
    for (;;) {
        head_work_.wait(lock, [&] { return committed_all_ || durable_.height > kept.height; });
        if (durable_.height == kept.height) return;
        kept = durable_;
        lock.unlock();
        const Status written = ledger_.head_file.write(kept);
        if (!written.ok()) fail(written.error());
        lock.lock();
        if (!written.ok()) return;
    }
}

Block Committer::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

std::uint64_t Committer::durable_height() const {
    const std::lock_guard lock(mutex_);
    return durable_.height;
}

void Committer::add_statistics(StoreStatistics& statistics) const {
    const std::lock_guard lock(mutex_);
    statistics.height = newest_.height;
    statistics.durable_height = durable_.height;
    statistics.records = newest_.tree_size;
    statistics.queued_records = queued_records_;
    statistics.blocks_committed = blocks_committed_;
    statistics.conflicts = conflicts_;
    statistics.failed = failure_.has_value();
}

}  // namespace hone::blockdb
