// The ledger's format against files that another implementation wrote (tests/vectors/ledger).
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/json.hpp"
#include "blockdb/chain/key_rotation.hpp"
#include "blockdb/chain/log_proof.hpp"
#include "blockdb/chain/signed_head.hpp"
#include "blockdb/chain/test_ledger.hpp"

namespace hone::blockdb {
namespace {

json::value read_vectors(const std::string& name) {
    const auto path = std::filesystem::path(HONE_LEDGER_VECTORS) / name;
    return *parse_json(*read_file(path), name);
}

std::string bytes_of(const json::value& hex) {
    return from_hex(hex.as_string()).value();
}

std::vector<Hash> hashes_of(const json::value& list) {
    std::vector<Hash> hashes;
    for (const json::value& hex : list.as_array()) hashes.push_back(Hash::from(bytes_of(hex)));
    return hashes;
}

std::uint64_t number_of(const json::value& value) {
    return value.to_number<std::uint64_t>();
}

TEST(Vectors, MerkleTreesAreThoseOfCertificateTransparency) {
    const json::value vectors = read_vectors("merkle.json");
    const std::vector<Hash> roots = hashes_of(vectors.at("roots"));
    LogFrontier frontier;
    MemoryNodes nodes;
    EXPECT_EQ(frontier.root(), roots.at(0));
    for (const json::value& leaf : vectors.at("leaves").as_array()) {
        std::vector<LogNode> completed;
        frontier.append(log_leaf_hash(bytes_of(leaf)), completed);
        nodes.keep(completed);
        EXPECT_EQ(frontier.root(), roots.at(frontier.size()));
    }
    ASSERT_EQ(frontier.size(), 8U);
    for (const json::value& proof : vectors.at("inclusion").as_array()) {
        const auto path =
            inclusion_path(nodes, number_of(proof.at("index")), number_of(proof.at("size")));
        EXPECT_EQ(*path, hashes_of(proof.at("path"))) << proof;
    }
    for (const json::value& proof : vectors.at("consistency").as_array()) {
        const auto path = consistency_path(nodes, number_of(proof.at("old_size")),
                                           number_of(proof.at("new_size")));
        EXPECT_EQ(*path, hashes_of(proof.at("path"))) << proof;
    }
}

// The ledger of format.json, committed again block by block.
MemoryLedger ledger_of(const json::value& vectors) {
    MemoryLedger ledger;
    std::size_t next = 0;
    for (const json::value& vector : vectors.at("blocks").as_array()) {
        const Block block = *decode_block(bytes_of(vector.at("encoded")));
        if (block.height == 0) continue;
        std::vector<Draft> drafts;
        for (; next < block.tree_size; ++next) {
            const json::value& record = vectors.at("records").at(next);
            Salt salt{};
            std::ranges::copy(bytes_of(record.at("salt")), salt.begin());
            drafts.push_back(
                {bytes_of(record.at("key")), commit_to_value(salt, bytes_of(record.at("value")))});
        }
        EXPECT_TRUE(ledger.put(drafts, block.time_microseconds).ok());
    }
    return ledger;
}

TEST(Vectors, RecordsAndBlocksAreByteForByteThoseOfTheFile) {
    const json::value vectors = read_vectors("format.json");
    const MemoryLedger ledger = ledger_of(vectors);
    ASSERT_EQ(ledger.leaves.size(), 7U);
    for (std::size_t i = 0; i < ledger.leaves.size(); ++i) {
        const json::value& record = vectors.at("records").at(i);
        const Leaf& leaf = ledger.leaves[i];
        EXPECT_EQ(leaf.value_commitment.view(), bytes_of(record.at("commitment")));
        EXPECT_EQ(encode_leaf(leaf), bytes_of(record.at("leaf")));
        EXPECT_EQ(leaf_hash(leaf).view(), bytes_of(record.at("leaf_hash")));
        EXPECT_EQ(key_path(leaf.key).view(), bytes_of(record.at("key_path")));
        EXPECT_EQ(*decode_leaf(bytes_of(record.at("leaf"))), leaf);
    }
    ASSERT_EQ(ledger.blocks.size(), 4U);
    for (std::size_t height = 0; height < ledger.blocks.size(); ++height) {
        const json::value& block = vectors.at("blocks").at(height);
        EXPECT_EQ(to_hex(encode_block(ledger.blocks[height])), block.at("encoded").as_string());
        EXPECT_EQ(to_hex(block_hash(ledger.blocks[height]).view()), block.at("hash").as_string());
    }
}

TEST(Vectors, ProofsAreByteForByteThoseOfTheFile) {
    const json::value vectors = read_vectors("format.json");
    MemoryLedger ledger = ledger_of(vectors);
    const Block& head = ledger.state.last;
    for (std::uint64_t i = 0; i < 7; ++i) {
        const InclusionProof proof{i, 7, *inclusion_path(ledger.log, i, 7)};
        EXPECT_EQ(encode_inclusion_proof(proof), bytes_of(vectors.at("inclusion_proofs").at(i)));
        EXPECT_TRUE(verify_record(head, ledger.leaves[i], proof).ok());
    }
    for (const json::value& hex : vectors.at("consistency_proofs").as_array()) {
        const ConsistencyProof proof = *decode_consistency_proof(bytes_of(hex));
        EXPECT_EQ(proof.path, *consistency_path(ledger.log, proof.old_size, proof.new_size));
        EXPECT_EQ(encode_consistency_proof(proof), bytes_of(hex));
    }
    for (const json::value& vector : vectors.at("key_proofs").as_array()) {
        const std::string key = bytes_of(vector.at("key"));
        const KeyProof proof = *prove_key(ledger.key_map, head.key_map_root, key_path(key));
        EXPECT_EQ(to_hex(encode_key_proof(proof)), vector.at("encoded").as_string()) << vector;
        std::optional<std::uint64_t> sequence;
        if (!vector.at("sequence").is_null()) sequence = number_of(vector.at("sequence"));
        EXPECT_EQ(*verify_key(head, key, proof), sequence) << vector;
    }
}

TEST(Vectors, KeysHeadsAnchorsAndRotationsAreThoseOfTheFile) {
    const json::value vectors = read_vectors("format.json");
    const std::string origin(vectors.at("origin").as_string());
    std::vector<SigningKey> keys;
    for (const json::value& vector : vectors.at("keys").as_array()) {
        keys.push_back(*SigningKey::parse(vector.at("secret_text").as_string()));
        EXPECT_EQ(keys.back().secret_text(), vector.at("secret_text").as_string());
        EXPECT_EQ(to_hex(keys.back().public_key().view()), vector.at("public").as_string());
        EXPECT_EQ(public_key_text(keys.back().public_key()), vector.at("public_text").as_string());
        EXPECT_EQ(key_identifier(keys.back().public_key()), vector.at("identifier").as_string());
    }
    // RFC 8032 section 7.1, test 1.
    EXPECT_EQ(to_hex(keys.at(0).public_key().view()),
              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    const Block last = *decode_block(bytes_of(vectors.at("blocks").at(3).at("encoded")));
    const SignedHead head = sign_head(origin, last, keys.at(0));
    EXPECT_EQ(encode_signed_head(head), bytes_of(vectors.at("signed_head")));
    EXPECT_EQ(format_anchor(head), vectors.at("anchor").as_string());
    EXPECT_TRUE(verify_head(*parse_anchor(vectors.at("anchor").as_string()), origin,
                            keys.at(0).public_key())
                    .ok());
    const KeyRotation rotation = rotate_key(origin, 1, keys.at(0), keys.at(1));
    EXPECT_EQ(encode_rotation(rotation), bytes_of(vectors.at("rotation")));
    EXPECT_EQ(rotation_record_key(1), bytes_of(vectors.at("rotation_record_key")));
}

}  // namespace
}  // namespace hone::blockdb
