// blockdb/chain/log_tree.hpp - the append-only Merkle tree over all records: growing it, and making
// proofs from stored nodes.
//
// Shape    a node at (level, index) stands for the leaves [index << level, (index + 1) << level).
//          Only such full subtrees are stored; each is written once and never changes, so a store
//          can keep them by address. What a ragged right edge needs is computed from them.
// Errors   of the functions that read: those of the NodeReader; invalid_argument: an index or a
//          size outside the tree. A NodeReader that gives wrong hashes gives a wrong root or proof:
//          compare the root with the block's.
// Cost     append: 1 hash amortised, at most 62; root: at most 61; a proof: at most 2 reads for
//          each level.
// Source   RFC 9162 sections 2.1.1, 2.1.3.1, 2.1.4.1 (the same tree as RFC 6962).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "blockdb/chain/hash.hpp"

namespace hone::blockdb {

inline constexpr std::uint64_t kLargestTreeSize = std::uint64_t{1} << 62;
// The longest path that a tree of kLargestTreeSize can have is 62 hashes; a consistency proof may
// hold one more.
inline constexpr std::size_t kLongestLogPath = 63;

struct NodeAddress {
    std::uint8_t level = 0;
    std::uint64_t index = 0;
    auto operator<=>(const NodeAddress&) const = default;
};

struct LogNode {
    NodeAddress address;
    Hash hash;
    bool operator==(const LogNode&) const = default;
};

// Where stored nodes come from.
class NodeReader {
  public:
    virtual ~NodeReader() = default;
    virtual Result<Hash> read(NodeAddress address) = 0;
};

Hash log_leaf_hash(std::string_view leaf);
Hash log_node_hash(const Hash& left, const Hash& right);
// The root of a log without records.
Hash empty_log_root();

// The right edge of the tree: all that appending needs. A value; copy it to try something.
class LogFrontier {
  public:
    LogFrontier() = default;
    // The edge that the tree had at `size`.
    static Result<LogFrontier> at(std::uint64_t size, NodeReader& nodes);

    std::uint64_t size() const { return size_; }
    Hash root() const;
    // Adds to `completed` the leaf and each full subtree that it completes: what a store must keep.
    // Requires size() < kLargestTreeSize.
    void append(const Hash& leaf, std::vector<LogNode>& completed);

  private:
    std::uint64_t size_ = 0;
    // By level; holds a subtree where that bit of size_ is set.
    std::array<Hash, 63> peaks_{};
};

// From the leaf's sibling upward. Requires stored nodes for `tree_size` leaves.
Result<std::vector<Hash>> inclusion_path(NodeReader& nodes, std::uint64_t index,
                                         std::uint64_t tree_size);
// From the tree of `old_size` to that of `new_size`; empty where they are equal or the old one was
// empty.
Result<std::vector<Hash>> consistency_path(NodeReader& nodes, std::uint64_t old_size,
                                           std::uint64_t new_size);

}  // namespace hone::blockdb
