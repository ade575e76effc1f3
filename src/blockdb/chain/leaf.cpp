#include "blockdb/chain/leaf.hpp"

#include <fmt/format.h>

#include "blockdb/chain/bytes.hpp"
#include "blockdb/chain/log_tree.hpp"

namespace hone::blockdb {

namespace {

// offset  size  field
//      0     4  mark "BDL" 1
//      4     2  length of the key, n
//      6     n  key
//    6+n    32  value commitment: SHA-256(2, salt (16), length of the value (8), value)
//   38+n     8  sequence
//   46+n     8  time in microseconds
// The log's hash of it: SHA-256(0, these bytes).
constexpr std::string_view kMark{"BDL\x01", kMarkSize};
constexpr std::size_t kFixedSize = 54;  // all but the key

}  // namespace

Hash commit_to_value(const Salt& salt, std::string_view value) {
    const std::string size = ByteWriter().u64(value.size()).take();
    return tagged_hash(HashTag::kValue,
                       {{reinterpret_cast<const char*>(salt.data()), salt.size()}, size, value});
}

Status check_key(std::string_view key) {
    if (!key.empty() && key.size() <= kLongestKey) return {};
    return Error(ErrorCode::kInvalidArgument, "checking a key",
                 fmt::format("it has {} bytes", key.size()),
                 fmt::format("use 1 to {} bytes", kLongestKey));
}

std::string encode_leaf(const Leaf& leaf) {
    HONE_ASSERT(check_key(leaf.key).ok());
    return ByteWriter(kFixedSize + leaf.key.size())
        .raw(kMark)
        .u16(static_cast<std::uint16_t>(leaf.key.size()))
        .raw(leaf.key)
        .hash(leaf.value_commitment)
        .u64(leaf.sequence)
        .u64(leaf.time_microseconds)
        .take();
}

Result<Leaf> decode_leaf(std::string_view bytes) {
    ByteReader reader(bytes, "a record's leaf");
    HONE_TRY(reader.mark(kMark));
    Leaf leaf;
    HONE_TRY_ASSIGN(const std::size_t key_size, reader.u16("length of the key"));
    HONE_TRY_ASSIGN(leaf.key, reader.raw(key_size, "key"));
    if (!check_key(leaf.key).ok()) {
        return reader.wrong(fmt::format("a key has 1 to {} bytes, not {}", kLongestKey, key_size));
    }
    HONE_TRY_ASSIGN(leaf.value_commitment, reader.hash("value commitment"));
    HONE_TRY_ASSIGN(leaf.sequence, reader.u64("sequence"));
    HONE_TRY_ASSIGN(leaf.time_microseconds, reader.u64("time"));
    HONE_TRY(reader.finish());
    return leaf;
}

Hash leaf_hash(const Leaf& leaf) {
    return log_leaf_hash(encode_leaf(leaf));
}

Status verify_value(const Leaf& leaf, const Salt& salt, std::string_view value) {
    if (commit_to_value(salt, value) == leaf.value_commitment) return {};
    return Error(ErrorCode::kDataLoss,
                 fmt::format("checking the value of record {}", leaf.sequence),
                 "it is not the value that was put", "the value or its salt was altered");
}

}  // namespace hone::blockdb
