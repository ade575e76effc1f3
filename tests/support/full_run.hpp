// tests/support/full_run.hpp - what is too long, or depends on how fast the machine is, for every run.
#pragma once

#include <cstdlib>
#include <string_view>

namespace hone::test {

// HONE_FULL=1, as scripts/test --full sets it.
inline bool full_run() {
    const char* full = std::getenv("HONE_FULL");
    return full != nullptr && std::string_view(full) == "1";
}

}  // namespace hone::test
