// blockdb/chain/proof.hpp - the proofs as they travel, and their checks against a block.
//
// Shape    a block binds sizes, roots and each other, so these checks leave no number to the
//          prover. A verifier needs a signed head that it has verified, and nothing else.
// Errors   data_loss: malformed, or the proof does not show what it claims; failed_precondition: it
//          is a proof for another block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "blockdb/chain/block.hpp"
#include "blockdb/chain/key_map.hpp"
#include "blockdb/chain/leaf.hpp"

namespace hone::blockdb {

struct InclusionProof {
    std::uint64_t sequence = 0;
    std::uint64_t tree_size = 0;
    std::vector<Hash> path;
    bool operator==(const InclusionProof&) const = default;
};

struct ConsistencyProof {
    std::uint64_t old_size = 0;
    std::uint64_t new_size = 0;
    std::vector<Hash> path;
    bool operator==(const ConsistencyProof&) const = default;
};

// That the record is in the log of `head`, at its sequence.
Status verify_record(const Block& head, const Leaf& leaf, const InclusionProof& proof);
// That the log of `new_head` begins with the log of `old_head`.
Status verify_growth(const Block& old_head, const Block& new_head, const ConsistencyProof& proof);
// The sequence of the key's one record as of `head`; no value: proven absent.
Result<std::optional<std::uint64_t>> verify_key(const Block& head, std::string_view key,
                                                const KeyProof& proof);

std::string encode_inclusion_proof(const InclusionProof& proof);
Result<InclusionProof> decode_inclusion_proof(std::string_view bytes);
std::string encode_consistency_proof(const ConsistencyProof& proof);
Result<ConsistencyProof> decode_consistency_proof(std::string_view bytes);

}  // namespace hone::blockdb
