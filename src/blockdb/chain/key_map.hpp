// blockdb/chain/key_map.hpp - a commitment to all keys, so that "this key is not there" can be
// proven.
//
// The log proves what it holds, never what it lacks. Beside it the ledger therefore keeps a map
// from each key to the sequence of its one record, as a sparse Merkle tree: a binary tree in which
// the bits of the key's hash say which way to go. A subtree without keys hashes to 32 zero bytes, a
// subtree with one key to that entry alone, whatever its depth; every other is a branch. The shape
// follows from the set of keys, so one set has one root. A walk along a key's bits ends at its own
// entry (present), at another key's entry or at an empty place (absent, both).
//
// The root says what its signer claims. That the claim is the log's is not proven to a reader of a
// single proof; whoever reads all records rebuilds the map and compares, and a signed wrong root is
// evidence that cannot be taken back.
//
// Shape    a store keeps nodes by address and overwrites them; an address never becomes empty.
//          Depths share their address' leading bits, so several levels can be kept in one row.
// Errors   conflict: the key is there already; data_loss: a stored node is not the one that the
//          node above it names; else those of the KeyMapReader, also for a node that is missing.
// Cost     inserting into n keys: about log2(n) + 1 reads, writes and two hashes each; keys of one
//          call share the upper part of their way.
// Source   Dahlberg, Pulls, Peeters, "Efficient Sparse Merkle Trees" (2016); for subtrees of one
//          key: Gao, Hu, Wu, "Jellyfish Merkle Tree" (2021); for the map beside a log: Eijdenberg,
//          Laurie, Cutter, "Verifiable Data Structures" (2015).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "blockdb/chain/hash.hpp"

namespace hone::blockdb {

inline constexpr std::size_t kKeyMapDepth = 256;

struct KeyMapEntry {
    Hash path;  // key_path() of the key
    std::uint64_t sequence = 0;
    bool operator==(const KeyMapEntry&) const = default;
};

struct KeyMapBranch {
    Hash left;  // zero where that side is empty
    Hash right;
    bool operator==(const KeyMapBranch&) const = default;
};

using KeyMapNode = std::variant<KeyMapEntry, KeyMapBranch>;

struct KeyMapAddress {
    std::uint16_t depth = 0;
    Hash prefix;  // its first `depth` bits; the others are zero
    auto operator<=>(const KeyMapAddress&) const = default;
};

// The address one level below, on that side. Requires depth < kKeyMapDepth.
KeyMapAddress key_map_child(const KeyMapAddress& address, bool right);

class KeyMapReader {
  public:
    virtual ~KeyMapReader() = default;
    virtual Result<KeyMapNode> read(const KeyMapAddress& address) = 0;
};

Hash key_path(std::string_view key);
Hash empty_key_map_root();
Hash key_map_entry_hash(const KeyMapEntry& entry);
Hash key_map_branch_hash(const Hash& left, const Hash& right);
Hash key_map_node_hash(const KeyMapNode& node);

struct KeyMapWrite {
    KeyMapAddress address;
    KeyMapNode node;
};

struct KeyMapUpdate {
    Hash root;
    std::vector<KeyMapWrite> writes;  // each address once
};

// All entries or none. Nothing is written: that is up to the caller, together with the block.
Result<KeyMapUpdate> insert_keys(KeyMapReader& nodes, const Hash& root,
                                 std::vector<KeyMapEntry> entries);

// Why a key has the record it has, or none.
struct KeyProof {
    std::vector<Hash> siblings;        // from the root downward
    std::optional<KeyMapEntry> found;  // where the walk ended; none: at an empty place
    bool operator==(const KeyProof&) const = default;
};
Result<KeyProof> prove_key(KeyMapReader& nodes, const Hash& root, const Hash& path);

// The sequence of the key's one record; no value: proven absent. data_loss: the proof does not lead
// to the root.
Result<std::optional<std::uint64_t>> verify_key_proof(const Hash& root, const Hash& path,
                                                      const KeyProof& proof);

// For stores.
std::string encode_key_map_node(const KeyMapNode& node);
Result<KeyMapNode> decode_key_map_node(std::string_view bytes);
std::string encode_key_proof(const KeyProof& proof);
Result<KeyProof> decode_key_proof(std::string_view bytes);

}  // namespace hone::blockdb
