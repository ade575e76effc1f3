// blockdb/chain/block.hpp - the unit of commit: which records it added, and what the whole ledger
// is after it.
//
// Shape    a block's hash covers everything before it twice: through the previous block's hash, and
//          through the roots of the log and of the key map. The first block after genesis has
//          height 1.
// Units    times are microseconds since 1970 in UTC, stamped once, by whoever commits.
// Errors   data_loss: an encoding that encode_block() never writes, or a block that does not follow
//          the one before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "blockdb/chain/hash.hpp"

namespace hone::blockdb {

inline constexpr std::uint64_t kMostRecordsInBlock = std::uint64_t{1} << 20;
inline constexpr std::size_t kEncodedBlockSize = 132;

struct Block {
    std::uint64_t height = 0;
    Hash previous_hash;
    std::uint64_t first_sequence = 0;  // of its records: [first_sequence, tree_size)
    std::uint64_t tree_size = 0;       // after it
    Hash log_root;                     // after it
    Hash key_map_root;                 // after it
    std::uint64_t time_microseconds = 0;
    bool operator==(const Block&) const = default;
};

// The same for every ledger: nothing in it, at time 0.
Block genesis_block();
Hash block_hash(const Block& block);

std::string encode_block(const Block& block);
Result<Block> decode_block(std::string_view bytes);

// What is to be seen from the block alone: genesis is genesis, and its range is one that can be.
Status check_block(const Block& block);
// That `next` may come right after `previous`: height, hash, range of records, time. It does not
// look at records; recompute the roots for that.
Status check_successor(const Block& previous, const Block& next);

}  // namespace hone::blockdb
