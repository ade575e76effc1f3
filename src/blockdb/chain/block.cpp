#include "blockdb/chain/block.hpp"

#include <fmt/format.h>

#include "blockdb/chain/bytes.hpp"
#include "blockdb/chain/key_map.hpp"
#include "blockdb/chain/log_tree.hpp"

namespace hone::blockdb {

namespace {

// offset  size  field
//      0     4  mark "BDB" 1
//      4     8  height
//     12    32  hash of the previous block; 32 zero bytes in genesis
//     44     8  sequence of its first record = tree size before it
//     52     8  tree size after it
//     60    32  root of the log after it
//     92    32  root of the key map after it
//    124     8  time in microseconds
// Its hash: SHA-256(6, these 132 bytes).
constexpr std::string_view kMark{"BDB\x01", kMarkSize};

// What is wrong with the block by itself; empty where nothing is.
std::string inner_fault(const Block& block) {
    if (block.height == 0) return block == genesis_block() ? "" : "at height 0 it is not genesis";
    if (block.tree_size <= block.first_sequence) return "it holds no records";
    if (block.tree_size - block.first_sequence > kMostRecordsInBlock) {
        return fmt::format("it holds {} records, at most {} can be",
                           block.tree_size - block.first_sequence, kMostRecordsInBlock);
    }
    if (block.tree_size > kLargestTreeSize) {
        return fmt::format("a log of {} records is larger than {}", block.tree_size,
                           kLargestTreeSize);
    }
    return "";
}

std::string fault_after(const Block& previous, const Block& next) {
    if (previous.height + 1 != next.height) {
        return fmt::format("height {} follows {}", next.height, previous.height);
    }
    if (next.previous_hash != block_hash(previous)) {
        return "the previous hash is not that of the block before it";
    }
    if (next.first_sequence != previous.tree_size) {
        return fmt::format("its first record is {}, but the log had {} records",
                           next.first_sequence, previous.tree_size);
    }
    if (next.time_microseconds < previous.time_microseconds) {
        return fmt::format("its time {} is before {}, that of the block before it",
                           next.time_microseconds, previous.time_microseconds);
    }
    return inner_fault(next);
}

Status block_status(const Block& block, std::string fault) {
    if (fault.empty()) return {};
    return Error(ErrorCode::kDataLoss, fmt::format("checking block {}", block.height),
                 std::move(fault), "a block is missing, or history was edited");
}

}  // namespace

Block genesis_block() {
    Block block;
    block.log_root = empty_log_root();
    block.key_map_root = empty_key_map_root();
    return block;
}

Hash block_hash(const Block& block) {
    return tagged_hash(HashTag::kBlock, {encode_block(block)});
}

std::string encode_block(const Block& block) {
    return ByteWriter(kEncodedBlockSize)
        .raw(kMark)
        .u64(block.height)
        .hash(block.previous_hash)
        .u64(block.first_sequence)
        .u64(block.tree_size)
        .hash(block.log_root)
        .hash(block.key_map_root)
        .u64(block.time_microseconds)
        .take();
}

Result<Block> decode_block(std::string_view bytes) {
    ByteReader reader(bytes, "a block");
    HONE_TRY(reader.mark(kMark));
    Block block;
    HONE_TRY_ASSIGN(block.height, reader.u64("height"));
    HONE_TRY_ASSIGN(block.previous_hash, reader.hash("previous hash"));
    HONE_TRY_ASSIGN(block.first_sequence, reader.u64("first sequence"));
    HONE_TRY_ASSIGN(block.tree_size, reader.u64("tree size"));
    HONE_TRY_ASSIGN(block.log_root, reader.hash("root of the log"));
    HONE_TRY_ASSIGN(block.key_map_root, reader.hash("root of the key map"));
    HONE_TRY_ASSIGN(block.time_microseconds, reader.u64("time"));
    HONE_TRY(reader.finish());
    if (std::string fault = inner_fault(block); !fault.empty()) return reader.wrong(fault);
    return block;
}

Status check_block(const Block& block) {
    return block_status(block, inner_fault(block));
}

Status check_successor(const Block& previous, const Block& next) {
    return block_status(next, fault_after(previous, next));
}

}  // namespace hone::blockdb
