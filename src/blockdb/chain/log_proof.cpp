#include "blockdb/chain/log_proof.hpp"

#include <fmt/format.h>

#include <bit>

namespace hone::blockdb {

namespace {

constexpr std::string_view kCheckingInclusion = "checking that a record is in the log";
constexpr std::string_view kCheckingConsistency = "checking that the log only grew";

Error refused(std::string_view tried, std::string wrong) {
    return Error(ErrorCode::kDataLoss, std::string(tried), std::move(wrong),
                 "the proof is of another log or another size, or history was edited");
}

// Where a walk from a leaf to the root is: the position in its level, and the last one there.
struct Climb {
    std::uint64_t position;
    std::uint64_t last;

    void up() {
        position >>= 1;
        last >>= 1;
    }
    bool sibling_is_left() const { return (position & 1) != 0 || position == last; }
    // At the ragged right edge a node without a sibling is its own parent.
    void skip_levels_without_sibling() {
        while ((position & 1) == 0 && position != 0) up();
    }
};

// A consistency proof climbs with two hashes: one sees only the old leaves.
Status climb_both(Climb climb, const Hash& start, std::span<const Hash> path, const Hash& old_root,
                  const Hash& new_root) {
    Hash old_hash = start;
    Hash new_hash = start;
    for (const Hash& sibling : path) {
        if (climb.last == 0) return refused(kCheckingConsistency, "the path is too long");
        if (climb.sibling_is_left()) {
            old_hash = log_node_hash(sibling, old_hash);
            new_hash = log_node_hash(sibling, new_hash);
            climb.skip_levels_without_sibling();
        } else {
            new_hash = log_node_hash(new_hash, sibling);
        }
        climb.up();
    }
    if (climb.last != 0) return refused(kCheckingConsistency, "the path is too short");
    if (old_hash != old_root)
        return refused(kCheckingConsistency, "it does not lead to the old root");
    if (new_hash != new_root)
        return refused(kCheckingConsistency, "it does not lead to the new root");
    return {};
}

Status verify_trivial_growth(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                             const Hash& new_root, std::span<const Hash> path) {
    if (!path.empty()) return refused(kCheckingConsistency, "the path must be empty");
    if (old_size == 0 && old_root != empty_log_root()) {
        return refused(kCheckingConsistency, "the old root is not that of an empty log");
    }
    if (old_size == new_size && old_root != new_root) {
        return refused(kCheckingConsistency, "the sizes are equal, the roots are not");
    }
    return {};
}

}  // namespace

Status verify_inclusion_path(const Hash& leaf_hash, std::uint64_t index, std::uint64_t tree_size,
                             std::span<const Hash> path, const Hash& root) {
    if (index >= tree_size || tree_size > kLargestTreeSize) {
        return Error(ErrorCode::kInvalidArgument, std::string(kCheckingInclusion),
                     fmt::format("a log of {} records has no record {}", tree_size, index));
    }
    Climb climb{index, tree_size - 1};
    Hash hash = leaf_hash;
    for (const Hash& sibling : path) {
        if (climb.last == 0) return refused(kCheckingInclusion, "the path is too long");
        if (climb.sibling_is_left()) {
            hash = log_node_hash(sibling, hash);
            climb.skip_levels_without_sibling();
        } else {
            hash = log_node_hash(hash, sibling);
        }
        climb.up();
    }
    if (climb.last != 0) return refused(kCheckingInclusion, "the path is too short");
    if (hash != root) return refused(kCheckingInclusion, "it does not lead to the root");
    return {};
}

Status verify_consistency_path(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size,
                               const Hash& new_root, std::span<const Hash> path) {
    if (old_size > new_size || new_size > kLargestTreeSize) {
        return Error(ErrorCode::kInvalidArgument, std::string(kCheckingConsistency),
                     fmt::format("a log cannot grow from {} to {} records", old_size, new_size));
    }
    if (old_size == 0 || old_size == new_size) {
        return verify_trivial_growth(old_size, old_root, new_size, new_root, path);
    }
    Climb climb{old_size - 1, new_size - 1};
    while ((climb.position & 1) != 0) climb.up();
    // An old tree that is one full subtree starts the climb itself; the path leaves it out.
    if (std::has_single_bit(old_size)) return climb_both(climb, old_root, path, old_root, new_root);
    if (path.empty()) return refused(kCheckingConsistency, "the path is too short");
    return climb_both(climb, path.front(), path.subspan(1), old_root, new_root);
}

}  // namespace hone::blockdb
