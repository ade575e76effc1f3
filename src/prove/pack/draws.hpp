// prove/pack/draws.hpp - pseudo-random values that are functions of a key and a number, so that the
// value of row 4711 is known without making the rows before it.
//
// Shape    a key stands for a seed and a domain ("transaction", "block"): equal numbers in different
//          domains are unrelated. The words are splitmix64's finaliser over key and number.
// Cost     a few nanoseconds a word; no allocation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hone::prove {

std::uint64_t draw_key(std::uint64_t seed, std::string_view domain);

// The stream of words that belongs to one number.
class Draws {
  public:
    Draws(std::uint64_t key, std::int64_t number);
    std::uint64_t next();
    // Appends so many bytes.
    void append_bytes(std::int64_t count, std::string& out);
    // Appends so many letters of the alphabet, which must not be empty.
    void append_letters(std::string_view alphabet, std::int64_t count, std::string& out);

  private:
    std::uint64_t state_;
};

}  // namespace hone::prove
