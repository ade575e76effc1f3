// blockdb/chain/test_ledger.hpp - a ledger in memory, for tests: it keeps what a store would.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "blockdb/chain/commit.hpp"
#include "blockdb/chain/proof.hpp"

namespace hone::blockdb {

inline Error not_stored() {
    return Error(ErrorCode::kNotFound, "reading a node", "it is not stored");
}

class MemoryNodes : public NodeReader {
  public:
    Result<Hash> read(NodeAddress address) override {
        const auto found = nodes_.find(address);
        if (found == nodes_.end()) return not_stored();
        return found->second;
    }
    // Each node is written once: a second write is a mistake of the tree.
    void keep(const std::vector<LogNode>& nodes) {
        for (const LogNode& node : nodes) {
            ASSERT_TRUE(nodes_.emplace(node.address, node.hash).second);
        }
    }
    std::size_t size() const { return nodes_.size(); }

  private:
    std::map<NodeAddress, Hash> nodes_;
};

// Keeps nodes in their stored encoding.
class MemoryKeyMap : public KeyMapReader {
  public:
    Result<KeyMapNode> read(const KeyMapAddress& address) override {
        ++reads;
        const auto found = nodes.find(address);
        if (found == nodes.end()) return not_stored();
        return decode_key_map_node(found->second);
    }
    void keep(const std::vector<KeyMapWrite>& writes) {
        for (const KeyMapWrite& write : writes) {
            nodes[write.address] = encode_key_map_node(write.node);
        }
    }
    std::map<KeyMapAddress, std::string> nodes;
    int reads = 0;
};

struct MemoryLedger {
    LedgerState state;
    MemoryNodes log;
    MemoryKeyMap key_map;
    std::vector<Block> blocks{genesis_block()};
    std::vector<Leaf> leaves;

    void keep(const Commit& commit) {
        log.keep(commit.log_nodes);
        key_map.keep(commit.key_map_writes);
        blocks.push_back(commit.state.last);
        leaves.insert(leaves.end(), commit.leaves.begin(), commit.leaves.end());
        state = commit.state;
    }
    Status put(const std::vector<Draft>& drafts, std::uint64_t now_microseconds) {
        HONE_TRY_ASSIGN(const Commit commit,
                        commit_block(state, key_map, drafts, now_microseconds));
        keep(commit);
        return {};
    }
};

// "key 0" to "key <count - 1>", in blocks of `per_block`.
inline MemoryLedger make_ledger(std::size_t count, std::size_t per_block) {
    MemoryLedger ledger;
    for (std::size_t first = 0; first < count; first += per_block) {
        std::vector<Draft> drafts;
        for (std::size_t i = first; i < count && i < first + per_block; ++i) {
            drafts.push_back({"key " + std::to_string(i), commit_to_value({}, "value")});
        }
        EXPECT_TRUE(ledger.put(drafts, 1000 + first).ok());
    }
    return ledger;
}

inline std::string flip_bit(std::string bytes, std::size_t bit) {
    bytes.at(bit / 8) = static_cast<char>(bytes.at(bit / 8) ^ (1 << (bit % 8)));
    return bytes;
}

inline Hash flip_bit(Hash hash, std::size_t bit) {
    std::uint8_t& byte = hash.bytes.at(bit / 8);
    byte = static_cast<std::uint8_t>(byte ^ 1U << (bit % 8));
    return hash;
}

}  // namespace hone::blockdb
