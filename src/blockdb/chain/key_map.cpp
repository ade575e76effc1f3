#include "blockdb/chain/key_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "blockdb/chain/bytes.hpp"

namespace hone::blockdb {

namespace {

bool bit_at(const Hash& path, std::size_t depth) {
    return (path.bytes.at(depth / 8) >> (7 - depth % 8) & 1) != 0;
}

bool under(const KeyMapAddress& address, const Hash& path) {
    for (std::size_t depth = 0; depth < address.depth; ++depth) {
        if (bit_at(path, depth) != bit_at(address.prefix, depth)) return false;
    }
    return true;
}

Error damaged(const KeyMapAddress& address) {
    return Error(ErrorCode::kDataLoss,
                 fmt::format("reading the key map at depth {} below {}", address.depth,
                             to_hex(address.prefix.view()).substr(0, 16)),
                 "the stored node is not the one that was committed", "verify the ledger");
}

// Also holds what was read against the hash that leads to it: a damaged node must not get into a
// new root.
Result<KeyMapNode> read_checked(KeyMapReader& nodes, const KeyMapAddress& address,
                                const Hash& expected) {
    HONE_TRY_ASSIGN(KeyMapNode node, nodes.read(address));
    if (key_map_node_hash(node) != expected) return damaged(address);
    if (const auto* entry = std::get_if<KeyMapEntry>(&node);
        entry != nullptr && !under(address, entry->path)) {
        return damaged(address);
    }
    if (address.depth >= kKeyMapDepth && !std::holds_alternative<KeyMapEntry>(node)) {
        return damaged(address);
    }
    return node;
}

using Entries = std::span<const KeyMapEntry>;

// Sorted entries that share their first `depth` bits, cut where the next bit changes.
std::pair<Entries, Entries> split_at(Entries entries, std::size_t depth) {
    const auto middle = std::ranges::partition_point(
        entries, [&](const KeyMapEntry& entry) { return !bit_at(entry.path, depth); });
    const auto left = static_cast<std::size_t>(middle - entries.begin());
    return {entries.first(left), entries.subspan(left)};
}

Status check_distinct(Entries sorted) {
    const auto twice = std::ranges::adjacent_find(sorted, {}, &KeyMapEntry::path);
    if (twice == sorted.end()) return {};
    return Error(
        ErrorCode::kConflict, "adding keys to the key map",
        fmt::format("records {} and {} have one key", twice->sequence, std::next(twice)->sequence),
        "a key is put once");
}

class Inserter {
  public:
    explicit Inserter(KeyMapReader& nodes) : nodes_(nodes) {}

    // Puts sorted entries below `address`, whose node hashes to `old_hash`; returns its new hash.
    Result<Hash> insert(const KeyMapAddress& address, const Hash& old_hash, Entries entries) {
        if (entries.empty()) return old_hash;
        if (old_hash == Hash{}) return build(address, entries);
        HONE_TRY_ASSIGN(const KeyMapNode node, read_checked(nodes_, address, old_hash));
        if (const auto* entry = std::get_if<KeyMapEntry>(&node)) {
            return push_down(address, *entry, entries);
        }
        const auto& branch = std::get<KeyMapBranch>(node);
        const auto [left, right] = split_at(entries, address.depth);
        HONE_TRY_ASSIGN(const Hash left_hash,
                        insert(key_map_child(address, false), branch.left, left));
        HONE_TRY_ASSIGN(const Hash right_hash,
                        insert(key_map_child(address, true), branch.right, right));
        return write_branch(address, left_hash, right_hash);
    }

    std::vector<KeyMapWrite> take_writes() && { return std::move(writes_); }

  private:
    Result<Hash> push_down(const KeyMapAddress& address, const KeyMapEntry& old, Entries entries) {
        std::vector<KeyMapEntry> all(entries.begin(), entries.end());
        all.insert(std::ranges::lower_bound(all, old.path, {}, &KeyMapEntry::path), old);
        HONE_TRY(check_distinct(all));
        return build(address, all);
    }

    // Below `address` there is nothing yet. Requires distinct entries, so that it ends in time.
    Hash build(const KeyMapAddress& address, Entries entries) {
        if (entries.empty()) return {};
        if (entries.size() == 1) {
            writes_.push_back({address, entries.front()});
            return key_map_entry_hash(entries.front());
        }
        const auto [left, right] = split_at(entries, address.depth);
        const Hash left_hash = build(key_map_child(address, false), left);
        const Hash right_hash = build(key_map_child(address, true), right);
        return write_branch(address, left_hash, right_hash);
    }

    Hash write_branch(const KeyMapAddress& address, const Hash& left, const Hash& right) {
        writes_.push_back({address, KeyMapBranch{left, right}});
        return key_map_branch_hash(left, right);
    }

    KeyMapReader& nodes_;
    std::vector<KeyMapWrite> writes_;
};

}  // namespace

KeyMapAddress key_map_child(const KeyMapAddress& address, bool right) {
    KeyMapAddress child{static_cast<std::uint16_t>(address.depth + 1), address.prefix};
    if (right) {
        std::uint8_t& byte = child.prefix.bytes.at(address.depth / 8U);
        byte = static_cast<std::uint8_t>(byte | 1U << (7 - address.depth % 8));
    }
    return child;
}

Hash key_path(std::string_view key) {
    return tagged_hash(HashTag::kKeyPath, {key});
}

Hash empty_key_map_root() {
    return {};
}

Hash key_map_entry_hash(const KeyMapEntry& entry) {
    return tagged_hash(HashTag::kKeyMapEntry,
                       {entry.path.view(), ByteWriter().u64(entry.sequence).take()});
}

Hash key_map_branch_hash(const Hash& left, const Hash& right) {
    return tagged_hash(HashTag::kKeyMapBranch, {left.view(), right.view()});
}

Hash key_map_node_hash(const KeyMapNode& node) {
    if (const auto* entry = std::get_if<KeyMapEntry>(&node)) return key_map_entry_hash(*entry);
    const auto& branch = std::get<KeyMapBranch>(node);
    return key_map_branch_hash(branch.left, branch.right);
}

Result<KeyMapUpdate> insert_keys(KeyMapReader& nodes, const Hash& root,
                                 std::vector<KeyMapEntry> entries) {
    std::ranges::sort(entries, {}, &KeyMapEntry::path);
    HONE_TRY(check_distinct(entries));
    Inserter inserter(nodes);
    HONE_TRY_ASSIGN(const Hash new_root, inserter.insert({}, root, entries));
    return KeyMapUpdate{new_root, std::move(inserter).take_writes()};
}

Result<KeyProof> prove_key(KeyMapReader& nodes, const Hash& root, const Hash& path) {
    KeyProof proof;
    KeyMapAddress address;
    Hash expected = root;
    while (expected != Hash{}) {
        HONE_TRY_ASSIGN(const KeyMapNode node, read_checked(nodes, address, expected));
        if (const auto* entry = std::get_if<KeyMapEntry>(&node)) {
            proof.found = *entry;
            break;
        }
        const auto& branch = std::get<KeyMapBranch>(node);
        const bool right = bit_at(path, address.depth);
        proof.siblings.push_back(right ? branch.left : branch.right);
        expected = right ? branch.right : branch.left;
        address = key_map_child(address, right);
    }
    return proof;
}

}  // namespace hone::blockdb
