#include "blockdb/chain/log_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace hone::blockdb {

namespace {

// The hash over [begin, begin + count), put together from full subtrees, right to left.
// Requires count > 0, and that begin is a multiple of the largest power of two within count.
Result<Hash> range_hash(NodeReader& nodes, std::uint64_t begin, std::uint64_t count) {
    std::uint64_t end = begin + count;
    Hash hash;
    for (std::uint64_t rest = count; rest != 0; rest &= rest - 1) {
        const int level = std::countr_zero(rest);
        end -= std::uint64_t{1} << level;
        HONE_TRY_ASSIGN(const Hash subtree,
                        nodes.read({static_cast<std::uint8_t>(level), end >> level}));
        hash = rest == count ? subtree : log_node_hash(subtree, hash);
    }
    return hash;
}

// How many leaves the left child of a node over `count` leaves has. Requires count > 1.
std::uint64_t left_count(std::uint64_t count) {
    return std::bit_floor(count - 1);
}

Status check_size(std::uint64_t size, std::string_view tried) {
    if (size <= kLargestTreeSize) return {};
    return Error(ErrorCode::kInvalidArgument, std::string(tried),
                 fmt::format("a log of {} records is larger than {}", size, kLargestTreeSize));
}

}  // namespace

Hash log_leaf_hash(std::string_view leaf) {
    return tagged_hash(HashTag::kLogLeaf, {leaf});
}

Hash log_node_hash(const Hash& left, const Hash& right) {
    return tagged_hash(HashTag::kLogNode, {left.view(), right.view()});
}

Hash empty_log_root() {
    return sha256({});
}

Result<LogFrontier> LogFrontier::at(std::uint64_t size, NodeReader& nodes) {
    HONE_TRY(check_size(size, "reading the edge of the log"));
    LogFrontier frontier;
    frontier.size_ = size;
    std::uint64_t end = size;
    for (std::uint64_t rest = size; rest != 0; rest &= rest - 1) {
        const int level = std::countr_zero(rest);
        end -= std::uint64_t{1} << level;
        HONE_TRY_ASSIGN(frontier.peaks_.at(static_cast<std::size_t>(level)),
                        nodes.read({static_cast<std::uint8_t>(level), end >> level}));
    }
    return frontier;
}

Hash LogFrontier::root() const {
    if (size_ == 0) return empty_log_root();
    Hash hash;
    for (std::uint64_t rest = size_; rest != 0; rest &= rest - 1) {
        const Hash& peak = peaks_.at(static_cast<std::size_t>(std::countr_zero(rest)));
        hash = rest == size_ ? peak : log_node_hash(peak, hash);
    }
    return hash;
}

void LogFrontier::append(const Hash& leaf, std::vector<LogNode>& completed) {
    HONE_ASSERT(size_ < kLargestTreeSize);
    Hash hash = leaf;
    std::uint8_t level = 0;
    completed.push_back({{level, size_}, hash});
    for (; (size_ >> level & 1) != 0; ++level) {
        hash = log_node_hash(peaks_.at(level), hash);
        completed.push_back({{static_cast<std::uint8_t>(level + 1), size_ >> (level + 1)}, hash});
    }
    peaks_.at(level) = hash;
    ++size_;
}

Result<std::vector<Hash>> inclusion_path(NodeReader& nodes, std::uint64_t index,
                                         std::uint64_t tree_size) {
    HONE_TRY(check_size(tree_size, "proving that a record is in the log"));
    if (index >= tree_size) {
        return Error(ErrorCode::kInvalidArgument, "proving that a record is in the log",
                     fmt::format("a log of {} records has no record {}", tree_size, index));
    }
    std::vector<Hash> path;
    std::uint64_t begin = 0;
    std::uint64_t count = tree_size;
    while (count > 1) {
        const std::uint64_t left = left_count(count);
        const bool goes_left = index - begin < left;
        HONE_TRY_ASSIGN(const Hash sibling, goes_left
                                                ? range_hash(nodes, begin + left, count - left)
                                                : range_hash(nodes, begin, left));
        path.push_back(sibling);
        if (!goes_left) begin += left;
        count = goes_left ? left : count - left;
    }
    std::ranges::reverse(path);
    return path;
}

Result<std::vector<Hash>> consistency_path(NodeReader& nodes, std::uint64_t old_size,
                                           std::uint64_t new_size) {
    HONE_TRY(check_size(new_size, "proving that the log only grew"));
    if (old_size > new_size) {
        return Error(ErrorCode::kInvalidArgument, "proving that the log only grew",
                     fmt::format("the old size {} is above the new one {}", old_size, new_size));
    }
    std::vector<Hash> path;
    if (old_size == 0) return path;
    std::uint64_t begin = 0;
    std::uint64_t count = new_size;
    while (old_size - begin != count) {
        const std::uint64_t left = left_count(count);
        const bool goes_left = old_size - begin <= left;
        HONE_TRY_ASSIGN(const Hash sibling, goes_left
                                                ? range_hash(nodes, begin + left, count - left)
                                                : range_hash(nodes, begin, left));
        path.push_back(sibling);
        if (!goes_left) begin += left;
        count = goes_left ? left : count - left;
    }
    // Where the walk never went right, this subtree is the whole old tree, whose root is known.
    if (begin != 0) {
        HONE_TRY_ASSIGN(const Hash shared, range_hash(nodes, begin, count));
        path.push_back(shared);
    }
    std::ranges::reverse(path);
    return path;
}

}  // namespace hone::blockdb
