#include "blockdb/store/engine.hpp"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/failpoint.hpp"

namespace hone::blockdb {

namespace {

// In the order of Family.
constexpr std::array<const char*, kFamilies> kFamilyNames{"default", "blocks", "tree", "indexes",
                                                          "meta"};
constexpr std::size_t kNumberKeySize = 8;

ErrorCode code_of(const rocksdb::Status& status) {
    if (status.IsCorruption()) return ErrorCode::kDataLoss;
    if (status.IsNoSpace()) return ErrorCode::kExhausted;
    if (status.IsNotFound()) return ErrorCode::kNotFound;
    if (status.IsInvalidArgument()) return ErrorCode::kInvalidArgument;
    if (status.IsIOError()) return ErrorCode::kUnavailable;
    return ErrorCode::kInternal;
}

std::string advice_for(const rocksdb::Status& status) {
    if (status.IsCorruption())
        return "files of the database were changed or are missing; restore a backup into an empty "
               "folder and compare its head with this one's";
    if (status.IsNoSpace()) return "make room on the disk; nothing that was acknowledged is lost";
    return {};
}

Error engine_error(const rocksdb::Status& status, std::string tried) {
    return Error(code_of(status), std::move(tried), status.ToString(), advice_for(status));
}

rocksdb::Slice slice_of(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}

std::string_view view_of(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

rocksdb::ColumnFamilyOptions family_options(const EngineOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    // Every put asks for a key that is not there: without the filter that would be a disk read.
    table.filter_policy.reset(
        rocksdb::NewBloomFilterPolicy(options.bloom_filter_bits_per_key, false));
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    rocksdb::ColumnFamilyOptions family;
    family.write_buffer_size = static_cast<std::size_t>(options.memtable_size.count());
    family.level0_file_num_compaction_trigger = options.compaction_threshold;
    family.level_compaction_dynamic_level_bytes = true;
    family.compression = rocksdb::kLZ4Compression;
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    return family;
}

rocksdb::DBOptions database_options(const EngineOptions& options) {
    rocksdb::DBOptions database;
    database.create_if_missing = options.create;
    database.create_missing_column_families = options.create;
    database.error_if_exists = options.create;
    database.paranoid_checks = true;
    // Only a record that was cut off at the very end, which nobody was told about, is forgiven.
    database.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    // Over whole files: a block's own checksum leaves some of their bytes out.
    database.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
    database.track_and_verify_wals_in_manifest = true;
    database.max_background_jobs = options.background_jobs;
    database.db_write_buffer_size = static_cast<std::size_t>(options.memtable_size.count()) * 2;
    database.keep_log_file_num = 10;
    return database;
}

std::string tried_opening(const EngineOptions& options) {
    return fmt::format("{} the database in '{}'", options.create ? "making" : "opening",
                       options.folder.string());
}

Error open_error(const rocksdb::Status& status, const EngineOptions& options) {
    const std::string text = status.ToString();
    if (text.find("LOCK") != std::string::npos)
        return Error(ErrorCode::kConflict, tried_opening(options), text,
                     "another process has it open: stop that one, or speak to it over HTTP");
    return engine_error(status, tried_opening(options));
}

}  // namespace

struct Batch::State {
    struct Row {
        Family family;
        std::string key;
        std::string value;
    };
    std::vector<Row> rows;
    std::size_t size = 0;
};

Batch::Batch() : state_(std::make_unique<State>()) {}
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;
Batch::~Batch() = default;

void Batch::put(Family family, std::string_view key, std::string_view value) {
    state_->size += key.size() + value.size();
    state_->rows.push_back({family, std::string(key), std::string(value)});
}

Bytes Batch::size() const {
    return Bytes(static_cast<std::int64_t>(state_->size));
}

bool Batch::empty() const {
    return state_->rows.empty();
}

struct Cursor::State {
    std::unique_ptr<rocksdb::Iterator> iterator;
};

Cursor::Cursor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Cursor::Cursor(Cursor&&) noexcept = default;
Cursor& Cursor::operator=(Cursor&&) noexcept = default;
Cursor::~Cursor() = default;

void Cursor::seek(std::string_view key) {
    state_->iterator->Seek(slice_of(key));
}

void Cursor::seek_to_last() {
    state_->iterator->SeekToLast();
}

void Cursor::next() {
    state_->iterator->Next();
}

bool Cursor::valid() const {
    return state_->iterator->Valid();
}

std::string_view Cursor::key() const {
    return view_of(state_->iterator->key());
}

std::string_view Cursor::value() const {
    return view_of(state_->iterator->value());
}

Status Cursor::status() const {
    const rocksdb::Status status = state_->iterator->status();
    if (status.ok()) return {};
    return engine_error(status, "reading rows in order");
}

struct Engine::State {
    EngineOptions options;
    std::unique_ptr<rocksdb::DB> database;
    std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles{};

