#include "prove/replay/parameter_draw.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "prove/replay/server_syntax.hpp"

namespace hone::prove {

namespace {

std::string between(const std::string& low, const std::string& high, Random& random) {
    const auto from = parse_integer(low);
    const auto to = parse_integer(high);
    if (!from || !to || *to <= *from) return low;
    const std::uint64_t width = static_cast<std::uint64_t>(*to) - static_cast<std::uint64_t>(*from);
    const std::uint64_t value = static_cast<std::uint64_t>(*from) + random.below(width);
    return std::to_string(static_cast<std::int64_t>(value));
}

std::string draw_from_bounds(const std::vector<std::string>& bounds, Random& random) {
    if (bounds.size() == 1) return bounds.front();
    const std::uint64_t range = random.below(bounds.size() - 1);
    return between(bounds[range], bounds[range + 1], random);
}

RecordedValue draw_one(const ParameterSource& source, Random& random) {
    double point = random.unit();
    if (!source.is_array && point < source.null_fraction) return std::nullopt;
    point -= source.is_array ? 0 : source.null_fraction;
    for (std::size_t i = 0; i < source.frequencies.size(); ++i) {
        if (point < source.frequencies[i]) return source.values[i];
        point -= source.frequencies[i];
    }
    if (!source.bounds.empty()) return draw_from_bounds(source.bounds, random);
    if (source.values.empty()) return std::nullopt;
    return source.values[random.below(source.values.size())];
}

}  // namespace

RecordedValue draw_value(const ParameterSource& source, Random& random) {
    if (!source.is_array) return draw_one(source, random);
    std::vector<RecordedValue> elements;
    for (std::uint32_t i = 0; i < source.elements; ++i)
        elements.push_back(draw_one(source, random));
    return array_literal(elements);
}

}  // namespace hone::prove
