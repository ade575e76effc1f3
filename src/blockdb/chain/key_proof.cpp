#include <fmt/format.h>

#include "blockdb/chain/bytes.hpp"
#include "blockdb/chain/key_map.hpp"

namespace hone::blockdb {

namespace {

// A stored node.        offset  size  field
//                            0     1  kind: 1 entry, 2 branch
// an entry                   1    32  path
//                           33     8  sequence
// a branch                   1    32  hash of the left child; 32 zero bytes where it is empty
//                           33    32  hash of the right child; likewise
constexpr std::uint8_t kEntry = 1;
constexpr std::uint8_t kBranch = 2;

// A key's proof.        offset  size  field
//                            0     4  mark "BDK" 1
//                            4     2  number of siblings, n, at most 256
//                            6  32*n  siblings, from the root downward
//                       6+32*n     1  where the walk ended: 0 at an empty place, 1 at an entry
// at an entry           7+32*n    32  its path
//                      39+32*n     8  its sequence
constexpr std::string_view kProofMark{"BDK\x01", kMarkSize};
constexpr std::uint8_t kEmptyPlace = 0;

Error refused(std::string wrong) {
    return Error(ErrorCode::kDataLoss, "checking a key's proof", std::move(wrong),
                 "the proof is of another key or another block, or the ledger was edited");
}

std::size_t shared_bits(const Hash& a, const Hash& b) {
    for (std::size_t depth = 0; depth < kKeyMapDepth; ++depth) {
        const int difference = a.bytes.at(depth / 8) ^ b.bytes.at(depth / 8);
        if ((difference >> (7 - depth % 8) & 1) != 0) return depth;
    }
    return kKeyMapDepth;
}

Hash fold(const Hash& path, const KeyProof& proof) {
    Hash hash = proof.found ? key_map_entry_hash(*proof.found) : Hash{};
    for (std::size_t depth = proof.siblings.size(); depth-- > 0;) {
        const Hash& sibling = proof.siblings[depth];
        const bool right = (path.bytes.at(depth / 8) >> (7 - depth % 8) & 1) != 0;
        hash = right ? key_map_branch_hash(sibling, hash) : key_map_branch_hash(hash, sibling);
    }
    return hash;
}

Result<KeyMapEntry> read_entry(ByteReader& reader) {
    KeyMapEntry entry;
    HONE_TRY_ASSIGN(entry.path, reader.hash("path"));
    HONE_TRY_ASSIGN(entry.sequence, reader.u64("sequence"));
    return entry;
}

Result<KeyMapBranch> read_branch(ByteReader& reader) {
    KeyMapBranch branch;
    HONE_TRY_ASSIGN(branch.left, reader.hash("left child"));
    HONE_TRY_ASSIGN(branch.right, reader.hash("right child"));
    return branch;
}

}  // namespace

Result<std::optional<std::uint64_t>> verify_key_proof(const Hash& root, const Hash& path,
                                                      const KeyProof& proof) {
    if (proof.siblings.size() > kKeyMapDepth) return refused("it is deeper than a path is long");
    // An entry elsewhere in the map says nothing about this key.
    if (proof.found && shared_bits(proof.found->path, path) < proof.siblings.size()) {
        return refused("it ends at an entry that is not on the key's path");
    }
    if (fold(path, proof) != root) return refused("it does not lead to the root");
    if (!proof.found || proof.found->path != path) return std::optional<std::uint64_t>{};
    return std::optional<std::uint64_t>{proof.found->sequence};
}

std::string encode_key_map_node(const KeyMapNode& node) {
    if (const auto* entry = std::get_if<KeyMapEntry>(&node)) {
        return ByteWriter().u8(kEntry).hash(entry->path).u64(entry->sequence).take();
    }
    const auto& branch = std::get<KeyMapBranch>(node);
    return ByteWriter().u8(kBranch).hash(branch.left).hash(branch.right).take();
}

Result<KeyMapNode> decode_key_map_node(std::string_view bytes) {
    ByteReader reader(bytes, "a node of the key map");
    HONE_TRY_ASSIGN(const std::uint8_t kind, reader.u8("kind"));
    KeyMapNode node;
    if (kind == kEntry) {
        HONE_TRY_ASSIGN(node, read_entry(reader));
    } else if (kind == kBranch) {
        HONE_TRY_ASSIGN(node, read_branch(reader));
    } else {
        return reader.wrong(fmt::format("{} is not a kind of node", kind));
    }
    HONE_TRY(reader.finish());
    return node;
}

std::string encode_key_proof(const KeyProof& proof) {
    HONE_ASSERT(proof.siblings.size() <= kKeyMapDepth);
    ByteWriter writer;
    writer.raw(kProofMark).u16(static_cast<std::uint16_t>(proof.siblings.size()));
    for (const Hash& sibling : proof.siblings) writer.hash(sibling);
    writer.u8(proof.found ? kEntry : kEmptyPlace);
    if (proof.found) writer.hash(proof.found->path).u64(proof.found->sequence);
    return writer.take();
}

Result<KeyProof> decode_key_proof(std::string_view bytes) {
    ByteReader reader(bytes, "a key's proof");
    HONE_TRY(reader.mark(kProofMark));
    HONE_TRY_ASSIGN(const std::uint16_t depth, reader.u16("number of siblings"));
    if (depth > kKeyMapDepth) {
        return reader.wrong(fmt::format("{} siblings, at most {}", depth, kKeyMapDepth));
    }
    KeyProof proof;
    for (std::uint16_t i = 0; i < depth; ++i) {
        HONE_TRY_ASSIGN(proof.siblings.emplace_back(), reader.hash("sibling"));
    }
    HONE_TRY_ASSIGN(const std::uint8_t ending, reader.u8("ending"));
    if (ending == kEntry) {
        HONE_TRY_ASSIGN(proof.found, read_entry(reader));
    } else if (ending != kEmptyPlace) {
        return reader.wrong(fmt::format("{} is not an ending", ending));
    }
    HONE_TRY(reader.finish());
    return proof;
}

}  // namespace hone::blockdb
