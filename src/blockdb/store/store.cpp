#include "blockdb/store/store.hpp"

#include <fmt/format.h>

#include <future>

#include "blockdb/store/committer.hpp"
#include "blockdb/store/recovery.hpp"

namespace hone::blockdb {

namespace {

constexpr std::size_t kMostPerPage = 10000;

Status check_scan(const ScanRequest& request) {
    if (request.limit >= 1 && request.limit <= kMostPerPage) return {};
    return Error(ErrorCode::kInvalidArgument, "scanning keys",
                 fmt::format("a page of {} records", request.limit),
                 fmt::format("ask for 1 to {}", kMostPerPage));
}

}  // namespace

class Store::Impl {
  public:
    Impl(OpenedLedger opened, const StoreOptions& options)
        : ledger(std::move(opened)), committer(ledger, options) {}

    const Engine& engine() const { return *ledger.engine; }

    OpenedLedger ledger;
    Committer committer;  // goes first: it writes
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
    HONE_TRY_ASSIGN(OpenedLedger ledger, open_ledger(options));
    return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(std::move(ledger), options)));
}

void Store::put(std::vector<PutItem> items, Durability durability, PutCallback callback) {
    impl_->committer.submit(std::move(items), durability, std::move(callback));
}

PutOutcome Store::put(std::vector<PutItem> items, Durability durability) {
    std::promise<PutOutcome> answer;
    put(std::move(items), durability,
        [&answer](PutOutcome outcome) { answer.set_value(std::move(outcome)); });
    return answer.get_future().get();
}

Result<StoredRecord> Store::get(std::string_view key) const {
    HONE_TRY_ASSIGN(const auto row, impl_->engine().get(Family::kIndexes, key_index_key(key)));
    if (!row)
        return Error(ErrorCode::kNotFound, fmt::format("reading the key '{}'", key),
                     "there is no such record");
    HONE_TRY_ASSIGN(const std::uint64_t sequence, decode_number(*row, "the key's sequence"));
    HONE_TRY_ASSIGN(StoredRecord record, read_record(impl_->engine(), sequence));
    if (record.leaf.key == key) return record;
    return Error(ErrorCode::kDataLoss, fmt::format("reading the key '{}'", key),
                 fmt::format("record {} has another key", record.leaf.sequence),
                 "the database was altered: restore a backup");
}

Result<StoredRecord> Store::record(std::uint64_t sequence) const {
    const std::uint64_t size = head().tree_size;
    if (sequence >= size)
        return Error(ErrorCode::kNotFound, fmt::format("reading record {}", sequence),
                     fmt::format("the ledger has {} records", size));
    return read_record(impl_->engine(), sequence);
}

Result<Block> Store::block(std::uint64_t height) const {
    const std::uint64_t newest = head().height;
    if (height > newest)
        return Error(ErrorCode::kNotFound, fmt::format("reading block {}", height),
                     fmt::format("the newest is block {}", newest));
    return read_block(impl_->engine(), height);
}

Result<ScanPage> Store::scan(const ScanRequest& request) const {
    HONE_TRY(check_scan(request));
    ScanPage page;
    Block as_of = head();
    if (request.height) {
        HONE_TRY_ASSIGN(as_of, block(*request.height));
    }
    page.height = as_of.height;
    Cursor cursor = impl_->engine().cursor(Family::kIndexes);
    // Keys are unique, so a zero byte more is the first key that can come after one.
    const bool on = !request.after.empty() && request.after >= request.prefix;
    cursor.seek(on ? key_index_key(request.after).append(1, '\0') : key_index_key(request.prefix));
    const std::string prefix = key_index_key(request.prefix);
    for (; cursor.valid() && cursor.key().starts_with(prefix); cursor.next()) {
        HONE_TRY_ASSIGN(const std::uint64_t sequence,
                        decode_number(cursor.value(), "a key's sequence"));
        if (sequence >= as_of.tree_size) continue;
        if (page.records.size() == request.limit) {
            page.more = true;
            break;
        }
        HONE_TRY_ASSIGN(StoredRecord record, read_record(impl_->engine(), sequence));
        page.records.push_back(std::move(record));
    }
    HONE_TRY(cursor.status());
    return page;
}

const std::string& Store::origin() const {
    return impl_->ledger.origin;
}

Block Store::head() const {
    return impl_->committer.newest();
}

std::uint64_t Store::durable_height() const {
    return impl_->committer.durable_height();
}

Result<RecordProof> Store::prove_record(std::string_view key) const {
    RecordProof proof;
    proof.head = head();
    HONE_TRY_ASSIGN(proof.record, get(key));
    const std::uint64_t sequence = proof.record.leaf.sequence;
    // Put between the two lines above: the next head has it.
    if (sequence >= proof.head.tree_size) proof.head = head();
    StoredNodes nodes(impl_->engine());
    proof.inclusion.sequence = sequence;
    proof.inclusion.tree_size = proof.head.tree_size;
    HONE_TRY_ASSIGN(proof.inclusion.path, inclusion_path(nodes, sequence, proof.head.tree_size));
    return proof;
}

Result<ConsistencyProof> Store::prove_growth(std::uint64_t old_height,
                                             std::uint64_t new_height) const {
    HONE_TRY_ASSIGN(const Block old_block, block(old_height));
    HONE_TRY_ASSIGN(const Block new_block, block(new_height));
    if (old_height > new_height)
        return Error(
            ErrorCode::kInvalidArgument,
            fmt::format("proving growth from block {} to block {}", old_height, new_height),
            "the ledger does not shrink", "swap the two");
    StoredNodes nodes(impl_->engine());
    ConsistencyProof proof{old_block.tree_size, new_block.tree_size, {}};
    HONE_TRY_ASSIGN(proof.path, consistency_path(nodes, proof.old_size, proof.new_size));
    return proof;
}

Result<Store::KeyProofAt> Store::prove_key(std::string_view key) const {
    HONE_TRY(check_key(key));
    const auto held = impl_->committer.hold_key_map();
    const Block newest = head();
    HONE_TRY_ASSIGN(KeyProof proof,
                    blockdb::prove_key(*impl_->ledger.key_map, newest.key_map_root, key_path(key)));
    return KeyProofAt{std::move(proof), newest};
}

Result<VerifyReport> Store::verify(const VerifyOptions& options, Progress& progress,
                                   Deadline deadline) const {
    return verify_ledger(impl_->engine(), impl_->ledger.head_file_was_damaged, options, progress,
                         deadline);
}

Status Store::back_up(const std::filesystem::path& folder) const {
    return copy_ledger(impl_->engine(), folder);
}

Status Store::flush() {
    return impl_->ledger.engine->flush();
}

Status Store::compact() {
    return impl_->ledger.engine->compact();
}

StoreStatistics Store::statistics() const {
    StoreStatistics statistics;
    impl_->committer.add_statistics(statistics);
    const auto property = [this](std::string_view name) {
        return Bytes(static_cast<std::int64_t>(impl_->engine().property(name)));
    };
    statistics.disk = property("rocksdb.total-sst-files-size");
    statistics.memtables = property("rocksdb.cur-size-all-mem-tables");
    return statistics;
}

}  // namespace hone::blockdb
