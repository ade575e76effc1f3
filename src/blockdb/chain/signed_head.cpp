#include "blockdb/chain/signed_head.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "blockdb/chain/bytes.hpp"

namespace hone::blockdb {

namespace {

// offset  size  field
//      0     4  mark "BDH" 1
//      4     1  length of the origin, n
//      5     n  origin
//    5+n   132  block
//  137+n    32  public key of the signer
//  169+n    64  signature
// Signed, for the purpose of a head: length of the origin (1), origin, hash of the block (32).
constexpr std::string_view kMark{"BDH\x01", kMarkSize};

std::string signed_content(std::string_view origin, const Block& block) {
    return ByteWriter()
        .u8(static_cast<std::uint8_t>(origin.size()))
        .raw(origin)
        .hash(block_hash(block))
        .take();
}

}  // namespace

Status check_origin(std::string_view origin) {
    const bool printable_only =
        std::ranges::all_of(origin, [](char c) { return c > ' ' && c <= '~'; });
    if (!origin.empty() && origin.size() <= kLongestOrigin && printable_only) return {};
    return Error(
        ErrorCode::kInvalidArgument, "checking the ledger's origin",
        fmt::format("'{}' is not a name", printable(origin)),
        fmt::format("use 1 to {} printable ASCII characters without a space", kLongestOrigin));
}

SignedHead sign_head(std::string origin, const Block& block, const SigningKey& key) {
    HONE_ASSERT(check_origin(origin).ok());
    const Signature signature = key.sign(SigningPurpose::kHead, signed_content(origin, block));
    return {std::move(origin), block, key.public_key(), signature};
}

Status verify_head(const SignedHead& head, std::string_view origin, const PublicKey& trusted) {
    const std::string tried = fmt::format("checking the head at height {}", head.block.height);
    if (head.origin != origin) {
        return Error(
            ErrorCode::kFailedPrecondition, tried,
            fmt::format("it is of '{}', not of '{}'", printable(head.origin), printable(origin)),
            "check which ledger was asked");
    }
    if (head.signer != trusted) {
        return Error(ErrorCode::kFailedPrecondition, tried,
                     fmt::format("key {} signed it, key {} is trusted", key_identifier(head.signer),
                                 key_identifier(trusted)),
                     "follow the ledger's key rotations, or ask its operator");
    }
    HONE_TRY(check_origin(head.origin).with_context(tried));
    HONE_TRY(check_block(head.block).with_context(tried));
    return verify_signature(trusted, SigningPurpose::kHead, signed_content(head.origin, head.block),
                            head.signature)
        .with_context(tried);
}

std::string encode_signed_head(const SignedHead& head) {
    HONE_ASSERT(check_origin(head.origin).ok());
    return ByteWriter()
        .raw(kMark)
        .u8(static_cast<std::uint8_t>(head.origin.size()))
        .raw(head.origin)
        .raw(encode_block(head.block))
        .raw(head.signer.view())
        .raw(head.signature.view())
        .take();
}

Result<SignedHead> decode_signed_head(std::string_view bytes) {
    ByteReader reader(bytes, "a signed head");
    HONE_TRY(reader.mark(kMark));
    SignedHead head;
    HONE_TRY_ASSIGN(const std::size_t origin_size, reader.u8("length of the origin"));
    HONE_TRY_ASSIGN(head.origin, reader.raw(origin_size, "origin"));
    if (!check_origin(head.origin).ok()) return reader.wrong("the origin is not a name");
    HONE_TRY_ASSIGN(const std::string_view block, reader.raw(kEncodedBlockSize, "block"));
    HONE_TRY_ASSIGN(head.block, decode_block(block).with_context("decoding a signed head"));
    HONE_TRY_ASSIGN(const std::string_view signer, reader.raw(kPublicKeySize, "public key"));
    head.signer = PublicKey::from(signer);
    HONE_TRY_ASSIGN(const std::string_view signature, reader.raw(kSignatureSize, "signature"));
    head.signature = Signature::from(signature);
    HONE_TRY(reader.finish());
    return head;
}

}  // namespace hone::blockdb
