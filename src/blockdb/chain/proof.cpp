#include "blockdb/chain/proof.hpp"

#include <fmt/format.h>

#include "blockdb/chain/bytes.hpp"
#include "blockdb/chain/log_proof.hpp"

namespace hone::blockdb {

namespace {

// Inclusion, mark "BDI" 1:   sequence and tree size; consistency, mark "BDC" 1: old and new size.
// offset  size  field
//      0     4  mark
//      4     8  first number
//     12     8  second number
//     20     1  number of hashes, n, at most 63
//     21  32*n  hashes, from the leaves upward
constexpr std::string_view kInclusionMark{"BDI\x01", kMarkSize};
constexpr std::string_view kConsistencyMark{"BDC\x01", kMarkSize};

Error other_block(std::string_view tried, std::uint64_t proven, std::uint64_t wanted) {
    return Error(
        ErrorCode::kFailedPrecondition, std::string(tried),
        fmt::format("the proof is for a log of {} records, the head has {}", proven, wanted),
        "ask for a proof for this head");
}

std::string encode(std::string_view mark, std::uint64_t first, std::uint64_t second,
                   const std::vector<Hash>& path) {
    HONE_ASSERT(path.size() <= kLongestLogPath);
    return ByteWriter().raw(mark).u64(first).u64(second).short_hashes(path).take();
}

}  // namespace

Status verify_record(const Block& head, const Leaf& leaf, const InclusionProof& proof) {
    constexpr std::string_view kTried = "checking that a record is in the ledger";
    if (proof.tree_size != head.tree_size)
        return other_block(kTried, proof.tree_size, head.tree_size);
    if (proof.sequence != leaf.sequence) {
        return Error(ErrorCode::kDataLoss, std::string(kTried),
                     fmt::format("the proof is for record {}, the record says {}", proof.sequence,
                                 leaf.sequence),
                     "ask for a proof of this record");
    }
    if (const Status key = check_key(leaf.key); !key.ok()) return key;
    return verify_inclusion_path(leaf_hash(leaf), proof.sequence, proof.tree_size, proof.path,
                                 head.log_root);
}

Status verify_growth(const Block& old_head, const Block& new_head, const ConsistencyProof& proof) {
    constexpr std::string_view kTried = "checking that the ledger only grew";
    if (proof.old_size != old_head.tree_size) {
        return other_block(kTried, proof.old_size, old_head.tree_size);
    }
    if (proof.new_size != new_head.tree_size) {
        return other_block(kTried, proof.new_size, new_head.tree_size);
    }
    return verify_consistency_path(proof.old_size, old_head.log_root, proof.new_size,
                                   new_head.log_root, proof.path);
}

Result<std::optional<std::uint64_t>> verify_key(const Block& head, std::string_view key,
                                                const KeyProof& proof) {
    HONE_TRY(check_key(key));
    HONE_TRY_ASSIGN(const std::optional<std::uint64_t> sequence,
                    verify_key_proof(head.key_map_root, key_path(key), proof));
    if (sequence && *sequence >= head.tree_size) {
        return Error(
            ErrorCode::kDataLoss, "checking a key's proof",
            fmt::format("the key map names record {}, the log has {}", *sequence, head.tree_size),
            "the head's signer committed to a record that is not there: keep the proof");
    }
    return sequence;
}

std::string encode_inclusion_proof(const InclusionProof& proof) {
    return encode(kInclusionMark, proof.sequence, proof.tree_size, proof.path);
}

Result<InclusionProof> decode_inclusion_proof(std::string_view bytes) {
    ByteReader reader(bytes, "an inclusion proof");
    HONE_TRY(reader.mark(kInclusionMark));
    InclusionProof proof;
    HONE_TRY_ASSIGN(proof.sequence, reader.u64("sequence"));
    HONE_TRY_ASSIGN(proof.tree_size, reader.u64("tree size"));
    HONE_TRY_ASSIGN(proof.path, reader.short_hashes(kLongestLogPath, "path"));
    HONE_TRY(reader.finish());
    return proof;
}

std::string encode_consistency_proof(const ConsistencyProof& proof) {
    return encode(kConsistencyMark, proof.old_size, proof.new_size, proof.path);
}

Result<ConsistencyProof> decode_consistency_proof(std::string_view bytes) {
    ByteReader reader(bytes, "a consistency proof");
    HONE_TRY(reader.mark(kConsistencyMark));
    ConsistencyProof proof;
    HONE_TRY_ASSIGN(proof.old_size, reader.u64("old size"));
    HONE_TRY_ASSIGN(proof.new_size, reader.u64("new size"));
    HONE_TRY_ASSIGN(proof.path, reader.short_hashes(kLongestLogPath, "path"));
    HONE_TRY(reader.finish());
    return proof;
}

}  // namespace hone::blockdb
