#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "prove/pack/column_type.hpp"

namespace hone::prove {

namespace {

constexpr std::int32_t kNullLength = -1;
// PostgreSQL counts time from 2000-01-01.
constexpr std::int64_t kPostgresEpochMilliseconds = 946684800000;
constexpr std::int64_t kNumericBase = 10000;
constexpr std::int16_t kNumericNegative = 0x4000;
constexpr char kJsonbVersion = 1;

template <typename Integer>
void append_network_order(std::string& out, Integer value) {
    auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
    if constexpr (std::endian::native == std::endian::little) {
        if constexpr (sizeof(Integer) == 2) bits = __builtin_bswap16(bits);
        if constexpr (sizeof(Integer) == 4) bits = __builtin_bswap32(bits);
        if constexpr (sizeof(Integer) == 8) bits = __builtin_bswap64(bits);
    }
    std::array<char, sizeof(Integer)> bytes{};
    std::memcpy(bytes.data(), &bits, sizeof bits);
    out.append(bytes.data(), bytes.size());
}

void write_length(std::string& out, std::size_t at) {
    std::string length;
    append_network_order(length, static_cast<std::int32_t>(out.size() - at - 4));
    out.replace(at, 4, length);
}

}  // namespace

void Encoder::append_word(std::int32_t value) {
    append_network_order(bytes, value);
}

void Encoder::append_half(std::int16_t value) {
    append_network_order(bytes, value);
}

template <typename Integer>
void Encoder::append_integer(std::int64_t value) {
    if (value < std::numeric_limits<Integer>::min() || value > std::numeric_limits<Integer>::max())
        overflowed = true;
    append_word(sizeof(Integer));
    append_network_order(bytes, static_cast<Integer>(value));
}

void Encoder::append(const Expression& expression, const ColumnType& type, const Frame& frame) {
    Frame inner = frame;
    const Expression& found = resolved(expression, inner);
    const std::size_t at = bytes.size();
    switch (found.shape) {
        case Shape::kNull:
            append_word(kNullLength);
            return;
        case Shape::kNumber:
            append_number(number_of(found, inner), type);
            return;
        case Shape::kBytes:
            append_word(0);
            if (type.kind == ColumnType::Kind::kJsonb) bytes.push_back(kJsonbVersion);
            append_bytes_of(found, inner, bytes);
            break;
        case Shape::kArray:
            append_word(0);
            append_array(found, type, inner);
            break;
        case Shape::kRow:
            append_word(0);
            append_row(found, type, inner);
            break;
    }
    write_length(bytes, at);
}

void Encoder::append_number(std::int64_t value, const ColumnType& type) {
    using Kind = ColumnType::Kind;
    switch (type.kind) {
        case Kind::kInt2:
            append_integer<std::int16_t>(value);
            return;
        case Kind::kInt4:
            append_integer<std::int32_t>(value);
            return;
        case Kind::kNumeric:
            append_numeric(value);
            return;
        case Kind::kBool:
            append_word(1);
            bytes.push_back(value != 0 ? '\1' : '\0');
            return;
        case Kind::kFloat8:
            append_integer<std::int64_t>(std::bit_cast<std::int64_t>(static_cast<double>(value)));
            return;
        case Kind::kTimestamp:
            append_integer<std::int64_t>((value - kPostgresEpochMilliseconds) * 1000);
            return;
        default:
            append_integer<std::int64_t>(value);
            return;
    }
}

// Digits of base 10000, the most significant first; trailing zero digits are left out.
void Encoder::append_numeric(std::int64_t value) {
    std::array<std::int16_t, 5> digits{};
    std::int16_t count = 0;
    std::int16_t skipped = 0;
    const bool negative = value < 0;
    std::uint64_t left =
        negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    for (; left != 0; left /= kNumericBase) {
        const auto digit = static_cast<std::int16_t>(left % kNumericBase);
        if (count == 0 && digit == 0)
            ++skipped;
        else
            digits[static_cast<std::size_t>(count++)] = digit;
    }
    append_word(8 + 2 * count);
    append_half(count);
    append_half(static_cast<std::int16_t>(count == 0 ? 0 : count + skipped - 1));
    append_half(negative ? kNumericNegative : std::int16_t{0});
    append_half(0);  // digits after the point
    for (std::int16_t i = count; i > 0; --i) append_half(digits[static_cast<std::size_t>(i - 1)]);
}

void Encoder::append_array(const Expression& array, const ColumnType& type, Frame frame) {
    const std::int64_t count = number_of(array.arguments[0], frame);
    append_word(count > 0 ? 1 : 0);  // dimensions
    const std::size_t null_flag = bytes.size();
    append_word(0);
    append_word(static_cast<std::int32_t>(type.parts[0]->oid));
    if (count <= 0) return;
    append_word(static_cast<std::int32_t>(count));
    append_word(1);  // the first index
    for (std::int64_t i = 0; i < count; ++i) {
        frame[static_cast<std::size_t>(array.number)] = i;
        const std::size_t at = bytes.size();
        append(array.arguments[1], *type.parts[0], frame);
        if (bytes[at] == '\xff') bytes[null_flag + 3] = '\1';  // a length of -1: NULL
    }
}

void Encoder::append_row(const Expression& row, const ColumnType& type, const Frame& frame) {
    append_word(static_cast<std::int32_t>(type.parts.size()));
    for (std::size_t i = 0; i < type.parts.size(); ++i) {
        append_word(static_cast<std::int32_t>(type.parts[i]->oid));
        append(row.arguments[i], *type.parts[i], frame);
    }
}

}  // namespace hone::prove
