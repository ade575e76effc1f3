// blockdb/chain/signed_head.hpp - a block that somebody vouches for: what a client keeps, and all
// it needs to check proofs against.
//
// Shape    the origin names the ledger ("ledger.example.org/orders"), because every ledger begins
//          with the same genesis block. Two signed heads of one origin that no consistency proof
//          can join are evidence that its signer showed two histories.
// Errors   data_loss: malformed, or the signature does not fit; failed_precondition: of another
//          ledger or by another key than expected; invalid_argument: not an origin.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "blockdb/chain/block.hpp"
#include "blockdb/chain/signing.hpp"

namespace hone::blockdb {

inline constexpr std::size_t kLongestOrigin = 255;

struct SignedHead {
    std::string origin;
    Block block;
    PublicKey signer;
    Signature signature;
    bool operator==(const SignedHead&) const = default;
};

// 1 to kLongestOrigin printable ASCII characters, no space.
Status check_origin(std::string_view origin);

// Requires an origin that check_origin() accepts.
SignedHead sign_head(std::string origin, const Block& block, const SigningKey& key);
// That `trusted` signed this block as the head of `origin`.
Status verify_head(const SignedHead& head, std::string_view origin, const PublicKey& trusted);

std::string encode_signed_head(const SignedHead& head);
Result<SignedHead> decode_signed_head(std::string_view bytes);

// One line without its newline, for a file, a webhook or a newspaper: fields in a fixed order, one
// space between; equal heads give equal lines.
std::string format_anchor(const SignedHead& head);
// Refuses every line that format_anchor() never writes. The signature is not checked.
Result<SignedHead> parse_anchor(std::string_view line);
// That the ledger's block of the anchor's height is the anchored one. Verify the anchor first.
Status check_anchor(const SignedHead& anchor, const Block& block);

}  // namespace hone::blockdb
