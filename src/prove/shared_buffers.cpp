#include "prove/shared_buffers.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hone::prove {

namespace {

constexpr std::string_view kBuffers = "shared_buffers";
constexpr Bytes kSmallestBuffers = Bytes::kilo(128);
constexpr Bytes kBlock = Bytes::kilo(8);

const postgres::ConfigEntry* buffers_line(const std::vector<postgres::ConfigEntry>& settings) {
    const auto last = std::find_if(settings.rbegin(), settings.rend(),
                                   [](const auto& setting) { return setting.name == kBuffers; });
    return last == settings.rend() ? nullptr : &*last;
}

}  // namespace

bool has_shared_buffers(const std::vector<postgres::ConfigEntry>& settings) {
    return buffers_line(settings) != nullptr;
}

// A bare number counts blocks, as in postgresql.conf.
Bytes shared_buffers_of(const std::vector<postgres::ConfigEntry>& settings) {
    const auto* line = buffers_line(settings);
    if (line == nullptr) return kUsualBuffers;
    if (const auto blocks = parse_integer(line->value)) return kBlock * *blocks;
    return parse_bytes(line->value).value_or(Bytes{});
}

double shared_buffers_factor(Bytes wanted, Bytes memory_limit) {
    const Bytes room = share_of(memory_limit, kBuffersShare);
    if (wanted <= room) return 1;
    return static_cast<double>(room.count()) / static_cast<double>(wanted.count());
}

Bytes scale_shared_buffers(std::vector<postgres::ConfigEntry>& settings, double factor) {
    const Bytes size = shared_buffers_of(settings);
    if (size == Bytes{}) return size;
    const Bytes scaled = std::max(kSmallestBuffers, round_down_to(share_of(size, factor), kBlock));
    settings.push_back({.name = std::string(kBuffers),
                        .value = format_for_postgres(scaled),
                        .file = {},
                        .line = 0});
    return scaled;
}

}  // namespace hone::prove
