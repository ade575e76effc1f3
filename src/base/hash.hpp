// base/hash.hpp - SHA-256, for telling whether bytes are the same ones.
#pragma once

#include <string>
#include <string_view>

namespace hone {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace hone
