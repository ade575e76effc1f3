#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace hone {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::fprintf(stderr, "hone: broken invariant: %s (%s:%d)\n", condition, file, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace hone
