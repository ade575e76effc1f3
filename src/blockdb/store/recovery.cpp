#include "blockdb/store/recovery.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "blockdb/chain/signed_head.hpp"
#include "blockdb/store/rows.hpp"

namespace hone::blockdb {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDatabaseFolder = "database";
constexpr std::string_view kHeadFile = "head";
// A database gets its name when everything is in place, so that a making that was cut off is seen.
constexpr std::string_view kMakingFolder = "database.making";

std::string tried_opening(const StoreOptions& options) {
    return fmt::format("opening the ledger in '{}'", options.folder.string());
}

EngineOptions engine_options(const StoreOptions& options, std::string_view name) {
    EngineOptions engine;
    engine.folder = options.folder / name;
    engine.create = name == kMakingFolder;
    engine.memtable_size = options.memtable_size;
    engine.block_cache_size = options.block_cache_size;
    return engine;
}

// Nothing was ever acknowledged by a ledger whose making was cut off.
Status clear_interrupted_making(const StoreOptions& options) {
    if (!file_exists(options.folder / kMakingFolder)) return {};
    if (!options.create)
        return Error(ErrorCode::kFailedPrecondition, tried_opening(options),
                     "the making of a ledger was interrupted here", "make it again");
    std::error_code failure;
    fs::remove_all(options.folder / kMakingFolder, failure);
    if (failure)
        return error_from_errno(failure.value(), "removing a ledger whose making was interrupted");
    return remove_file(options.folder / kHeadFile);
}

// Whether a ledger is to be made; an Error where neither making nor opening would be right.
Result<bool> is_new(const StoreOptions& options) {
    const bool has_database = file_exists(options.folder / kDatabaseFolder / "CURRENT");
    const bool has_head = file_exists(options.folder / kHeadFile);
    if (has_database && has_head) return false;
    if (has_database)
        return Error(ErrorCode::kDataLoss, tried_opening(options),
                     "the head file is gone, so nobody can tell whether the database is whole",
                     "restore the file 'head', or restore a backup into an empty folder");
    if (has_head)
        return Error(ErrorCode::kDataLoss, tried_opening(options),
                     "there is a head file and no database",
                     "restore a backup into an empty folder");
    if (!options.create)
        return Error(ErrorCode::kFailedPrecondition, tried_opening(options),
                     "there is no ledger in it", "check the path, or make a ledger there");
    if (file_exists(options.folder)) {
        HONE_TRY_ASSIGN(const auto names, list_folder(options.folder));
        if (!names.empty())
            return Error(ErrorCode::kFailedPrecondition, tried_opening(options),
                         fmt::format("the folder is not empty: it has '{}'", names.front()),
                         "name an empty folder");
    }
    return true;
}

// The last step of a making: with it, the ledger is there.
Status name_database(const fs::path& folder) {
    std::error_code failure;
    fs::rename(folder / kMakingFolder, folder / kDatabaseFolder, failure);
    if (failure)
        return error_from_errno(failure.value(),
                                fmt::format("making a ledger in '{}'", folder.string()));
    return fsync_folder(folder);
}

Status make_ledger(const StoreOptions& options) {
    HONE_TRY(check_origin(options.origin));
    HONE_TRY(make_folders(options.folder, 0700));
    HONE_TRY(make_folders(options.folder / kMakingFolder, 0700));
    HONE_TRY_ASSIGN(auto engine, Engine::open(engine_options(options, kMakingFolder)));
    Batch batch;
    batch.put(Family::kMeta, kMetaFormat, kStoreFormat);
    batch.put(Family::kMeta, kMetaOrigin, options.origin);
    batch.put(Family::kMeta, kMetaKeyMapHeight, number_key(0));
    batch.put(Family::kBlocks, number_key(0), encode_block(genesis_block()));
    HONE_TRY(engine->write(batch, true));
    engine.reset();
    HONE_TRY_ASSIGN(HeadFile head_file, HeadFile::open(options.folder / kHeadFile));
    HONE_TRY(head_file.write(genesis_block()));
    return name_database(options.folder);
}

Status check_identity(const RowReader& rows, const StoreOptions& options, std::string& origin) {
    HONE_TRY_ASSIGN(const std::string format,
                    require_row(rows, Family::kMeta, kMetaFormat, "the store's format"));
    if (format != kStoreFormat)
        return Error(ErrorCode::kFailedPrecondition, tried_opening(options),
                     fmt::format("it has format {}, this program knows format {}",
                                 to_hex(format.substr(0, 8)), kStoreFormat),
                     "use the program that wrote it");
    HONE_TRY_ASSIGN(origin, require_row(rows, Family::kMeta, kMetaOrigin, "the ledger's origin"));
    if (options.origin.empty() || options.origin == origin) return {};
    return Error(ErrorCode::kFailedPrecondition, tried_opening(options),
                 fmt::format("it is the ledger '{}', not '{}'", origin, options.origin),
                 "check the folder and the origin");
}

// The database must know the head's block, and have it at that height.
Status check_against_head(const RowReader& rows, const Block& newest, const HeadFile& head_file,
                          const StoreOptions& options) {
    if (!head_file.newest())
        return Error(ErrorCode::kDataLoss, tried_opening(options), "the head file is empty",
                     "restore it, or restore a backup into an empty folder");
    const Block& head = *head_file.newest();
    if (newest.height < head.height)
        return Error(ErrorCode::kDataLoss, tried_opening(options),
                     fmt::format("the database ends at block {} with {} records; the head file "
                                 "remembers block {} with {}: blocks {} to {} are missing",
                                 newest.height, newest.tree_size, head.height, head.tree_size,
                                 newest.height + 1, head.height),
                     "find the missing files of the database, or restore a backup into an empty "
                     "folder; acknowledged records are lost if you go on without them");
    HONE_TRY_ASSIGN(const Block stored, read_block(rows, head.height));
    if (stored == head) return {};
    return Error(ErrorCode::kDataLoss, tried_opening(options),
                 fmt::format("block {} is not the one that the head file remembers", head.height),
                 "the database is another one, or was altered: restore a backup");
}

Result<LedgerState> state_at(const RowReader& rows, const Block& block) {
    StoredNodes nodes(rows);
    LedgerState state;
    state.last = block;
    HONE_TRY_ASSIGN(state.frontier, LogFrontier::at(block.tree_size, nodes));
    if (state.frontier.root() == block.log_root) return state;
    return Error(ErrorCode::kDataLoss, fmt::format("reading the log up to block {}", block.height),
                 "its stored nodes do not make the block's root",
                 "the database was altered: restore a backup");
}

Result<std::vector<Leaf>> leaves_of(const RowReader& rows, const Block& block) {
    std::vector<Leaf> leaves;
    for (std::uint64_t sequence = block.first_sequence; sequence < block.tree_size; ++sequence) {
        HONE_TRY_ASSIGN(StoredRecord record, read_record(rows, sequence));
        leaves.push_back(std::move(record.leaf));
    }
    return leaves;
}

// Puts the keys of the blocks that the stored key map does not know yet into it again.
Status catch_up(const RowReader& rows, KeyMapPages& key_map, const Block& newest) {
    HONE_TRY_ASSIGN(const std::string row,
                    require_row(rows, Family::kMeta, kMetaKeyMapHeight, "how far the key map is"));
    HONE_TRY_ASSIGN(const std::uint64_t height, decode_number(row, "how far the key map is"));
    HONE_TRY_ASSIGN(Block block, read_block(rows, height));
    HONE_TRY_ASSIGN(LedgerState state, state_at(rows, block));
    while (state.last.height < newest.height) {
        HONE_TRY_ASSIGN(block, read_block(rows, state.last.height + 1));
        HONE_TRY_ASSIGN(const auto leaves, leaves_of(rows, block));
        HONE_TRY_ASSIGN(Commit commit, replay_block(state, key_map, block, leaves));
        HONE_TRY(key_map.apply(commit.key_map_writes));
        state = std::move(commit.state);
    }
    return {};
}

}  // namespace

