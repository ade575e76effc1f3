#include "blockdb/chain/key_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.hpp"
#include "blockdb/chain/test_ledger.hpp"

namespace hone::blockdb {
namespace {

bool goes_right(const Hash& path, std::size_t depth) {
    return (path.bytes.at(depth / 8) & (0x80U >> (depth % 8))) != 0;
}

// The definition: which root a set of keys has, from nothing.
Hash twin_root(const std::vector<KeyMapEntry>& entries, std::size_t depth = 0) {
    if (entries.empty()) return {};
    if (entries.size() == 1) return key_map_entry_hash(entries[0]);
    std::vector<KeyMapEntry> left, right;
    for (const KeyMapEntry& entry : entries) {
        (goes_right(entry.path, depth) ? right : left).push_back(entry);
    }
    return key_map_branch_hash(twin_root(left, depth + 1), twin_root(right, depth + 1));
}

KeyMapEntry entry_number(std::uint64_t number) {
    return {key_path("key " + std::to_string(number)), number};
}

// Commits `entries` in batches of `per_batch` and returns the last root.
Hash insert_all(MemoryKeyMap& map, const std::vector<KeyMapEntry>& entries, std::size_t per_batch) {
    Hash root;
    for (std::size_t first = 0; first < entries.size(); first += per_batch) {
        const auto end = entries.begin() +
                         static_cast<std::ptrdiff_t>(std::min(first + per_batch, entries.size()));
        const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(first);
        const KeyMapUpdate update = *insert_keys(map, root, {begin, end});
        map.keep(update.writes);
        root = update.root;
    }
    return root;
}

TEST(KeyMap, OneSetOfKeysHasOneRootHoweverItWasPutIn) {
    const std::uint64_t seed = Random::fresh_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    for (std::size_t count = 1; count <= 40; ++count) {
        std::vector<KeyMapEntry> entries;
        for (std::size_t i = 0; i < count; ++i) entries.push_back(entry_number(random.next()));
        MemoryKeyMap map;
        ASSERT_EQ(insert_all(map, entries, 1 + random.below(7)), twin_root(entries)) << count;
    }
}

TEST(KeyMap, EveryKeyAndEveryAbsenceIsProven) {
    std::vector<KeyMapEntry> entries;
    for (std::uint64_t i = 0; i < 200; ++i) entries.push_back(entry_number(i));
    MemoryKeyMap map;
    const Hash root = insert_all(map, entries, 16);
    int empty_places = 0;
    for (std::uint64_t i = 0; i < 400; ++i) {
        const Hash path = entry_number(i).path;
        const KeyProof proof = *prove_key(map, root, path);
        const auto expected = i < 200 ? std::optional<std::uint64_t>(i) : std::nullopt;
        ASSERT_EQ(*verify_key_proof(root, path, proof), expected) << i;
        if (!proof.found) ++empty_places;
    }
    // Both ways of being absent were met.
    EXPECT_GT(empty_places, 0);
    EXPECT_LT(empty_places, 200);
}

TEST(KeyMap, TheEmptyMapProvesEveryAbsence) {
    MemoryKeyMap map;
    const KeyProof proof = *prove_key(map, empty_key_map_root(), key_path("any"));
    EXPECT_EQ(*verify_key_proof(empty_key_map_root(), key_path("any"), proof), std::nullopt);
    EXPECT_FALSE(verify_key_proof(entry_number(1).path, key_path("any"), proof).ok());
}

TEST(KeyMap, KeysThatShareALongWayStillHavePlaces) {
    KeyMapEntry a{{}, 1}, b{{}, 2}, c{{}, 3};
    b.path.bytes[31] = 1;  // differs from a in the last bit only
    c.path.bytes[20] = 8;
    MemoryKeyMap map;
    const Hash root = insert_all(map, {a, b, c}, 1);
    EXPECT_EQ(root, twin_root({a, b, c}));
    for (const KeyMapEntry& entry : {a, b, c}) {
        const KeyProof proof = *prove_key(map, root, entry.path);
        EXPECT_EQ(*verify_key_proof(root, entry.path, proof), entry.sequence);
    }
    EXPECT_EQ(prove_key(map, root, a.path)->siblings.size(), 256U);
}

TEST(KeyMap, AKeyIsPutOnce) {
    MemoryKeyMap map;
    const Hash root = insert_all(map, {entry_number(1), entry_number(2), entry_number(3)}, 3);
    const auto before = map.nodes;
    const auto again = insert_keys(map, root, {entry_number(4), {entry_number(2).path, 5}});
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code(), ErrorCode::kConflict);
    EXPECT_EQ(map.nodes, before);
    const auto twice = insert_keys(map, root, {entry_number(7), {entry_number(7).path, 8}});
    EXPECT_EQ(twice.error().message(),
              "adding keys to the key map: records 7 and 8 have one key: a key is put once");
    MemoryKeyMap empty;
    EXPECT_EQ(insert_keys(empty, {}, {entry_number(7), {entry_number(7).path, 8}}).error().code(),
              ErrorCode::kConflict);
}

// A dishonest map may put another key's entry on this key's way, to pass for its absence.
TEST(KeyMap, AnEntryInAPlaceThatIsNotItsOwnProvesNothing) {
    KeyMapEntry left{{}, 1}, right{{}, 2};
    right.path.bytes[0] = 0x80;
    const Hash sibling = key_map_entry_hash(left);
    const Hash root = key_map_branch_hash(key_map_entry_hash(right), sibling);
    const KeyProof proof{{sibling}, right};
    EXPECT_EQ(verify_key_proof(root, left.path, proof).error().wrong(),
              "it ends at an entry that is not on the key's path");
}

TEST(KeyMap, AFlippedBitInAKeysProofIsRefused) {
    std::vector<KeyMapEntry> entries;
    for (std::uint64_t i = 0; i < 60; ++i) entries.push_back(entry_number(i));
    MemoryKeyMap map;
    const Hash root = insert_all(map, entries, 60);
    for (const std::uint64_t number : {3U, 17U, 70U, 71U, 72U, 73U, 74U, 75U}) {
        const Hash path = entry_number(number).path;
        const std::string proof = encode_key_proof(*prove_key(map, root, path));
        for (std::size_t bit = 0; bit < proof.size() * 8; ++bit) {
            const auto decoded = decode_key_proof(flip_bit(proof, bit));
            if (!decoded.ok()) continue;
            ASSERT_FALSE(verify_key_proof(root, path, *decoded).ok()) << number << " bit " << bit;
        }
    }
}

TEST(KeyMap, AProofOfOneAbsenceDoesNotProveAnother) {
    std::vector<KeyMapEntry> entries;
    for (std::uint64_t i = 0; i < 60; ++i) entries.push_back(entry_number(i));
    MemoryKeyMap map;
    const Hash root = insert_all(map, entries, 60);
    for (std::uint64_t absent = 100; absent < 160; ++absent) {
        const KeyProof proof = *prove_key(map, root, entry_number(absent).path);
        for (const KeyMapEntry& present : entries) {
            const auto claimed = verify_key_proof(root, present.path, proof);
            // A proof may end at the entry of a present key, and then shows that key.
            ASSERT_TRUE(!claimed.ok() || *claimed == present.sequence);
        }
    }
}

TEST(KeyMap, ADamagedStoreIsNoticedBeforeItGetsIntoARoot) {
    std::vector<KeyMapEntry> entries;
    for (std::uint64_t i = 0; i < 8; ++i) entries.push_back(entry_number(i));
    MemoryKeyMap map;
    const Hash root = insert_all(map, entries, 8);
    const auto intact = map.nodes;
    for (const auto& [address, bytes] : intact) {
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            map.nodes[address] = flip_bit(bytes, bit);
            bool noticed = false;
            for (std::uint64_t i = 0; i < 8; ++i) {
                noticed = noticed || !prove_key(map, root, entry_number(i).path).ok();
            }
            ASSERT_TRUE(noticed) << "depth " << address.depth << " bit " << bit;
        }
        map.nodes[address] = bytes;
    }
    map.nodes.clear();
    EXPECT_EQ(insert_keys(map, root, {entry_number(9)}).error().code(), ErrorCode::kNotFound);
}

TEST(KeyMap, ABatchReadsTheSharedWayOnce) {
    std::vector<KeyMapEntry> entries, more;
    for (std::uint64_t i = 0; i < 1024; ++i) entries.push_back(entry_number(i));
    for (std::uint64_t i = 2000; i < 2064; ++i) more.push_back(entry_number(i));
    MemoryKeyMap map;
    const Hash root = insert_all(map, entries, 1024);
    map.reads = 0;
    ASSERT_TRUE(insert_keys(map, root, more).ok());
    // One by one it would be more than ten each.
    EXPECT_LT(map.reads, 64 * 7);
}

}  // namespace
}  // namespace hone::blockdb
