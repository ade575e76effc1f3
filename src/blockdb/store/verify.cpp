#include "blockdb/store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/interrupt.hpp"
#include "blockdb/chain/key_map.hpp"
#include "blockdb/chain/log_tree.hpp"
#include "blockdb/store/key_map_pages.hpp"
#include "blockdb/store/recovery.hpp"
#include "blockdb/store/rows.hpp"

namespace hone::blockdb {

namespace {

constexpr std::uint64_t kRecordsBetweenLooks = 1000;
constexpr Bytes kPagesWhileWalking = Bytes::mega(16);

class Verification {
  public:
    Verification(const RowReader& rows, const VerifyOptions& options, Progress& progress,
                 Deadline deadline)
        : rows_(rows), options_(options), progress_(progress), deadline_(deadline) {}

    Status run(const Block& head) {
        report_.head = head;
        progress_.step("verifying records and blocks");
        HONE_TRY(walk_blocks());
        HONE_TRY(count_index());
        if (!options_.key_map) return {};
        progress_.step("verifying the key map");
        return walk_key_map();
    }
    void find(std::string where, std::string what) {
        ++report_.findings_in_all;
        if (report_.findings.size() < kMostFindings)
            report_.findings.push_back({std::move(where), std::move(what)});
    }
    VerifyReport take_report() { return std::move(report_); }

  private:
    Status walk_blocks() {
        Block previous;
        bool linked = read_block_at(0, previous) && previous == genesis_block();
        if (!linked) find("block 0", "it is not genesis");
        std::uint64_t sequence = 0;
        for (std::uint64_t height = 1; height <= report_.head.height; ++height) {
            Block block;
            if (!read_block_at(height, block)) {
                linked = false;
                continue;
            }
            if (linked) check_link(previous, block);
            // After a gap the records of the blocks that cannot be read are walked, too.
            HONE_TRY(walk_records(sequence, block.tree_size));
            sequence = block.tree_size;
            if (frontier_.root() != block.log_root)
                find(fmt::format("block {}", height), "its records do not make its root");
            ++report_.blocks;
            previous = block;
            linked = true;
        }
        return {};
    }

    bool read_block_at(std::uint64_t height, Block& block) {
        auto read = read_block(rows_, height);
        if (read.ok()) {
            block = *read;
            return true;
        }
        find(fmt::format("block {}", height), read.error().wrong());
        return false;
    }

    void check_link(const Block& previous, const Block& block) {
        if (const Status linked = check_successor(previous, block); !linked.ok())
            find(fmt::format("block {}", block.height), linked.error().wrong());
    }

    Status walk_records(std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t sequence = from; sequence < to; ++sequence) {
            std::vector<LogNode> completed;
            frontier_.append(leaf_of(sequence), completed);
            for (const LogNode& node : completed) check_node(node);
            ++report_.records;
            if (report_.records % kRecordsBetweenLooks == 0) HONE_TRY(look_up());
        }
        return {};
    }

    // Of a record that cannot be read the stored leaf stands in, so that the walk can go on.
    Hash leaf_of(std::uint64_t sequence) {
        auto record = read_record(rows_, sequence);
        const std::string where = fmt::format("record {}", sequence);
        if (record.ok()) {
            check_value(where, *record);
            check_index(where, record->leaf);
            return leaf_hash(record->leaf);
        }
        find(where, record.error().wrong());
        StoredNodes nodes(rows_);
        return nodes.read({0, sequence}).value_or(Hash{});
    }

    void check_value(const std::string& where, const StoredRecord& record) {
        if (!record.content) {
            ++report_.erased;
            return;
        }
        report_.values += Bytes(static_cast<std::int64_t>(record.content->value.size()));
        if (!verify_value(record.leaf, record.content->salt, record.content->value).ok())
            find(where, "the value is not the one that was put");
    }

    void check_index(const std::string& where, const Leaf& leaf) {
        const auto row = rows_.get(Family::kIndexes, key_index_key(leaf.key));
        if (!row.ok()) {
            find(where, "its key's index: " + row.error().wrong());
        } else if (!*row || **row != number_key(leaf.sequence)) {
            find(where, "its key does not lead to it");
        }
    }

    void check_node(const LogNode& node) {
        StoredNodes nodes(rows_);
        const auto stored = nodes.read(node.address);
        const auto where = [&] {
            return fmt::format("the log's node {} of level {}", node.address.index,
                               node.address.level);
        };
        if (!stored.ok()) {
            find(where(), stored.error().wrong());
        } else if (*stored != node.hash) {
            find(where(), "it is not the hash of what is below it");
        }
    }

