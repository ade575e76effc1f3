// blockdb/chain/bytes.hpp - writing and strictly reading the ledger's binary encodings.
//
// Shape    integers are big-endian and of fixed width; what varies in length is preceded by its
//          length. Every encoding begins with a mark: "BD", a letter for what it is, its version.
// Errors   data_loss: cut off, another mark, bytes left over; the message says at which byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "blockdb/chain/hash.hpp"

namespace hone::blockdb {

inline constexpr std::size_t kMarkSize = 4;

class ByteWriter {
  public:
    ByteWriter() = default;
    // Saves growing it piece by piece.
    explicit ByteWriter(std::size_t expected_size) { bytes_.reserve(expected_size); }

    ByteWriter& u8(std::uint8_t value);
    ByteWriter& u16(std::uint16_t value);
    ByteWriter& u64(std::uint64_t value);
    ByteWriter& raw(std::string_view bytes);
    ByteWriter& hash(const Hash& hash) { return raw(hash.view()); }
    // Their number as one byte, then the hashes. Requires at most 255.
    ByteWriter& short_hashes(const std::vector<Hash>& hashes);
    // Leaves the writer empty.
    std::string take() { return std::move(bytes_); }

  private:
    template <std::size_t kSize>
    ByteWriter& big_endian(std::uint64_t value);
    std::string bytes_;
};

class ByteReader {
  public:
    // `what` is named in errors ("a block"); both must outlive the reader.
    ByteReader(std::string_view bytes, std::string_view what) : bytes_(bytes), what_(what) {}

    Status mark(std::string_view expected);
    Result<std::uint8_t> u8(std::string_view field);
    Result<std::uint16_t> u16(std::string_view field);
    Result<std::uint64_t> u64(std::string_view field);
    Result<std::string_view> raw(std::size_t size, std::string_view field);
    Result<Hash> hash(std::string_view field);
    Result<std::vector<Hash>> short_hashes(std::size_t most, std::string_view field);
    // Nothing may be left over.
    Status finish() const;
    // For a field that was read and cannot be.
    Error wrong(std::string problem) const;

  private:
    Result<std::uint64_t> big_endian(std::size_t size, std::string_view field);
    std::string_view bytes_;
    std::string_view what_;
    std::size_t position_ = 0;
};

}  // namespace hone::blockdb
