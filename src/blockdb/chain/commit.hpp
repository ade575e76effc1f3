// blockdb/chain/commit.hpp - from the ledger's state and new records to the next block, and the
// same way again to check one.
//
// Shape    pure: a commit holds all that a store must write, in one durable step, to make the block
//          real. Nothing is changed where it fails.
// Errors   conflict: a key is there already, or twice in the block; invalid_argument: a key that is
//          none, no records, or more than kMostRecordsInBlock; exhausted: the log is full; else
//          those of the KeyMapReader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "blockdb/chain/block.hpp"
#include "blockdb/chain/key_map.hpp"
#include "blockdb/chain/leaf.hpp"
#include "blockdb/chain/log_tree.hpp"

namespace hone::blockdb {

// What the next block builds on. The frontier's size and root are the block's.
struct LedgerState {
    Block last = genesis_block();
    LogFrontier frontier;
};

struct Draft {
    std::string key;
    Hash value_commitment;
};

struct Commit {
    LedgerState state;  // after it; state.last is the new block
    std::vector<Leaf> leaves;
    std::vector<LogNode> log_nodes;
    std::vector<KeyMapWrite> key_map_writes;
};

// `now` is the committer's clock. Where that went back, the last block's time is stamped instead,
// so that times never fall.
Result<Commit> commit_block(const LedgerState& state, KeyMapReader& key_map,
                            const std::vector<Draft>& drafts, std::uint64_t now_microseconds);

// Builds `block` again from its records. data_loss: the records do not make this block.
Result<Commit> replay_block(const LedgerState& state, KeyMapReader& key_map, const Block& block,
                            const std::vector<Leaf>& leaves);

}  // namespace hone::blockdb
