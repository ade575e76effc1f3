// blockdb/chain/leaf.hpp - what the log keeps of a record for ever: not its value, but a commitment
// to it.
//
// Shape    the value is bound through a random salt. Once value and salt are erased the commitment
//          says nothing about the value, and every proof of the record still holds.
// Units    times are microseconds since 1970 in UTC.
// Errors   data_loss: an encoding that encode_leaf() never writes; a value that was not put.
// Limits   keys of 1 to kLongestKey bytes, any bytes. Those that begin with kSystemKeyByte belong
//          to the ledger: a store refuses them from its users.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "blockdb/chain/hash.hpp"

namespace hone::blockdb {

inline constexpr std::size_t kLongestKey = 4096;
inline constexpr char kSystemKeyByte = '\0';
inline constexpr std::size_t kSaltSize = 16;

// From a cryptographic random source, a new one for each record.
using Salt = std::array<std::uint8_t, kSaltSize>;

struct Leaf {
    std::string key;
    Hash value_commitment;
    std::uint64_t sequence = 0;  // the record's place in the log, from 0
    std::uint64_t time_microseconds = 0;
    bool operator==(const Leaf&) const = default;
};

Hash commit_to_value(const Salt& salt, std::string_view value);

// invalid_argument: an empty key, or one longer than kLongestKey.
Status check_key(std::string_view key);
// Requires a key that check_key() accepts.
std::string encode_leaf(const Leaf& leaf);
Result<Leaf> decode_leaf(std::string_view bytes);
// The leaf's hash in the log.
Hash leaf_hash(const Leaf& leaf);
// That `value` is what was put.
Status verify_value(const Leaf& leaf, const Salt& salt, std::string_view value);

}  // namespace hone::blockdb