Result<Block> newest_block(const RowReader& rows) {
    Cursor cursor = rows.cursor(Family::kBlocks);
    cursor.seek_to_last();
    if (!cursor.valid()) {
        HONE_TRY(cursor.status());
        return Error(ErrorCode::kDataLoss, "reading the newest block", "there is not one block",
                     "restore a backup into an empty folder");
    }
    HONE_TRY_ASSIGN(Block block, decode_block(cursor.value()));
    if (number_key(block.height) == cursor.key()) return block;
    return Error(ErrorCode::kDataLoss, "reading the newest block",
                 fmt::format("its row holds block {}", block.height), "restore a backup");
}

Result<Block> read_block(const RowReader& rows, std::uint64_t height) {
    const std::string what = fmt::format("block {}", height);
    HONE_TRY_ASSIGN(const std::string row,
                    require_row(rows, Family::kBlocks, number_key(height), what));
    auto block = decode_block(row);
    if (!block.ok()) return std::move(block).with_context("reading " + what);
    if (block->height == height) return block;
    return Error(ErrorCode::kDataLoss, "reading " + what,
                 fmt::format("its row holds block {}", block->height),
                 "the database was altered: restore a backup");
}

Status copy_ledger(const Engine& engine, const fs::path& folder) {
    const std::string tried = fmt::format("copying the ledger to '{}'", folder.string());
    if (file_exists(folder))
        return Error(ErrorCode::kConflict, tried, "it is there already", "name a new folder");
    HONE_TRY(make_folders(folder, 0700));
    // The block is read before the copy is made, so the copy has it.
    HONE_TRY_ASSIGN(const Block newest, newest_block(engine));
    HONE_TRY(engine.checkpoint(folder / kMakingFolder).with_context(tried));
    HONE_TRY_ASSIGN(HeadFile head_file, HeadFile::open(folder / kHeadFile));
    HONE_TRY(head_file.write(newest));
    return name_database(folder);
}

Result<OpenedLedger> open_ledger(const StoreOptions& options) {
    HONE_TRY(clear_interrupted_making(options));
    HONE_TRY_ASSIGN(const bool make, is_new(options));
    if (make) HONE_TRY(make_ledger(options));
    HONE_TRY_ASSIGN(auto engine, Engine::open(engine_options(options, kDatabaseFolder)));
    std::string origin;
    HONE_TRY(check_identity(*engine, options, origin));
    HONE_TRY_ASSIGN(HeadFile head_file, HeadFile::open(options.folder / kHeadFile));
    HONE_TRY_ASSIGN(const Block newest, newest_block(*engine));
    HONE_TRY(check_against_head(*engine, newest, head_file, options));
    HONE_TRY_ASSIGN(LedgerState state, state_at(*engine, newest));
    auto key_map = std::make_unique<KeyMapPages>(*engine, options.key_map_memory);
    HONE_TRY(catch_up(*engine, *key_map, newest));
    const bool damaged = head_file.has_damaged_slot();
    return OpenedLedger{std::move(engine), std::move(key_map), std::move(head_file),
                        std::move(state),  std::move(origin),  damaged};
}

}  // namespace hone::blockdb
