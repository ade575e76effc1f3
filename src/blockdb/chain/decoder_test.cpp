// Every decoder against cut, lengthened, flipped and random bytes: an Error or the very same bytes
// again, never a crash, never two encodings of one value.
#include <gtest/gtest.h>

#include <functional>

#include "base/random.hpp"
#include "blockdb/chain/bytes.hpp"
#include "blockdb/chain/key_rotation.hpp"
#include "blockdb/chain/signed_head.hpp"
#include "blockdb/chain/test_ledger.hpp"

namespace hone::blockdb {
namespace {

// The bytes that the decoded value encodes to.
using Recode = std::function<Result<std::string>(std::string_view)>;

template <class Decode, class Encode>
Recode recode(Decode decode, Encode encode) {
    return [=](std::string_view bytes) -> Result<std::string> {
        HONE_TRY_ASSIGN(const auto value, decode(bytes));
        return std::string(encode(value));
    };
}

struct Format {
    std::string name;
    std::string sample;
    Recode recode;
};

std::vector<Format> formats() {
    static MemoryLedger ledger = make_ledger(40, 8);
    static const SigningKey key = SigningKey::from_seed(std::array<std::uint8_t, kSeedSize>{1});
    static const SigningKey next = SigningKey::from_seed(std::array<std::uint8_t, kSeedSize>{2});
    const Block& head = ledger.state.last;
    const SignedHead signed_head = sign_head("ledger.example.org", head, key);
    const auto key_proof = [&](const char* name) {
        return encode_key_proof(*prove_key(ledger.key_map, head.key_map_root, key_path(name)));
    };
    return {
        {"block", encode_block(head), recode(decode_block, encode_block)},
        {"genesis", encode_block(genesis_block()), recode(decode_block, encode_block)},
        {"leaf", encode_leaf(ledger.leaves[7]), recode(decode_leaf, encode_leaf)},
        {"inclusion proof", encode_inclusion_proof({3, 40, *inclusion_path(ledger.log, 3, 40)}),
         recode(decode_inclusion_proof, encode_inclusion_proof)},
        {"consistency proof",
         encode_consistency_proof({7, 40, *consistency_path(ledger.log, 7, 40)}),
         recode(decode_consistency_proof, encode_consistency_proof)},
        {"key proof", key_proof("key 3"), recode(decode_key_proof, encode_key_proof)},
        {"absence proof", key_proof("nobody"), recode(decode_key_proof, encode_key_proof)},
        {"branch", ledger.key_map.nodes.begin()->second,
         recode(decode_key_map_node, encode_key_map_node)},
        {"entry", ledger.key_map.nodes.rbegin()->second,
         recode(decode_key_map_node, encode_key_map_node)},
        {"signed head", encode_signed_head(signed_head),
         recode(decode_signed_head, encode_signed_head)},
        {"rotation", encode_rotation(rotate_key("ledger.example.org", 1, key, next)),
         recode(decode_rotation, encode_rotation)},
        {"anchor", format_anchor(signed_head), recode(parse_anchor, format_anchor)},
        {"public key", public_key_text(key.public_key()),
         recode(parse_public_key, public_key_text)},
    };
}

TEST(Decoder, SamplesReadBack) {
    for (const Format& format : formats()) {
        EXPECT_EQ(*format.recode(format.sample), format.sample) << format.name;
    }
}

TEST(Decoder, CutOrLengthenedBytesAreRefused) {
    for (const Format& format : formats()) {
        for (std::size_t size = 0; size < format.sample.size(); ++size) {
            ASSERT_FALSE(format.recode(format.sample.substr(0, size)).ok())
                << format.name << " cut to " << size;
        }
        for (const char extra : {'\0', ' ', '\n', '0'}) {
            ASSERT_FALSE(format.recode(format.sample + extra).ok()) << format.name;
        }
    }
}

std::string mutate(std::string bytes, Random& random) {
    for (std::uint64_t edits = 1 + random.below(4); edits > 0 && !bytes.empty(); --edits) {
        const std::size_t at = random.below(bytes.size());
        const auto drawn = static_cast<char>(random.below(256));
        switch (random.below(5)) {
            case 0:
                bytes[at] = drawn;
                break;
            case 1:
                bytes = flip_bit(bytes, random.below(bytes.size() * 8));
                break;
            case 2:
                bytes.erase(at, 1 + random.below(40));
                break;
            case 3:
                bytes.insert(at, 1 + random.below(40), drawn);
                break;
            default:
                bytes[at] = random.below(2) == 0 ? '\xff' : '\0';
                break;
        }
    }
    return bytes;
}

TEST(Decoder, WhatIsAcceptedHasOneEncoding) {
    const std::uint64_t seed = Random::fresh_seed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    for (const Format& format : formats()) {
        for (int round = 0; round < 1500; ++round) {
            const std::string bytes = mutate(format.sample, random);
            const auto again = format.recode(bytes);
            if (again.ok()) {
                ASSERT_EQ(*again, bytes) << format.name << " " << to_hex(bytes);
            } else {
                ASSERT_FALSE(again.error().wrong().empty());
            }
        }
    }
}

TEST(Decoder, ErrorsSayWhatAndWhere) {
    const std::string block = encode_block(genesis_block());
    EXPECT_EQ(decode_block(block.substr(0, 50)).error().message(),
              "decoding a block: at byte 44 of 50: the first sequence needs 8 bytes, 6 are left");
    EXPECT_EQ(decode_block(block + "xy").error().message(),
              "decoding a block: at byte 132 of 134: 2 bytes are left over");
    EXPECT_EQ(
        decode_leaf(block).error().message(),
        "decoding a record's leaf: at byte 0 of 132: begins with 42444201, not with 42444c01: "
        "check that it is of this kind, and that this build knows its version");
    EXPECT_EQ(
        decode_inclusion_proof(encode_inclusion_proof({}).substr(0, 20) + '\x40').error().wrong(),
        "at byte 21 of 21: 64 hashes of the path, at most 63");
}

}  // namespace
}  // namespace hone::blockdb
