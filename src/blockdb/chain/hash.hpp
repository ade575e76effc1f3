// blockdb/chain/hash.hpp - SHA-256 with a first byte that says what is hashed.
//
// Shape    every hash of the ledger is SHA-256(tag, bytes). No two kinds of content share a tag, so
//          a node can never be passed off as a leaf, nor a block as a node.
// Threads  any; each thread hashes through one context of its own, made at its first hash.
// Source   RFC 9162 section 2.1.1 for the tags 0 and 1; the others are the ledger's own
//          (docs/internals/ledger-format.md).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace hone::blockdb {

inline constexpr std::size_t kHashSize = 32;

struct Hash {
    std::array<std::uint8_t, kHashSize> bytes{};

    auto operator<=>(const Hash&) const = default;
    std::string_view view() const {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    // Requires bytes.size() == kHashSize.
    static Hash from(std::string_view bytes);
};

enum class HashTag : std::uint8_t {
    kLogLeaf = 0,
    kLogNode = 1,
    kValue = 2,
    kKeyPath = 3,
    kKeyMapEntry = 4,
    kKeyMapBranch = 5,
    kBlock = 6,
    kPublicKey = 7,
};

Hash tagged_hash(HashTag tag, std::initializer_list<std::string_view> parts);
// Without a tag: the root of the empty log is defined as the hash of nothing.
Hash sha256(std::string_view bytes);

// Lower-case digits, two for each byte.
std::string to_hex(std::string_view bytes);
// Only lower-case digits, so that equal bytes have one text.
std::optional<std::string> from_hex(std::string_view text);
std::optional<Hash> hash_from_hex(std::string_view text);

}  // namespace hone::blockdb
