#include "blockdb/chain/signing.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/text.hpp"
#include "blockdb/chain/hash.hpp"

namespace hone::blockdb {

namespace {

constexpr std::string_view kSecretKeyWord = "blockdb-secret-key-v1";
constexpr std::string_view kPublicKeyWord = "blockdb-public-key-v1";
constexpr std::size_t kIdentifierBytes = 8;

using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* unsigned_bytes(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> array_from(std::string_view bytes) {
    HONE_ASSERT(bytes.size() == kSize);
    std::array<std::uint8_t, kSize> array{};
    std::ranges::copy(bytes, array.begin());
    return array;
}

template <std::size_t kSize>
std::string_view view_of(const std::array<std::uint8_t, kSize>& array) {
    return {reinterpret_cast<const char*>(array.data()), array.size()};
}

std::string signed_bytes(SigningPurpose purpose, std::string_view message) {
    std::string bytes =
        purpose == SigningPurpose::kHead ? "blockdb signed head v1" : "blockdb key rotation v1";
    bytes += '\0';
    bytes += message;
    return bytes;
}

// A secret that leaves no copy behind.
class Wiped {
  public:
    explicit Wiped(std::string secret) : secret_(std::move(secret)) {}
    ~Wiped() { OPENSSL_cleanse(secret_.data(), secret_.size()); }
    Wiped(const Wiped&) = delete;
    Wiped& operator=(const Wiped&) = delete;
    const std::string& get() const { return secret_; }

  private:
    std::string secret_;
};

struct KeyText {
    std::string_view identifier;
    std::string_view digits;
};

// "<word> <identifier> <digits>" and nothing around it.
Result<KeyText> split_key_text(std::string_view text, std::string_view word) {
    const std::vector<std::string_view> pieces = split(text, ' ');
    if (pieces.size() == 3 && pieces[0] == word) return KeyText{pieces[1], pieces[2]};
    return Error(ErrorCode::kInvalidArgument, "reading a key",
                 fmt::format("it is not '{} IDENTIFIER DIGITS' on one line", word),
                 "check that it is the right file, and that it is whole");
}

Error bad_digits() {
    return Error(ErrorCode::kInvalidArgument, "reading a key",
                 "it is not 64 lower-case hexadecimal digits", "check that the file is whole");
}

Status check_identifier(std::string_view written, const PublicKey& key) {
    const std::string identifier = key_identifier(key);
    if (written == identifier) return {};
    return Error(ErrorCode::kInvalidArgument, "reading a key",
                 fmt::format("it is key {}, but is labelled '{}'", identifier, printable(written)),
                 "the file was altered: restore it from a copy");
}

}  // namespace

std::string_view PublicKey::view() const {
    return view_of(bytes);
}
PublicKey PublicKey::from(std::string_view bytes) {
    return {array_from<kPublicKeySize>(bytes)};
}
std::string_view Signature::view() const {
    return view_of(bytes);
}
Signature Signature::from(std::string_view bytes) {
    return {array_from<kSignatureSize>(bytes)};
}

std::string key_identifier(const PublicKey& key) {
    const Hash hash = tagged_hash(HashTag::kPublicKey, {key.view()});
    return to_hex(hash.view().substr(0, kIdentifierBytes));
}

void SigningKey::Free::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}

SigningKey::SigningKey(std::unique_ptr<evp_pkey_st, Free> key) : key_(std::move(key)) {
    HONE_ASSERT(key_ != nullptr);
    std::size_t size = public_key_.bytes.size();
    HONE_ASSERT(EVP_PKEY_get_raw_public_key(key_.get(), public_key_.bytes.data(), &size) == 1);
    HONE_ASSERT(size == kPublicKeySize);
}

SigningKey SigningKey::from_seed(std::span<const std::uint8_t, kSeedSize> seed) {
    return SigningKey(std::unique_ptr<evp_pkey_st, Free>(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())));
}

Result<SigningKey> SigningKey::parse(std::string_view text) {
    HONE_TRY_ASSIGN(const KeyText pieces, split_key_text(text, kSecretKeyWord));
    auto digits = from_hex(pieces.digits);
    if (!digits || digits->size() != kSeedSize) return bad_digits();
    const Wiped seed(std::move(*digits));
    SigningKey key =
        from_seed(std::span<const std::uint8_t, kSeedSize>(unsigned_bytes(seed.get()), kSeedSize));
    HONE_TRY(check_identifier(pieces.identifier, key.public_key()));
    return key;
}

std::string SigningKey::secret_text() const {
    std::array<std::uint8_t, kSeedSize> seed{};
    std::size_t size = seed.size();
    HONE_ASSERT(EVP_PKEY_get_raw_private_key(key_.get(), seed.data(), &size) == 1);
    const Wiped digits(to_hex(view_of(seed)));
    OPENSSL_cleanse(seed.data(), seed.size());
    return fmt::format("{} {} {}", kSecretKeyWord, key_identifier(public_key_), digits.get());
}

Signature SigningKey::sign(SigningPurpose purpose, std::string_view message) const {
    const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    HONE_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
    const std::string bytes = signed_bytes(purpose, message);
    Signature signature;
    std::size_t size = signature.bytes.size();
    HONE_ASSERT(EVP_DigestSign(context.get(), signature.bytes.data(), &size, unsigned_bytes(bytes),
                               bytes.size()) == 1);
    HONE_ASSERT(size == kSignatureSize);
    return signature;
}

Status verify_signature(const PublicKey& key, SigningPurpose purpose, std::string_view message,
                        const Signature& signature) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> public_key(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()),
        &EVP_PKEY_free);
    const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    HONE_ASSERT(public_key != nullptr && context != nullptr);
    HONE_ASSERT(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) ==
                1);
    const std::string bytes = signed_bytes(purpose, message);
    if (EVP_DigestVerify(context.get(), signature.bytes.data(), signature.bytes.size(),
                         unsigned_bytes(bytes), bytes.size()) == 1) {
        return {};
    }
    return Error(ErrorCode::kDataLoss, "checking a signature",
                 fmt::format("it is not that of key {} over this content", key_identifier(key)),
                 "the content was altered, or another key signed it");
}

std::string public_key_text(const PublicKey& key) {
    return fmt::format("{} {} {}", kPublicKeyWord, key_identifier(key), to_hex(key.view()));
}

Result<PublicKey> parse_public_key(std::string_view text) {
    HONE_TRY_ASSIGN(const KeyText pieces, split_key_text(text, kPublicKeyWord));
    const auto bytes = from_hex(pieces.digits);
    if (!bytes || bytes->size() != kPublicKeySize) return bad_digits();
    const PublicKey key = PublicKey::from(*bytes);
    HONE_TRY(check_identifier(pieces.identifier, key));
    return key;
}

}  // namespace hone::blockdb
