#include "prove/pack/draws.hpp"

#include "base/assert.hpp"

namespace hone::prove {

namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

std::uint64_t finalised(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

}  // namespace

std::uint64_t draw_key(std::uint64_t seed, std::string_view domain) {
    std::uint64_t key = finalised(seed + kGolden);
    for (const char c : domain) key = finalised(key ^ static_cast<unsigned char>(c)) + kGolden;
    return key;
}

Draws::Draws(std::uint64_t key, std::int64_t number)
    : state_(key ^ finalised(static_cast<std::uint64_t>(number) + kGolden)) {}

std::uint64_t Draws::next() {
    return finalised(state_ += kGolden);
}

void Draws::append_bytes(std::int64_t count, std::string& out) {
    for (std::int64_t left = count; left > 0; left -= 8) {
        std::uint64_t word = next();
        for (std::int64_t i = 0; i < left && i < 8; ++i, word >>= 8)
            out.push_back(static_cast<char>(word & 0xff));
    }
}

void Draws::append_letters(std::string_view alphabet, std::int64_t count, std::string& out) {
    HONE_ASSERT(!alphabet.empty());
    for (std::int64_t left = count; left > 0; left -= 4) {
        std::uint64_t word = next();
        for (std::int64_t i = 0; i < left && i < 4; ++i, word >>= 16)
            out.push_back(alphabet[(word & 0xffff) % alphabet.size()]);
    }
}

}  // namespace hone::prove
