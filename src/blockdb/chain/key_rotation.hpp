// blockdb/chain/key_rotation.hpp - the ledger changes its signing key, and says so in the ledger.
//
// Shape    a rotation is the value of the record rotation_record_key(generation). The old key signs
//          the new one, and the new one signs too, which proves that somebody holds it. From the
//          head on that contains the record (tree size > its sequence) the new key signs.
// Errors   data_loss: malformed, or a signature does not fit; failed_precondition: it does not
//          continue the keys known so far.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "blockdb/chain/signing.hpp"

namespace hone::blockdb {

struct KeyRotation {
    std::uint64_t generation = 0;  // of the new key; the ledger's first key is generation 0
    PublicKey old_key;
    PublicKey new_key;
    Signature by_old;
    Signature by_new;
    bool operator==(const KeyRotation&) const = default;
};

// Requires an origin that check_origin() accepts.
KeyRotation rotate_key(std::string_view origin, std::uint64_t generation, const SigningKey& old_key,
                       const SigningKey& new_key);
Status verify_rotation(std::string_view origin, const KeyRotation& rotation);

std::string encode_rotation(const KeyRotation& rotation);
Result<KeyRotation> decode_rotation(std::string_view bytes);
// In the ledger's own part of the keys; in the order of generations.
std::string rotation_record_key(std::uint64_t generation);

// Which key must have signed a head of which size.
class KeyHistory {
  public:
    KeyHistory(std::string origin, const PublicKey& first)
        : origin_(std::move(origin)), keys_{{first, 0}} {}

    // In the order of the log. Changes nothing where it fails.
    Status add(const KeyRotation& rotation, std::uint64_t sequence);
    const PublicKey& key_for(std::uint64_t tree_size) const;
    std::uint64_t generation() const { return keys_.size() - 1; }

  private:
    struct Since {
        PublicKey key;
        std::uint64_t smallest_tree_size;
    };
    std::string origin_;
    std::vector<Since> keys_;
};

}  // namespace hone::blockdb
