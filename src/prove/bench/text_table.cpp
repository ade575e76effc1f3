#include "prove/bench/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"

namespace hone::prove {

namespace {

// Characters and not bytes: continuation bytes of UTF-8 take no column.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, char alignment) {
    const std::string space(width - width_of(text), ' ');
    return alignment == '>' ? space + text : text + space;
}

}  // namespace

std::string TextTable::text() const {
    std::vector<std::size_t> widths(alignment_.size(), 0);
    for (const auto& row : rows_) {
        HONE_ASSERT(row.size() == alignment_.size());
        for (std::size_t at = 0; at < row.size(); ++at)
            widths[at] = std::max(widths[at], width_of(row[at]));
    }
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t at = 0; at < row.size(); ++at)
            line += "  " + padded(row[at], widths[at], alignment_[at]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace hone::prove
