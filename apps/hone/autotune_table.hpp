// apps/hone/autotune_table.hpp - a search for better settings, told on a terminal.
#pragma once

#include <string>

#include "prove/autotune/autotune.hpp"

namespace hone::app {

std::string autotune_as_table(const prove::AutotuneReport& report, bool color);

}  // namespace hone::app
