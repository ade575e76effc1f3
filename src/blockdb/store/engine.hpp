// blockdb/store/engine.hpp - RocksDB as the ledger uses it: five column families, whole batches,
// and refusal where RocksDB would guess.
//
// Shape    keys and values are bytes; numbers in keys are big-endian, so that they sort. RocksDB's
//          own types stay behind this header.
// Errors   data_loss: RocksDB found damage, or a log file is gone; exhausted: the disk is full;
//          conflict: another process has the folder open; outcome unknown where a write failed,
//          because what reached the log may come back at the next start.
// Threads  any.
// Source   RocksDB 7.8. Its default recovery opens a damaged log up to the damage and says nothing;
//          the mode used here refuses, and log files are listed in the manifest so that a missing
//          one is noticed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/units.hpp"

namespace hone::blockdb {

enum class Family { kRecords, kBlocks, kTree, kIndexes, kMeta };
inline constexpr std::size_t kFamilies = 5;

struct EngineOptions {
    std::filesystem::path folder;
    bool create = false;  // the folder is empty, and a database is to be made in it
    Bytes memtable_size = Bytes::mega(64);
    Bytes block_cache_size = Bytes::mega(256);
    int background_jobs = 2;
    int bloom_filter_bits_per_key = 10;
    int compaction_threshold = 4;  // files in level 0 that begin a compaction
};

class Batch {
  public:
    Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;
    ~Batch();
    void put(Family family, std::string_view key, std::string_view value);
    Bytes size() const;
    bool empty() const;

  private:
    friend class Engine;
    struct State;
    std::unique_ptr<State> state_;
};

// Rows in the order of their keys, as they were when the cursor was made.
class Cursor {
  public:
    Cursor(Cursor&&) noexcept;
    Cursor& operator=(Cursor&&) noexcept;
    ~Cursor();
    void seek(std::string_view key);  // the first at or after it
    void seek_to_last();
    void next();
    bool valid() const;
    // Require valid(); until the next move.
    std::string_view key() const;
    std::string_view value() const;
    // After valid() became false: whether the end was reached, or something is broken.
    Status status() const;

  private:
    friend class Engine;
    friend class View;
    struct State;
    explicit Cursor(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Where rows are read from: the database as it is, or as it was.
class RowReader {
  public:
    virtual ~RowReader() = default;
    virtual Result<std::optional<std::string>> get(Family family, std::string_view key) const = 0;
    virtual Cursor cursor(Family family) const = 0;
};

class Engine : public RowReader {
  public:
    static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
    // All rows as they are now, whatever is written later. Must not outlive the engine; keep it no
    // longer than needed, because what is overwritten meanwhile stays on the disk.
    std::unique_ptr<RowReader> view() const;
    // All rows or none, also after a crash. `durable`: they are on the disk when it returns.
    Status write(const Batch& batch, bool durable);
    // Everything that was written before is on the disk when it returns.
    Status sync();
    Cursor cursor(Family family) const override;

    // Writes the memtables out.
    Status flush();
    Status compact();
    // A consistent copy in `folder`, which must not exist; files are linked where they can be.
    Status checkpoint(const std::filesystem::path& folder) const;
    // Rereads every file and holds it against the checksum that was noted when it was written.
    Status verify_files() const;
    // Of RocksDB's names ("rocksdb.total-sst-files-size"), over all families; 0 for an unknown one.
    std::uint64_t property(std::string_view name) const;

    struct State;  // RocksDB's own

  private:
    explicit Engine(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// Eight bytes, big-endian.
std::string number_key(std::uint64_t number);
// Requires size() == 8.
std::uint64_t number_of_key(std::string_view key);

}  // namespace hone::blockdb
