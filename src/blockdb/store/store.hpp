// blockdb/store/store.hpp - one ledger on one disk: put once, read, prove, verify.
//
// Shape    puts are gathered into blocks by one committer; a block is one batch of the database, and
//          on the disk before anybody is told. Beside the database a head file remembers how far
//          the ledger had come: a database that lost something is refused at the next start.
// Errors   open: failed_precondition: nothing there, or something else is; conflict: another
//          process has it open; data_loss: the database is behind its head, or altered. put: see
//          PutOutcome. get: not_found.
// Outcome  of a put: unknown only where the batch's write failed; the store then refuses further
//          puts until it is opened again, which finds out.
// Threads  any. Callbacks come from the committer's thread: keep them short.
// Limits   keys and batches as StoreOptions says; 2^62 records.
// Source   docs/internals/ledger-store.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "blockdb/chain/block.hpp"
#include "blockdb/chain/proof.hpp"
#include "blockdb/store/rows.hpp"
#include "blockdb/store/verify.hpp"

namespace hone::blockdb {

struct StoreOptions {
    std::filesystem::path folder;
    bool create = false;  // make a ledger in an empty or absent folder
    std::string origin;   // names the ledger; "" when opening: whatever it is
    std::uint64_t most_records_per_block = 1000;
    Bytes most_bytes_per_block = Bytes::mega(16);
    Bytes largest_value = Bytes::mega(16);
    // How long the first put of a block waits for company. The disk's own flush gathers enough under
    // load, so 0 is right unless flushes are very dear.
    Seconds block_delay{0};
    std::size_t longest_queue = 100000;      // records that wait; more are refused
    Bytes largest_queue = Bytes::mega(256);  // of their values
    Seconds relaxed_flush_interval{1};       // how long a relaxed put may stay undurable
    Bytes memtable_size = Bytes::mega(64);
    Bytes block_cache_size = Bytes::mega(256);
    Bytes key_map_memory = Bytes::mega(64);
};

struct PutItem {
    std::string key;
    std::string value;
};

// kRelaxed: told before it is on the disk; durable_height() says how far the disk is.
enum class Durability { kStrict, kRelaxed };

struct PutReceipt {
    Block block;
    std::uint64_t first_sequence = 0;  // the items' sequences are consecutive
};

// A key that has its record already. Putting the same value again is how a client finds out that
// its lost put went through.
struct KeyConflict {
    std::string key;
    std::uint64_t sequence = 0;  // of the record that is there
    bool same_value = false;
    bool within_request = false;  // the key comes twice in the request itself
};

// All items of a request or none.
struct PutOutcome {
    std::optional<PutReceipt> receipt;
    std::vector<KeyConflict> conflicts;  // why not: nothing was put
    // Why not, otherwise. invalid_argument: a key or value that may not be; exhausted: the queue is
    // full; failed_precondition: the store is closing, or an earlier write failed.
    std::optional<Error> error;
};
using PutCallback = std::function<void(PutOutcome)>;

struct ScanRequest {
    std::string prefix;
    std::string after;  // keys above this one; "" from the first
    std::size_t limit = 100;
    // As of this block; records of later ones are left out. None: the newest. Pages of one scan
    // name the same height, so that they fit together while puts go on.
    std::optional<std::uint64_t> height;
};

struct ScanPage {
    std::vector<StoredRecord> records;  // in the order of keys
    std::uint64_t height = 0;           // that it is as of
    bool more = false;                  // go on after the last key
};

struct RecordProof {
    StoredRecord record;
    InclusionProof inclusion;
    Block head;  // that the proof is against
};

struct StoreStatistics {
    std::uint64_t height = 0;
    std::uint64_t durable_height = 0;
    std::uint64_t records = 0;
    std::uint64_t queued_records = 0;
    std::uint64_t blocks_committed = 0;  // since the start
    std::uint64_t conflicts = 0;         // since the start
    Bytes disk;
    Bytes memtables;
    bool failed = false;  // a write failed: puts are refused
};

class Store {
  public:
    static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
    ~Store();  // commits what is queued, then closes
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Calls back exactly once, also from this call where it is refused at once.
    void put(std::vector<PutItem> items, Durability durability, PutCallback callback);
    PutOutcome put(std::vector<PutItem> items, Durability durability = Durability::kStrict);

    Result<StoredRecord> get(std::string_view key) const;
    Result<StoredRecord> record(std::uint64_t sequence) const;
    Result<Block> block(std::uint64_t height) const;
    Result<ScanPage> scan(const ScanRequest& request) const;

    const std::string& origin() const;
    Block head() const;
    std::uint64_t durable_height() const;
    Result<RecordProof> prove_record(std::string_view key) const;
    Result<ConsistencyProof> prove_growth(std::uint64_t old_height, std::uint64_t new_height) const;
    struct KeyProofAt {
        KeyProof proof;
        Block head;
    };
    // That the key has its one record or none, as of the head.
    Result<KeyProofAt> prove_key(std::string_view key) const;

    // See blockdb/store/verify.hpp.
    Result<VerifyReport> verify(const VerifyOptions& options, Progress& progress,
                                Deadline deadline) const;
    // A whole ledger in `folder`, which must not exist, as of a block at or after the head when this
    // was called; files are linked where they can be. Verify it where it is kept.
    Status back_up(const std::filesystem::path& folder) const;

    Status flush();
    Status compact();
    StoreStatistics statistics() const;

  private:
    class Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace hone::blockdb
