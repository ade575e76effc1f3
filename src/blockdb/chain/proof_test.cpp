#include "blockdb/chain/proof.hpp"

#include <gtest/gtest.h>

#include "blockdb/chain/test_ledger.hpp"

namespace hone::blockdb {
namespace {

struct ProofTest : testing::Test {
    MemoryLedger ledger = make_ledger(20, 5);
    const Block& head = ledger.blocks[4];

    InclusionProof inclusion(std::uint64_t sequence) {
        return {sequence, 20, *inclusion_path(ledger.log, sequence, 20)};
    }
    ConsistencyProof consistency(std::uint64_t old_size, std::uint64_t new_size) {
        return {old_size, new_size, *consistency_path(ledger.log, old_size, new_size)};
    }
};

TEST_F(ProofTest, RecordsAreCheckedAgainstAHead) {
    for (std::uint64_t i = 0; i < 20; ++i) {
        ASSERT_TRUE(verify_record(head, ledger.leaves[i], inclusion(i)).ok()) << i;
    }
    EXPECT_EQ(verify_record(ledger.blocks[3], ledger.leaves[2], inclusion(2)).error().wrong(),
              "the proof is for a log of 20 records, the head has 15");
    EXPECT_EQ(verify_record(head, ledger.leaves[2], inclusion(3)).error().wrong(),
              "the proof is for record 3, the record says 2");
    EXPECT_FALSE(verify_record(head, Leaf{}, inclusion(0)).ok());
}

TEST_F(ProofTest, AFlippedBitInAnInclusionProofOrItsRecordIsRefused) {
    const std::string proof = encode_inclusion_proof(inclusion(13));
    for (std::size_t bit = 0; bit < proof.size() * 8; ++bit) {
        const auto altered = decode_inclusion_proof(flip_bit(proof, bit));
        ASSERT_FALSE(altered.ok() && verify_record(head, ledger.leaves[13], *altered).ok()) << bit;
    }
    const std::string leaf = encode_leaf(ledger.leaves[13]);
    for (std::size_t bit = 0; bit < leaf.size() * 8; ++bit) {
        const auto altered = decode_leaf(flip_bit(leaf, bit));
        ASSERT_FALSE(altered.ok() && verify_record(head, *altered, inclusion(13)).ok()) << bit;
    }
}

TEST_F(ProofTest, GrowthIsCheckedBetweenTwoHeads) {
    for (std::size_t old = 0; old < ledger.blocks.size(); ++old) {
        const Block& before = ledger.blocks[old];
        ASSERT_TRUE(verify_growth(before, head, consistency(before.tree_size, 20)).ok()) << old;
    }
    EXPECT_EQ(verify_growth(ledger.blocks[1], head, consistency(10, 20)).error().code(),
              ErrorCode::kFailedPrecondition);
    EXPECT_EQ(verify_growth(ledger.blocks[1], head, consistency(5, 15)).error().code(),
              ErrorCode::kFailedPrecondition);
    const std::string proof = encode_consistency_proof(consistency(5, 20));
    for (std::size_t bit = 0; bit < proof.size() * 8; ++bit) {
        const auto altered = decode_consistency_proof(flip_bit(proof, bit));
        ASSERT_FALSE(altered.ok() && verify_growth(ledger.blocks[1], head, *altered).ok()) << bit;
    }
}

TEST_F(ProofTest, AKeyIsPresentFromItsBlockOnAndAbsentBefore) {
    // The map of height 1 has to be made again: a store keeps only the newest.
    MemoryLedger young = make_ledger(5, 5);
    const auto sequence_in = [](MemoryLedger& of, const std::string& key) {
        const Block& last = of.state.last;
        return *verify_key(last, key, *prove_key(of.key_map, last.key_map_root, key_path(key)));
    };
    ASSERT_EQ(young.state.last, ledger.blocks[1]);
    EXPECT_EQ(sequence_in(young, "key 7"), std::nullopt);
    EXPECT_EQ(sequence_in(ledger, "key 7"), 7U);
    EXPECT_EQ(sequence_in(ledger, "key 20"), std::nullopt);
}

TEST_F(ProofTest, AMapThatNamesARecordBeyondTheLogConvictsItsSigner) {
    MemoryKeyMap map;
    const KeyMapUpdate update = *insert_keys(map, {}, {{key_path("ghost"), 20}});
    map.keep(update.writes);
    Block false_head = head;
    false_head.key_map_root = update.root;
    const KeyProof proof = *prove_key(map, update.root, key_path("ghost"));
    EXPECT_EQ(verify_key(false_head, "ghost", proof).error().wrong(),
              "the key map names record 20, the log has 20");
}

}  // namespace
}  // namespace hone::blockdb