    // Every record's key was found in the index; as many keys as records means: no key too many.
    Status count_index() {
        Cursor cursor = rows_.cursor(Family::kIndexes);
        std::uint64_t keys = 0;
        for (cursor.seek(std::string(1, kKeyIndexMark));
             cursor.valid() && cursor.key().starts_with(kKeyIndexMark); cursor.next())
            ++keys;
        if (const Status status = cursor.status(); !status.ok())
            find("the key index", status.error().wrong());
        else if (keys != report_.records)
            find("the key index",
                 fmt::format("it has {} keys for {} records", keys, report_.records));
        return look_up();
    }

    // The stored map stands for a block some way back; what came later is in memory.
    Status walk_key_map() {
        const auto row = rows_.get(Family::kMeta, kMetaKeyMapHeight);
        const auto height =
            row.ok() && *row
                ? decode_number(**row, "the key map's height")
                : Result<std::uint64_t>(Error(ErrorCode::kDataLoss, "reading the key map's height",
                                              "it is not there"));
        if (!height.ok()) return find("the key map", height.error().wrong()), Status();
        Block block;
        if (!read_block_at(*height, block)) return {};
        KeyMapPages pages(rows_, kPagesWhileWalking);
        std::uint64_t entries = 0;
        HONE_TRY(walk_key_map_below(pages, {}, block.key_map_root, entries));
        if (entries != block.tree_size)
            find("the key map", fmt::format("it has {} keys for the {} records of block {}",
                                            entries, block.tree_size, block.height));
        return {};
    }

    // As deep as two keys' hashes agree, so a few dozen levels.
    Status walk_key_map_below(KeyMapPages& pages, const KeyMapAddress& address,
                              const Hash& expected, std::uint64_t& entries) {
        if (expected == Hash{}) return {};
        const auto node = pages.read(address);
        const std::string where = fmt::format("the key map at depth {}", address.depth);
        if (!node.ok()) return find(where, node.error().wrong()), Status();
        if (key_map_node_hash(*node) != expected)
            return find(where, "it is not the node that the one above it names"), Status();
        if (const auto* entry = std::get_if<KeyMapEntry>(&*node)) {
            check_entry(where, *entry);
            return ++entries % kRecordsBetweenLooks == 0 ? look_up() : Status();
        }
        if (address.depth >= kKeyMapDepth) return find(where, "it is too deep"), Status();
        const auto& branch = std::get<KeyMapBranch>(*node);
        HONE_TRY(walk_key_map_below(pages, key_map_child(address, false), branch.left, entries));
        return walk_key_map_below(pages, key_map_child(address, true), branch.right, entries);
    }

    void check_entry(const std::string& where, const KeyMapEntry& entry) {
        const auto record = read_record(rows_, entry.sequence);
        if (!record.ok())
            find(where,
                 fmt::format("it names record {}: {}", entry.sequence, record.error().wrong()));
        else if (key_path(record->leaf.key) != entry.path)
            find(where, fmt::format("it names record {}, which has another key", entry.sequence));
    }

    // Whether to go on; and not faster than allowed.
    Status look_up() {
        if (take_interrupt())
            return Error(ErrorCode::kCancelled, "verifying the ledger", "it was interrupted");
        if (deadline_.expired())
            return Error(ErrorCode::kDeadlineExceeded, "verifying the ledger", "the time is over",
                         "allow more of it");
        const double done = static_cast<double>(report_.records) /
                            static_cast<double>(std::max<std::uint64_t>(1, report_.head.tree_size));
        progress_.update(std::min(1.0, done), fmt::format("{} records", report_.records));
        if (options_.rate_limit.count() <= 0) return {};
        const double due = static_cast<double>(report_.values.count()) /
                           static_cast<double>(options_.rate_limit.count());
        const double ahead = due - (monotonic_seconds() - begun_);
        if (ahead > 0) std::this_thread::sleep_for(Seconds(ahead));
        return {};
    }

    const RowReader& rows_;
    const VerifyOptions& options_;
    Progress& progress_;
    Deadline deadline_;
    double begun_ = monotonic_seconds();
    LogFrontier frontier_;
    VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify_ledger(const Engine& engine, bool head_file_damaged,
                                   const VerifyOptions& options, Progress& progress,
                                   Deadline deadline) {
    const double begun = monotonic_seconds();
    const auto view = engine.view();
    Verification verification(*view, options, progress, deadline);
    HONE_TRY_ASSIGN(const Block head, newest_block(*view));
    HONE_TRY(verification.run(head));
    if (head_file_damaged) verification.find("the head file", "one of its two slots is damaged");
    if (options.files) {
        progress.step("verifying files");
        if (const Status files = engine.verify_files(); !files.ok())
            verification.find("the files", files.error().wrong());
    }
    VerifyReport report = verification.take_report();
    report.seconds = monotonic_seconds() - begun;
    return report;
}

}  // namespace hone::blockdb
