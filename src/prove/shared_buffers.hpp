// prove/shared_buffers.hpp - what several servers that live at once take of one machine's memory.
//
// Shape    pure; one factor for all of them keeps their proportion.
#pragma once

#include <vector>

#include "base/units.hpp"
#include "engines/postgres/config_file.hpp"

namespace hone::prove {

// Of the memory limit, for the shared_buffers of all servers together.
inline constexpr double kBuffersShare = 0.6;
// What initdb writes; a server without any line for it may take less.
inline constexpr Bytes kUsualBuffers = Bytes::mega(128);

// The last line for it wins; none: kUsualBuffers. What is no size takes nothing: the server will
// refuse it.
Bytes shared_buffers_of(const std::vector<postgres::ConfigEntry>& settings);
bool has_shared_buffers(const std::vector<postgres::ConfigEntry>& settings);

// 1 where `wanted` fits.
double shared_buffers_factor(Bytes wanted, Bytes memory_limit);
// Adds a line for the scaled size, and returns that.
Bytes scale_shared_buffers(std::vector<postgres::ConfigEntry>& settings, double factor);

}  // namespace hone::prove
