// base/assert.hpp - stops the process when an invariant is broken, in release builds too.
//
// Errors   none is returned: a broken invariant is a mistake in hone, not in its input.
#pragma once

namespace hone {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace hone

#define HONE_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::hone::assertion_failed(#condition, __FILE__, __LINE__))
