#include "prove/html.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hone::prove {

std::string escaped(std::string_view text) {
    std::string safe;
    safe.reserve(text.size());
    for (const char c : text) {
        if (c == '&') {
            safe += "&amp;";
        } else if (c == '<') {
            safe += "&lt;";
        } else if (c == '>') {
            safe += "&gt;";
        } else if (c == '"') {
            safe += "&quot;";
        } else if (c == '\'') {
            safe += "&#39;";
        } else {
            const auto byte = static_cast<unsigned char>(c);
            const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
            safe += control ? '?' : c;
        }
    }
    return safe;
}

std::string rate_for_people(double rate) {
    if (rate < 1) return fmt::format("{:.2f}", rate);
    if (rate < 99.95) return fmt::format("{:.1f}", rate);
    std::string digits = fmt::format("{:.0f}", rate);
    for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), " ");
    return digits;
}

}  // namespace hone::prove
