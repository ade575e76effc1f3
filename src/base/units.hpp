// base/units.hpp - sizes and shares as types, so that nobody adds megabytes to kilobytes.
//
// Units    Bytes: signed 64-bit count of bytes; kB, MB, GB, TB are powers of 1024, as in
//          PostgreSQL. Percent: 0..100.
// Errors   invalid_argument: not a number, an unknown unit, negative, or above 2^62 bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hone {

class Bytes {
  public:
    constexpr Bytes() = default;
    constexpr explicit Bytes(std::int64_t count) : count_(count) {}
    static constexpr Bytes kilo(std::int64_t count) { return Bytes{count * 1024}; }
    static constexpr Bytes mega(std::int64_t count) { return Bytes{count * 1024 * 1024}; }
    static constexpr Bytes giga(std::int64_t count) { return Bytes{count * 1024 * 1024 * 1024}; }

    constexpr std::int64_t count() const { return count_; }
    constexpr std::int64_t whole_kilo() const { return count_ / 1024; }
    constexpr std::int64_t whole_mega() const { return count_ / (1024 * 1024); }

    constexpr auto operator<=>(const Bytes&) const = default;
    constexpr Bytes operator+(Bytes other) const { return Bytes{count_ + other.count_}; }
    constexpr Bytes operator-(Bytes other) const { return Bytes{count_ - other.count_}; }
    constexpr Bytes& operator+=(Bytes other) { return count_ += other.count_, *this; }
    constexpr Bytes& operator-=(Bytes other) { return count_ -= other.count_, *this; }
    constexpr Bytes operator*(std::int64_t factor) const { return Bytes{count_ * factor}; }
    constexpr Bytes operator/(std::int64_t divisor) const { return Bytes{count_ / divisor}; }

  private:
    std::int64_t count_ = 0;
};

// A share of the whole, rounded down.
constexpr Bytes share_of(Bytes whole, double ratio) {
    return Bytes{static_cast<std::int64_t>(static_cast<double>(whole.count()) * ratio)};
}
// The largest multiple of `step` that is not above `size`.
constexpr Bytes round_down_to(Bytes size, Bytes step) {
    return Bytes{size.count() - size.count() % step.count()};
}

struct Percent {
    double value = 0;
    constexpr auto operator<=>(const Percent&) const = default;
};

// Reads "16GB", "512 MB", "1.5 TB", "8192kB", "100B", "1GiB"; a bare number is bytes. Case does not
// matter.
Result<Bytes> parse_bytes(std::string_view text);

// For people: at most three significant digits, "23.5 GB", "512 MB", "0 B".
std::string format_for_people(Bytes size);
// For postgresql.conf: the largest unit that divides it: "16GB", "1536MB", "100kB"; "17B" where
// none does.
std::string format_for_postgres(Bytes size);

}  // namespace hone
