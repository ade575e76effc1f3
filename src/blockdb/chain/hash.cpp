#include "blockdb/chain/hash.hpp"

#include <openssl/evp.h>

#include <cstring>
#include <memory>

#include "base/assert.hpp"

namespace hone::blockdb {

namespace {

// EVP's cost per call exceeds that of copying, so short content goes in as one piece.
constexpr std::size_t kGatheredSize = 512;

class Sha256 {
  public:
    Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        HONE_ASSERT(context_ != nullptr);
        HONE_ASSERT(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
    }

    void update(const void* bytes, std::size_t size) {
        HONE_ASSERT(EVP_DigestUpdate(context_.get(), bytes, size) == 1);
    }

    Hash finish() {
        Hash hash;
        unsigned int size = 0;
        HONE_ASSERT(EVP_DigestFinal_ex(context_.get(), hash.bytes.data(), &size) == 1);
        HONE_ASSERT(size == kHashSize);
        // No type: the context keeps its algorithm, which saves a look-up for each hash.
        HONE_ASSERT(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1);
        return hash;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

Sha256& thread_sha256() {
    thread_local Sha256 hasher;
    return hasher;
}

std::optional<std::uint8_t> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    return std::nullopt;
}

}  // namespace

Hash Hash::from(std::string_view bytes) {
    HONE_ASSERT(bytes.size() == kHashSize);
    Hash hash;
    std::memcpy(hash.bytes.data(), bytes.data(), kHashSize);
    return hash;
}

Hash tagged_hash(HashTag tag, std::initializer_list<std::string_view> parts) {
    Sha256& hasher = thread_sha256();
    std::array<char, kGatheredSize> gathered;
    gathered[0] = static_cast<char>(tag);
    std::size_t used = 1;
    for (const std::string_view part : parts) {
        if (part.empty()) continue;
        if (part.size() > gathered.size() - used) {
            hasher.update(gathered.data(), used);
            used = 0;
        }
        if (part.size() > gathered.size()) {
            hasher.update(part.data(), part.size());
            continue;
        }
        std::memcpy(gathered.data() + used, part.data(), part.size());
        used += part.size();
    }
    hasher.update(gathered.data(), used);
    return hasher.finish();
}

Hash sha256(std::string_view bytes) {
    Sha256& hasher = thread_sha256();
    hasher.update(bytes.data(), bytes.size());
    return hasher.finish();
}

std::string to_hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto high = hex_digit(text[i]);
        const auto low = hex_digit(text[i + 1]);
        if (!high || !low) return std::nullopt;
        bytes += static_cast<char>(*high << 4 | *low);
    }
    return bytes;
}

std::optional<Hash> hash_from_hex(std::string_view text) {
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != kHashSize) return std::nullopt;
    return Hash::from(*bytes);
}

}  // namespace hone::blockdb
