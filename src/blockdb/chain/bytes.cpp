#include "blockdb/chain/bytes.hpp"

#include <fmt/format.h>

#include <limits>

namespace hone::blockdb {

ByteWriter& ByteWriter::u8(std::uint8_t value) {
    return big_endian<1>(value);
}

ByteWriter& ByteWriter::u16(std::uint16_t value) {
    return big_endian<2>(value);
}

ByteWriter& ByteWriter::u64(std::uint64_t value) {
    return big_endian<8>(value);
}

template <std::size_t kSize>
ByteWriter& ByteWriter::big_endian(std::uint64_t value) {
    std::array<char, kSize> digits;
    for (std::size_t i = kSize; i-- > 0; value >>= 8) digits[i] = static_cast<char>(value & 0xff);
    bytes_.append(digits.data(), digits.size());
    return *this;
}

ByteWriter& ByteWriter::raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
}

ByteWriter& ByteWriter::short_hashes(const std::vector<Hash>& hashes) {
    HONE_ASSERT(hashes.size() <= std::numeric_limits<std::uint8_t>::max());
    u8(static_cast<std::uint8_t>(hashes.size()));
    for (const Hash& one : hashes) hash(one);
    return *this;
}

Status ByteReader::mark(std::string_view expected) {
    HONE_TRY_ASSIGN(const std::string_view found, raw(kMarkSize, "mark"));
    if (found == expected) return {};
    position_ -= kMarkSize;
    return wrong(fmt::format("begins with {}, not with {}", to_hex(found), to_hex(expected)))
        .with_advice("check that it is of this kind, and that this build knows its version");
}

Result<std::uint8_t> ByteReader::u8(std::string_view field) {
    HONE_TRY_ASSIGN(const std::uint64_t value, big_endian(1, field));
    return static_cast<std::uint8_t>(value);
}

Result<std::uint16_t> ByteReader::u16(std::string_view field) {
    HONE_TRY_ASSIGN(const std::uint64_t value, big_endian(2, field));
    return static_cast<std::uint16_t>(value);
}

Result<std::uint64_t> ByteReader::u64(std::string_view field) {
    return big_endian(8, field);
}

Result<std::uint64_t> ByteReader::big_endian(std::size_t size, std::string_view field) {
    HONE_TRY_ASSIGN(const std::string_view digits, raw(size, field));
    std::uint64_t value = 0;
    for (const char c : digits) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
}

Result<std::string_view> ByteReader::raw(std::size_t size, std::string_view field) {
    const std::size_t left = bytes_.size() - position_;
    if (size > left) {
        return wrong(fmt::format("the {} needs {} bytes, {} are left", field, size, left));
    }
    const std::string_view piece = bytes_.substr(position_, size);
    position_ += size;
    return piece;
}

Result<Hash> ByteReader::hash(std::string_view field) {
    HONE_TRY_ASSIGN(const std::string_view bytes, raw(kHashSize, field));
    return Hash::from(bytes);
}

Result<std::vector<Hash>> ByteReader::short_hashes(std::size_t most, std::string_view field) {
    HONE_TRY_ASSIGN(const std::size_t count, u8(field));
    if (count > most)
        return wrong(fmt::format("{} hashes of the {}, at most {}", count, field, most));
    HONE_TRY_ASSIGN(std::string_view bytes, raw(count * kHashSize, field));
    std::vector<Hash> hashes;
    hashes.reserve(count);
    for (; !bytes.empty(); bytes.remove_prefix(kHashSize)) {
        hashes.push_back(Hash::from(bytes.substr(0, kHashSize)));
    }
    return hashes;
}

Status ByteReader::finish() const {
    if (position_ == bytes_.size()) return {};
    return wrong(fmt::format("{} bytes are left over", bytes_.size() - position_));
}

Error ByteReader::wrong(std::string problem) const {
    return Error(ErrorCode::kDataLoss, fmt::format("decoding {}", what_),
                 fmt::format("at byte {} of {}: {}", position_, bytes_.size(), problem));
}

}  // namespace hone::blockdb
