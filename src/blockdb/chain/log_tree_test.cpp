#include "blockdb/chain/log_tree.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <span>

#include "base/random.hpp"
#include "blockdb/chain/log_proof.hpp"
#include "blockdb/chain/test_ledger.hpp"

namespace hone::blockdb {
namespace {

Hash leaf_number(std::uint64_t number) {
    return log_leaf_hash(std::to_string(number));
}

// The definitions of RFC 9162, as slow as they read there.
Hash twin_root(std::span<const Hash> leaves) {
    if (leaves.empty()) return sha256("");
    if (leaves.size() == 1) return leaves[0];
    std::size_t k = 1;
    while (k * 2 < leaves.size()) k *= 2;
    return tagged_hash(HashTag::kLogNode,
                       {twin_root(leaves.first(k)).view(), twin_root(leaves.subspan(k)).view()});
}

std::vector<Hash> twin_path(std::size_t index, std::span<const Hash> leaves) {
    if (leaves.size() == 1) return {};
    std::size_t k = 1;
    while (k * 2 < leaves.size()) k *= 2;
    std::vector<Hash> path =
        index < k ? twin_path(index, leaves.first(k)) : twin_path(index - k, leaves.subspan(k));
    path.push_back(index < k ? twin_root(leaves.subspan(k)) : twin_root(leaves.first(k)));
    return path;
}

std::vector<Hash> twin_subproof(std::size_t m, std::span<const Hash> leaves, bool complete) {
    if (m == leaves.size()) {
        return complete ? std::vector<Hash>{} : std::vector<Hash>{twin_root(leaves)};
    }
    std::size_t k = 1;
    while (k * 2 < leaves.size()) k *= 2;
    std::vector<Hash> path = m <= k ? twin_subproof(m, leaves.first(k), complete)
                                    : twin_subproof(m - k, leaves.subspan(k), false);
    path.push_back(m <= k ? twin_root(leaves.subspan(k)) : twin_root(leaves.first(k)));
    return path;
}

struct Grown {
    std::vector<Hash> leaves;
    std::vector<Hash> roots;  // by size
    MemoryNodes nodes;
};

Grown grow(std::uint64_t size) {
    Grown grown;
    LogFrontier frontier;
    grown.roots.push_back(frontier.root());
    for (std::uint64_t i = 0; i < size; ++i) {
        grown.leaves.push_back(leaf_number(i));
        std::vector<LogNode> completed;
        frontier.append(grown.leaves.back(), completed);
        grown.nodes.keep(completed);
        grown.roots.push_back(frontier.root());
    }
    return grown;
}

TEST(LogTree, EmptyLogHasTheHashOfNothing) {
    EXPECT_EQ(to_hex(LogFrontier().root().view()),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(LogTree, StoresEachFullSubtreeOnce) {
    // 11 leaves, 5 pairs, 2 of four, 1 of eight.
    EXPECT_EQ(grow(11).nodes.size(), 19U);
}

TEST(LogTree, RootsAndPathsAreThoseOfTheDefinitionUpToSize64) {
    Grown grown = grow(64);
    for (std::size_t size = 0; size <= 64; ++size) {
        const auto leaves = std::span<const Hash>(grown.leaves).first(size);
        ASSERT_EQ(grown.roots[size], twin_root(leaves)) << "size " << size;
        for (std::size_t index = 0; index < size; ++index) {
            ASSERT_EQ(*inclusion_path(grown.nodes, index, size), twin_path(index, leaves))
                << "record " << index << " of " << size;
        }
    }
}

TEST(LogTree, ConsistencyPathsAreThoseOfTheDefinitionUpToSize64) {
    Grown grown = grow(64);
    for (std::size_t size = 1; size <= 64; ++size) {
        const auto leaves = std::span<const Hash>(grown.leaves).first(size);
        for (std::size_t old_size = 1; old_size <= size; ++old_size) {
            ASSERT_EQ(*consistency_path(grown.nodes, old_size, size),
                      twin_subproof(old_size, leaves, true))
                << "from " << old_size << " to " << size;
        }
    }
}

TEST(LogTree, RandomLargerTreesAreThoseOfTheDefinition) {
    const std::uint64_t seed = Random::fresh_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Grown grown = grow(1500);
    for (int round = 0; round < 12; ++round) {
        const std::size_t size = 65 + random.below(1436);
        const auto leaves = std::span<const Hash>(grown.leaves).first(size);
        const std::size_t index = random.below(size);
        const std::size_t old_size = 1 + random.below(size);
        ASSERT_EQ(grown.roots[size], twin_root(leaves)) << size;
        const auto path = *inclusion_path(grown.nodes, index, size);
        ASSERT_EQ(path, twin_path(index, leaves)) << index << " of " << size;
        EXPECT_TRUE(
            verify_inclusion_path(leaves[index], index, size, path, grown.roots[size]).ok());
        const auto growth = *consistency_path(grown.nodes, old_size, size);
        ASSERT_EQ(growth, twin_subproof(old_size, leaves, true)) << old_size << " to " << size;
        EXPECT_TRUE(verify_consistency_path(old_size, grown.roots[old_size], size,
                                            grown.roots[size], growth)
                        .ok());
    }
}

TEST(LogTree, TheEdgeOfAnySizeIsReadBackAndGrowsOn) {
    Grown grown = grow(40);
    for (std::uint64_t size = 0; size < 40; ++size) {
        auto frontier = *LogFrontier::at(size, grown.nodes);
        ASSERT_EQ(frontier.root(), grown.roots[size]);
        std::vector<LogNode> completed;
        frontier.append(grown.leaves[size], completed);
        ASSERT_EQ(frontier.root(), grown.roots[size + 1]);
        for (const LogNode& node : completed) ASSERT_EQ(*grown.nodes.read(node.address), node.hash);
    }
}

TEST(LogTree, MissingNodesAndWrongNumbersAreErrors) {
    Grown grown = grow(5);
    EXPECT_EQ(inclusion_path(grown.nodes, 5, 5).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(inclusion_path(grown.nodes, 0, 0).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(inclusion_path(grown.nodes, 0, 8).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(inclusion_path(grown.nodes, 0, ~0ULL).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(consistency_path(grown.nodes, 4, 3).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(consistency_path(grown.nodes, 3, ~0ULL).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(LogFrontier::at(8, grown.nodes).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(LogFrontier::at(~0ULL, grown.nodes).error().code(), ErrorCode::kInvalidArgument);
}

// The sizes that give a path the same turns cannot be told apart by the path: a signed head binds
// them. This says, without the verifier's arithmetic, which they are.
std::string turns(std::uint64_t index, std::uint64_t size) {
    if (size <= 1) return {};
    const std::uint64_t k = std::bit_floor(size - 1);
    return index < k ? turns(index, k) + "l" : turns(index - k, size - k) + "r";
}

TEST(LogProof, AFlippedBitInAnInclusionProofIsRefusedUpToSize64) {
    Grown grown = grow(64);
    for (std::uint64_t size = 1; size <= 64; ++size) {
        for (std::uint64_t index = 0; index < size; ++index) {
            const Hash root = grown.roots[size];
            const Hash leaf = grown.leaves[index];
            auto path = *inclusion_path(grown.nodes, index, size);
            ASSERT_TRUE(verify_inclusion_path(leaf, index, size, path, root).ok());
            // Every bit of every element is flipped for size 13; one bit that moves
            // through the hash for the rest, which keeps the test below a second.
            const bool every_bit = size == 13;
            const std::size_t step = every_bit ? 1 : 256;
            for (std::size_t bit = every_bit ? 0 : (size * 64 + index) % 256; bit < 256;
                 bit += step) {
                ASSERT_FALSE(
                    verify_inclusion_path(flip_bit(leaf, bit), index, size, path, root).ok());
                ASSERT_FALSE(
                    verify_inclusion_path(leaf, index, size, path, flip_bit(root, bit)).ok());
                for (Hash& element : path) {
                    element = flip_bit(element, bit);
                    ASSERT_FALSE(verify_inclusion_path(leaf, index, size, path, root).ok());
                    element = flip_bit(element, bit);
                }
            }
            for (int bit = 0; bit < (every_bit ? 64 : 8); ++bit) {
                const std::uint64_t flip = std::uint64_t{1} << bit;
                ASSERT_FALSE(verify_inclusion_path(leaf, index ^ flip, size, path, root).ok());
                const bool accepted =
                    verify_inclusion_path(leaf, index, size ^ flip, path, root).ok();
                const bool same_turns = bit < 8 && index < (size ^ flip) &&
                                        turns(index, size ^ flip) == turns(index, size);
                ASSERT_EQ(accepted, same_turns) << index << " of " << size << " bit " << bit;
            }
        }
    }
}

TEST(LogProof, AFlippedBitInAConsistencyProofIsRefusedUpToSize64) {
    Grown grown = grow(64);
    for (std::uint64_t size = 1; size <= 64; ++size) {
        for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
            const Hash& old_root = grown.roots[old_size];
            const Hash& root = grown.roots[size];
            auto path = *consistency_path(grown.nodes, old_size, size);
            const auto accepted = [&](const Hash& first, const Hash& second) {
                return verify_consistency_path(old_size, first, size, second, path).ok();
            };
            ASSERT_TRUE(accepted(old_root, root)) << old_size << " to " << size;
            const bool every_bit = size == 13;
            for (std::size_t bit = every_bit ? 0 : (size * 64 + old_size) % 256; bit < 256;
                 bit += every_bit ? 1 : 256) {
                ASSERT_FALSE(accepted(flip_bit(old_root, bit), root));
                // From nothing, every log grows: there the new root is not bound by the proof.
                ASSERT_EQ(accepted(old_root, flip_bit(root, bit)), old_size == 0);
                for (Hash& element : path) {
                    element = flip_bit(element, bit);
                    ASSERT_FALSE(accepted(old_root, root));
                    element = flip_bit(element, bit);
                }
            }
            path.push_back(old_root);
            ASSERT_FALSE(accepted(old_root, root));
            path.pop_back();
            if (path.empty()) continue;
            path.pop_back();
            ASSERT_FALSE(accepted(old_root, root));
        }
    }
}

TEST(LogProof, ARewrittenRecordBreaksConsistency) {
    Grown honest = grow(20);
    Grown rewritten;
    LogFrontier frontier;
    for (std::uint64_t i = 0; i < 20; ++i) {
        std::vector<LogNode> completed;
        frontier.append(i == 3 ? leaf_number(99) : leaf_number(i), completed);
        rewritten.nodes.keep(completed);
    }
    for (std::uint64_t old_size = 4; old_size < 20; ++old_size) {
        const auto path = *consistency_path(rewritten.nodes, old_size, 20);
        EXPECT_FALSE(
            verify_consistency_path(old_size, honest.roots[old_size], 20, frontier.root(), path)
                .ok())
            << old_size;
    }
}

TEST(LogProof, PathsOfImpossibleLengthAreRefused) {
    const Hash leaf = leaf_number(0);
    EXPECT_TRUE(verify_inclusion_path(leaf, 0, 1, {}, leaf).ok());
    const std::vector<Hash> one = {leaf};
    EXPECT_EQ(verify_inclusion_path(leaf, 0, 1, one, leaf).error().message(),
              "checking that a record is in the log: the path is too long: the proof is of another "
              "log or another size, or history was edited");
    EXPECT_EQ(verify_inclusion_path(leaf, 0, 2, {}, leaf).error().wrong(), "the path is too short");
    EXPECT_EQ(verify_inclusion_path(leaf, 1, 1, {}, leaf).error().code(),
              ErrorCode::kInvalidArgument);
    EXPECT_EQ(verify_consistency_path(3, leaf, 5, leaf, {}).error().wrong(),
              "the path is too short");
    EXPECT_EQ(verify_consistency_path(6, leaf, 5, leaf, {}).error().code(),
              ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace hone::blockdb