    rocksdb::ColumnFamilyHandle* handle(Family family) const {
        return handles[static_cast<std::size_t>(family)];
    }
    ~State() {
        if (!database) return;
        for (rocksdb::ColumnFamilyHandle* handle : handles)
            if (handle != nullptr) database->DestroyColumnFamilyHandle(handle);
        database->Close().PermitUncheckedError();
    }
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
    const auto cache =
        rocksdb::NewLRUCache(static_cast<std::size_t>(options.block_cache_size.count()));
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : kFamilyNames)
        families.emplace_back(name, family_options(options, cache));
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(
        database_options(options), options.folder.string(), families, &handles, &database);
    if (!status.ok()) return open_error(status, options);
    auto state = std::make_unique<State>();
    state->options = options;
    state->database.reset(database);
    std::ranges::copy(handles, state->handles.begin());
    return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

namespace {

Result<std::optional<std::string>> get_row(const Engine::State& state,
                                           const rocksdb::Snapshot* snapshot, Family family,
                                           std::string_view key) {
    using Row = std::optional<std::string>;
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        state.database->Get(options, state.handle(family), slice_of(key), &value);
    if (status.ok()) return Row(value.ToString());
    if (status.IsNotFound()) return Row();
    return engine_error(status, "reading a row");
}

std::unique_ptr<rocksdb::Iterator> iterate(const Engine::State& state,
                                           const rocksdb::Snapshot* snapshot, Family family) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    options.total_order_seek = true;
    return std::unique_ptr<rocksdb::Iterator>(
        state.database->NewIterator(options, state.handle(family)));
}

}  // namespace

class View : public RowReader {
  public:
    explicit View(const Engine::State& state)
        : state_(state), snapshot_(state.database->GetSnapshot()) {}
    ~View() override { state_.database->ReleaseSnapshot(snapshot_); }
    View(const View&) = delete;
    View& operator=(const View&) = delete;

    Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
        return get_row(state_, snapshot_, family, key);
    }
    Cursor cursor(Family family) const override {
        auto cursor = std::make_unique<Cursor::State>();
        cursor->iterator = iterate(state_, snapshot_, family);
        return Cursor(std::move(cursor));
    }

  private:
    const Engine::State& state_;
    const rocksdb::Snapshot* snapshot_;
};

Result<std::optional<std::string>> Engine::get(Family family, std::string_view key) const {
    return get_row(*state_, nullptr, family, key);
}

std::unique_ptr<RowReader> Engine::view() const {
    return std::make_unique<View>(*state_);
}

Status Engine::write(const Batch& batch, bool durable) {
    rocksdb::WriteBatch rows(batch.state_->size + batch.state_->rows.size() * 16);
    for (const auto& row : batch.state_->rows) {
        const rocksdb::Status status =
            rows.Put(state_->handle(row.family), slice_of(row.key), slice_of(row.value));
        if (!status.ok()) return engine_error(status, "gathering rows");
    }
    rocksdb::WriteOptions options;
    options.sync = durable;
    HONE_FAILPOINT("engine.before_write");
    const rocksdb::Status status = state_->database->Write(options, &rows);
    HONE_FAILPOINT("engine.after_write");
    if (status.ok()) return {};
    return engine_error(status, "writing rows").with_outcome(Outcome::kUnknown);
}

Status Engine::sync() {
    const rocksdb::Status status = state_->database->FlushWAL(true);
    if (status.ok()) return {};
    return engine_error(status, "flushing the log to the disk").with_outcome(Outcome::kUnknown);
}

Cursor Engine::cursor(Family family) const {
    auto cursor = std::make_unique<Cursor::State>();
    cursor->iterator = iterate(*state_, nullptr, family);
    return Cursor(std::move(cursor));
}

Status Engine::flush() {
    const std::vector<rocksdb::ColumnFamilyHandle*> handles(state_->handles.begin(),
                                                            state_->handles.end());
    const rocksdb::Status status = state_->database->Flush(rocksdb::FlushOptions(), handles);
    if (status.ok()) return {};
    return engine_error(status, "writing the memtables out");
}

Status Engine::compact() {
    for (rocksdb::ColumnFamilyHandle* handle : state_->handles) {
        const rocksdb::Status status = state_->database->CompactRange(
            rocksdb::CompactRangeOptions(), handle, nullptr, nullptr);
        if (!status.ok()) return engine_error(status, "compacting the database");
    }
    return {};
}

Status Engine::checkpoint(const std::filesystem::path& folder) const {
    const std::string tried = fmt::format("copying the database to '{}'", folder.string());
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(state_->database.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) status = checkpoint->CreateCheckpoint(folder.string());
    if (status.ok()) return {};
    return engine_error(status, tried);
}

Status Engine::verify_files() const {
    const rocksdb::Status status = state_->database->VerifyFileChecksums(rocksdb::ReadOptions());
    if (status.ok()) return {};
    return engine_error(status, "checking the files' checksums");
}

std::uint64_t Engine::property(std::string_view name) const {
    std::uint64_t sum = 0;
    for (rocksdb::ColumnFamilyHandle* handle : state_->handles) {
        std::uint64_t value = 0;
        if (state_->database->GetIntProperty(handle, slice_of(name), &value)) sum += value;
    }
    return sum;
}

std::string number_key(std::uint64_t number) {
    std::string key(kNumberKeySize, '\0');
    for (std::size_t i = 0; i < kNumberKeySize; ++i)
        key[i] = static_cast<char>(number >> (8 * (kNumberKeySize - 1 - i)));
    return key;
}

std::uint64_t number_of_key(std::string_view key) {
    HONE_ASSERT(key.size() == kNumberKeySize);
    std::uint64_t number = 0;
    for (const char byte : key) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

}  // namespace hone::blockdb
