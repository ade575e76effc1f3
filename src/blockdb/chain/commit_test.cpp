#include "blockdb/chain/commit.hpp"

#include <gtest/gtest.h>

#include "blockdb/chain/test_ledger.hpp"

namespace hone::blockdb {
namespace {

Draft draft(const std::string& key) {
    return {key, commit_to_value({}, "value of " + key)};
}

TEST(Commit, GenesisIsFixed) {
    EXPECT_EQ(to_hex(block_hash(genesis_block()).view()),
              "c6be8cf51b2ec737a3e9252a707c0f26005c26ccbdc37306b46a794d2759ef91");
}

TEST(Commit, BlocksFollowOneAnother) {
    const MemoryLedger ledger = make_ledger(10, 3);
    ASSERT_EQ(ledger.blocks.size(), 5U);
    for (std::size_t height = 1; height < ledger.blocks.size(); ++height) {
        EXPECT_TRUE(check_successor(ledger.blocks[height - 1], ledger.blocks[height]).ok());
    }
    EXPECT_EQ(ledger.blocks[4].first_sequence, 9U);
    EXPECT_EQ(ledger.blocks[4].tree_size, 10U);
    EXPECT_EQ(ledger.leaves[9].sequence, 9U);
    EXPECT_EQ(ledger.leaves[9].time_microseconds, ledger.blocks[4].time_microseconds);
}

TEST(Commit, AClockThatWentBackIsHeldAtTheLastBlocksTime) {
    MemoryLedger ledger;
    ASSERT_TRUE(ledger.put({draft("a")}, 5000).ok());
    ASSERT_TRUE(ledger.put({draft("b")}, 4000).ok());
    EXPECT_EQ(ledger.state.last.time_microseconds, 5000U);
}

TEST(Commit, ARefusedBlockChangesNothing) {
    MemoryLedger ledger = make_ledger(4, 2);
    const auto refused = [&](const std::vector<Draft>& drafts) {
        const auto commit = commit_block(ledger.state, ledger.key_map, drafts, 1);
        return commit.ok() ? "accepted" : std::string(to_string(commit.error().code()));
    };
    const std::string conflict(to_string(ErrorCode::kConflict));
    const std::string invalid(to_string(ErrorCode::kInvalidArgument));
    EXPECT_EQ(refused({draft("new"), draft("key 1")}), conflict);
    EXPECT_EQ(refused({draft("new"), draft("new")}), conflict);
    EXPECT_EQ(refused({}), invalid);
    EXPECT_EQ(refused({draft("")}), invalid);
    EXPECT_EQ(refused({{std::string(4097, 'k'), {}}}), invalid);
    EXPECT_EQ(refused({{std::string(4096, 'k'), {}}}), "accepted");
    EXPECT_EQ(ledger.state.last.tree_size, 4U);
}

TEST(Commit, AnAlteredBlockDoesNotFollow) {
    const MemoryLedger ledger = make_ledger(6, 2);
    const Block& last = ledger.blocks[2];
    const std::string encoded = encode_block(ledger.blocks[3]);
    int decoded_count = 0;
    for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
        const auto altered = decode_block(flip_bit(encoded, bit));
        if (!altered.ok()) continue;
        ++decoded_count;
        MemoryLedger copy = make_ledger(4, 2);
        const std::vector<Leaf> leaves(ledger.leaves.begin() + 4, ledger.leaves.end());
        ASSERT_FALSE(replay_block(copy.state, copy.key_map, *altered, leaves).ok()) << bit;
    }
    EXPECT_GT(decoded_count, 700);
    Block other_past = ledger.blocks[3];
    other_past.previous_hash = block_hash(ledger.blocks[1]);
    EXPECT_EQ(check_successor(last, other_past).error().wrong(),
              "the previous hash is not that of the block before it");
    Block hollow = ledger.blocks[3];
    hollow.tree_size = hollow.first_sequence;
    EXPECT_EQ(check_block(hollow).error().wrong(), "it holds no records");
    Block early = ledger.blocks[3];
    early.time_microseconds = last.time_microseconds - 1;
    EXPECT_EQ(check_successor(last, early).error().message(),
              "checking block 3: its time 1001 is before 1002, that of the block before it: a "
              "block is missing, or history was edited");
}

TEST(Commit, ReplayFindsEveryAlteredRecord) {
    MemoryLedger ledger;
    ASSERT_TRUE(ledger.put({draft("a"), draft("b")}, 7).ok());
    MemoryKeyMap nothing;
    const Block& block = ledger.blocks[1];
    EXPECT_TRUE(replay_block({}, nothing, block, ledger.leaves).ok());
    for (std::size_t i = 0; i < ledger.leaves.size(); ++i) {
        const std::string encoded = encode_leaf(ledger.leaves[i]);
        for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
            const auto altered = decode_leaf(flip_bit(encoded, bit));
            if (!altered.ok()) continue;
            std::vector<Leaf> leaves = ledger.leaves;
            leaves[i] = *altered;
            ASSERT_FALSE(replay_block({}, nothing, block, leaves).ok()) << i << " bit " << bit;
        }
    }
    std::vector<Leaf> swapped{ledger.leaves[1], ledger.leaves[0]};
    EXPECT_FALSE(replay_block({}, nothing, block, swapped).ok());
    EXPECT_EQ(replay_block({}, nothing, block, {ledger.leaves[0]}).error().wrong(),
              "there are 1, the block has 2");
}

TEST(Commit, AnErasedValueLeavesItsProof) {
    MemoryLedger ledger;
    const Salt salt{1, 2, 3};
    ASSERT_TRUE(ledger.put({draft("a"), {"secret", commit_to_value(salt, "4711")}}, 7).ok());
    const Leaf& leaf = ledger.leaves[1];
    EXPECT_TRUE(verify_value(leaf, salt, "4711").ok());
    EXPECT_FALSE(verify_value(leaf, salt, "4712").ok());
    EXPECT_FALSE(verify_value(leaf, Salt{1, 2, 4}, "4711").ok());
    // What is left once value and salt are gone:
    const InclusionProof proof{1, 2, *inclusion_path(ledger.log, 1, 2)};
    EXPECT_TRUE(verify_record(ledger.state.last, leaf, proof).ok());
}

TEST(Leaf, LengthsKeepKeyAndValueApart) {
    // Salt and value, and key and what follows, cannot run into one another.
    EXPECT_NE(leaf_hash({"ab", commit_to_value({}, "c"), 0, 0}),
              leaf_hash({"a", commit_to_value({}, "bc"), 0, 0}));
    EXPECT_NE(commit_to_value({}, ""), commit_to_value({}, std::string(1, '\0')));
}

}  // namespace
}  // namespace hone::blockdb
