// blockdb/chain/signing.hpp - Ed25519: who vouches for a head, and for the next key.
//
// Shape    a signature is over the purpose, a zero byte and the message, so that one for a head is
//          worth nothing for a rotation.
// Errors   invalid_argument: a key's text is not one; the message never repeats a secret.
//          data_loss: the signature is not this key's over this message.
// Threads  keys are values; signing and verifying work on any thread.
// Cost     about 40 us to sign, 90 us to verify: for heads, never for records.
// Source   RFC 8032, through OpenSSL 3.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct evp_pkey_st;

namespace hone::blockdb {

inline constexpr std::size_t kSeedSize = 32;
inline constexpr std::size_t kPublicKeySize = 32;
inline constexpr std::size_t kSignatureSize = 64;

struct PublicKey {
    std::array<std::uint8_t, kPublicKeySize> bytes{};
    bool operator==(const PublicKey&) const = default;
    std::string_view view() const;
    // Requires bytes.size() == kPublicKeySize.
    static PublicKey from(std::string_view bytes);
};

struct Signature {
    std::array<std::uint8_t, kSignatureSize> bytes{};
    bool operator==(const Signature&) const = default;
    std::string_view view() const;
    // Requires bytes.size() == kSignatureSize.
    static Signature from(std::string_view bytes);
};

enum class SigningPurpose { kHead, kKeyRotation };

// Sixteen hexadecimal digits that tell keys apart in messages and file names.
std::string key_identifier(const PublicKey& key);

class SigningKey {
  public:
    // The seed must come from a cryptographic random source; wipe it afterwards.
    static SigningKey from_seed(std::span<const std::uint8_t, kSeedSize> seed);
    // The one line of a key file, without its newline: "blockdb-secret-key-v1 <id> <seed>".
    static Result<SigningKey> parse(std::string_view text);
    // A secret: for a file of mode 0600 and nothing else; wipe it afterwards.
    std::string secret_text() const;

    const PublicKey& public_key() const { return public_key_; }
    Signature sign(SigningPurpose purpose, std::string_view message) const;

  private:
    struct Free {
        void operator()(evp_pkey_st* key) const;
    };
    explicit SigningKey(std::unique_ptr<evp_pkey_st, Free> key);
    std::unique_ptr<evp_pkey_st, Free> key_;
    PublicKey public_key_;
};

Status verify_signature(const PublicKey& key, SigningPurpose purpose, std::string_view message,
                        const Signature& signature);

// "blockdb-public-key-v1 <id> <key>": the identifier catches slips of the pen.
std::string public_key_text(const PublicKey& key);
Result<PublicKey> parse_public_key(std::string_view text);

}  // namespace hone::blockdb
