#include "base/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace hone {

namespace {

constexpr double kLargestSize =
    4611686018427387904.0;  // 2^62: room to add two sizes without overflow

Result<double> unit_factor(std::string_view unit) {
    std::string lower(unit);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower.empty() || lower == "b") return 1.0;
    if (lower == "k" || lower == "kb" || lower == "kib") return 1024.0;
    if (lower == "m" || lower == "mb" || lower == "mib") return 1024.0 * 1024;
    if (lower == "g" || lower == "gb" || lower == "gib") return 1024.0 * 1024 * 1024;
    if (lower == "t" || lower == "tb" || lower == "tib") return 1024.0 * 1024 * 1024 * 1024;
    return Error{ErrorCode::kInvalidArgument, fmt::format("reading the size unit '{}'", unit),
                 "unknown unit", "use B, kB, MB, GB or TB"};
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
    const std::string tried = fmt::format("reading the size '{}'", text.substr(0, 64));
    double number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(number))
        return Error{ErrorCode::kInvalidArgument, tried, "not a number", "write it like 16GB"};
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
    HONE_TRY_ASSIGN(const double factor, unit_factor(unit));
    const double size = number * factor;
    if (size < 0 || size >= kLargestSize)
        return Error{ErrorCode::kInvalidArgument, tried, "out of range",
                     "write a size between 0 and 4096 PB"};
    return Bytes{static_cast<std::int64_t>(size)};
}

std::string format_for_people(Bytes size) {
    static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double number = static_cast<double>(size.count());
    std::size_t unit = 0;
    while (std::abs(number) >= 1023.5 && unit + 1 < std::size(kUnits)) {
        number /= 1024;
        ++unit;
    }
    const double magnitude = std::abs(number);
    const bool whole = std::abs(number - std::round(number)) < 0.005 || magnitude >= 99.95;
    if (whole) return fmt::format("{:.0f} {}", number, kUnits[unit]);
    return fmt::format("{:.{}f} {}", number, magnitude >= 9.995 ? 1 : 2, kUnits[unit]);
}

std::string format_for_postgres(Bytes size) {
    static constexpr struct {
        std::int64_t factor;
        const char* name;
    } kUnits[] = {{std::int64_t{1} << 40, "TB"}, {1 << 30, "GB"}, {1 << 20, "MB"}, {1 << 10, "kB"}};
    for (const auto& unit : kUnits)
        if (size.count() != 0 && size.count() % unit.factor == 0)
            return fmt::format("{}{}", size.count() / unit.factor, unit.name);
    return fmt::format("{}B", size.count());
}

}  // namespace hone
