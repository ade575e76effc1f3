#include "prove/html.hpp"

#include <fmt/format.h>

#include <cmath>

namespace hone::embedded {
extern const std::string_view kReportStyle;
}

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

std::string page(std::string_view title, std::string_view content) {
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">\n"
        "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n"
        "</html>\n",
        escaped(title), embedded::kReportStyle, content);
}

std::string section(std::string_view title, std::string_view content, std::string_view style) {
    return fmt::format("<section{}>\n<h2>{}</h2>\n{}</section>\n",
                       style.empty() ? "" : fmt::format(" class=\"{}\"", style), escaped(title),
                       content);
}

std::string list_of(const std::vector<std::string>& items) {
    std::string list = "<ul>\n";
    for (const std::string& item : items) list += "<li>" + escaped(item) + "</li>\n";
    return list + "</ul>\n";
}

}  // namespace hone::prove
