#include "blockdb/chain/commit.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hone::blockdb {

namespace {

Status check_drafts(const LedgerState& state, const std::vector<Draft>& drafts) {
    const std::string tried = fmt::format("committing block {}", state.last.height + 1);
    if (drafts.empty() || drafts.size() > kMostRecordsInBlock) {
        return Error(ErrorCode::kInvalidArgument, tried,
                     fmt::format("it has {} records", drafts.size()),
                     fmt::format("give 1 to {}", kMostRecordsInBlock));
    }
    if (drafts.size() > kLargestTreeSize - state.last.tree_size) {
        return Error(ErrorCode::kExhausted, tried, "the log is full", "begin a new ledger");
    }
    for (const Draft& draft : drafts) HONE_TRY(check_key(draft.key).with_context(tried));
    return {};
}

void append_leaves(Commit& commit, const std::vector<Draft>& drafts, std::uint64_t time) {
    commit.leaves.reserve(drafts.size());
    for (const Draft& draft : drafts) {
        commit.leaves.push_back(
            {draft.key, draft.value_commitment, commit.state.frontier.size(), time});
        commit.state.frontier.append(leaf_hash(commit.leaves.back()), commit.log_nodes);
    }
}

std::vector<KeyMapEntry> entries_of(const std::vector<Leaf>& leaves) {
    std::vector<KeyMapEntry> entries;
    entries.reserve(leaves.size());
    for (const Leaf& leaf : leaves) entries.push_back({key_path(leaf.key), leaf.sequence});
    return entries;
}

Error not_this_block(const Block& block, std::string wrong) {
    return Error(ErrorCode::kDataLoss,
                 fmt::format("checking the records of block {}", block.height), std::move(wrong),
                 "a record was altered, added or taken away");
}

std::string difference(const Block& built, const Block& block) {
    if (built.log_root != block.log_root) return "they do not make its root of the log";
    if (built.key_map_root != block.key_map_root) return "they do not make its root of the key map";
    return "they make another block";
}

}  // namespace

Result<Commit> commit_block(const LedgerState& state, KeyMapReader& key_map,
                            const std::vector<Draft>& drafts, std::uint64_t now_microseconds) {
    HONE_ASSERT(state.frontier.size() == state.last.tree_size);
    HONE_TRY(check_drafts(state, drafts));
    Commit commit;
    commit.state.frontier = state.frontier;
    const std::uint64_t time = std::max(now_microseconds, state.last.time_microseconds);
    append_leaves(commit, drafts, time);
    HONE_TRY_ASSIGN(KeyMapUpdate update,
                    insert_keys(key_map, state.last.key_map_root, entries_of(commit.leaves)));
    commit.key_map_writes = std::move(update.writes);
    commit.state.last = {.height = state.last.height + 1,
                         .previous_hash = block_hash(state.last),
                         .first_sequence = state.last.tree_size,
                         .tree_size = commit.state.frontier.size(),
                         .log_root = commit.state.frontier.root(),
                         .key_map_root = update.root,
                         .time_microseconds = time};
    return commit;
}

Result<Commit> replay_block(const LedgerState& state, KeyMapReader& key_map, const Block& block,
                            const std::vector<Leaf>& leaves) {
    HONE_TRY(check_successor(state.last, block));
    if (leaves.size() != block.tree_size - block.first_sequence) {
        return not_this_block(block, fmt::format("there are {}, the block has {}", leaves.size(),
                                                 block.tree_size - block.first_sequence));
    }
    std::vector<Draft> drafts;
    drafts.reserve(leaves.size());
    for (const Leaf& leaf : leaves) drafts.push_back({leaf.key, leaf.value_commitment});
    HONE_TRY_ASSIGN(Commit commit, commit_block(state, key_map, drafts, block.time_microseconds));
    const auto [built, given] = std::ranges::mismatch(commit.leaves, leaves);
    if (given != leaves.end()) {
        return not_this_block(
            block, fmt::format("record {} has another sequence or time", built->sequence));
    }
    if (commit.state.last != block)
        return not_this_block(block, difference(commit.state.last, block));
    return commit;
}

}  // namespace hone::blockdb
