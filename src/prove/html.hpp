// prove/html.hpp - text made safe for a page, whoever wrote it.
#pragma once

#include <string>
#include <string_view>

namespace hone::prove {

// For element content and quoted attributes: & < > " ' become entities, control characters '?'.
std::string escaped(std::string_view text);

// "12 345", "1 234", "98.7", "0.45": three significant digits or whole numbers in groups.
std::string rate_for_people(double rate);

}  // namespace hone::prove
