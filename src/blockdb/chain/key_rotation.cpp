#include "blockdb/chain/key_rotation.hpp"

#include <fmt/format.h>

#include <ranges>

#include "blockdb/chain/bytes.hpp"
#include "blockdb/chain/leaf.hpp"
#include "blockdb/chain/signed_head.hpp"

namespace hone::blockdb {

namespace {

// offset  size  field
//      0     4  mark "BDR" 1
//      4     8  generation of the new key
//     12    32  old public key
//     44    32  new public key
//     76    64  signature by the old key
//    140    64  signature by the new key
// Signed, for the purpose of a rotation, by both: length of the origin (1), origin, generation (8),
// old key (32), new key (32).
constexpr std::string_view kMark{"BDR\x01", kMarkSize};
constexpr std::string_view kRecordKeyWord = "signing-key/";

std::string signed_content(std::string_view origin, const KeyRotation& rotation) {
    return ByteWriter()
        .u8(static_cast<std::uint8_t>(origin.size()))
        .raw(origin)
        .u64(rotation.generation)
        .raw(rotation.old_key.view())
        .raw(rotation.new_key.view())
        .take();
}

Result<PublicKey> read_key(ByteReader& reader, std::string_view field) {
    HONE_TRY_ASSIGN(const std::string_view bytes, reader.raw(kPublicKeySize, field));
    return PublicKey::from(bytes);
}

Result<Signature> read_signature(ByteReader& reader, std::string_view field) {
    HONE_TRY_ASSIGN(const std::string_view bytes, reader.raw(kSignatureSize, field));
    return Signature::from(bytes);
}

}  // namespace

KeyRotation rotate_key(std::string_view origin, std::uint64_t generation, const SigningKey& old_key,
                       const SigningKey& new_key) {
    HONE_ASSERT(check_origin(origin).ok());
    KeyRotation rotation{generation, old_key.public_key(), new_key.public_key(), {}, {}};
    const std::string content = signed_content(origin, rotation);
    rotation.by_old = old_key.sign(SigningPurpose::kKeyRotation, content);
    rotation.by_new = new_key.sign(SigningPurpose::kKeyRotation, content);
    return rotation;
}

Status verify_rotation(std::string_view origin, const KeyRotation& rotation) {
    HONE_TRY(check_origin(origin));
    const std::string content = signed_content(origin, rotation);
    HONE_TRY(
        verify_signature(rotation.old_key, SigningPurpose::kKeyRotation, content, rotation.by_old)
            .with_context("checking a key rotation, the old key's signature"));
    return verify_signature(rotation.new_key, SigningPurpose::kKeyRotation, content,
                            rotation.by_new)
        .with_context("checking a key rotation, the new key's signature");
}

std::string encode_rotation(const KeyRotation& rotation) {
    return ByteWriter()
        .raw(kMark)
        .u64(rotation.generation)
        .raw(rotation.old_key.view())
        .raw(rotation.new_key.view())
        .raw(rotation.by_old.view())
        .raw(rotation.by_new.view())
        .take();
}

Result<KeyRotation> decode_rotation(std::string_view bytes) {
    ByteReader reader(bytes, "a key rotation");
    HONE_TRY(reader.mark(kMark));
    KeyRotation rotation;
    HONE_TRY_ASSIGN(rotation.generation, reader.u64("generation"));
    HONE_TRY_ASSIGN(rotation.old_key, read_key(reader, "old key"));
    HONE_TRY_ASSIGN(rotation.new_key, read_key(reader, "new key"));
    HONE_TRY_ASSIGN(rotation.by_old, read_signature(reader, "old key's signature"));
    HONE_TRY_ASSIGN(rotation.by_new, read_signature(reader, "new key's signature"));
    HONE_TRY(reader.finish());
    return rotation;
}

std::string rotation_record_key(std::uint64_t generation) {
    return std::string(1, kSystemKeyByte) + ByteWriter().raw(kRecordKeyWord).u64(generation).take();
}

Status KeyHistory::add(const KeyRotation& rotation, std::uint64_t sequence) {
    const auto refused = [&](std::string wrong) {
        return Error(ErrorCode::kFailedPrecondition,
                     fmt::format("following the key rotation in record {}", sequence),
                     std::move(wrong), "give the rotations in the order of the log, all of them");
    };
    if (rotation.generation != generation() + 1) {
        return refused(fmt::format("it makes key {}, but key {} is due", rotation.generation,
                                   generation() + 1));
    }
    if (rotation.old_key != keys_.back().key) {
        return refused(fmt::format("it replaces key {}, not key {}",
                                   key_identifier(rotation.old_key),
                                   key_identifier(keys_.back().key)));
    }
    if (sequence < keys_.back().smallest_tree_size) {
        return refused("its record comes before that of the rotation before it");
    }
    HONE_TRY(verify_rotation(origin_, rotation));
    keys_.push_back({rotation.new_key, sequence + 1});
    return {};
}

const PublicKey& KeyHistory::key_for(std::uint64_t tree_size) const {
    for (const Since& since : keys_ | std::views::reverse) {
        if (tree_size >= since.smallest_tree_size) return since.key;
    }
    return keys_.front().key;
}

}  // namespace hone::blockdb
