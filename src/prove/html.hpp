// prove/html.hpp - pages that stand by themselves, with text made safe whoever wrote it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hone::prove {

// For element content and quoted attributes: & < > " ' become entities, control characters '?'.
std::string escaped(std::string_view text);

// "12 345", "1 234", "98.7", "0.45": three significant digits or whole numbers in groups.
std::string rate_for_people(double rate);

// A whole page around `content`, with the style sheet in it; it loads nothing from anywhere.
std::string page(std::string_view title, std::string_view content);
// `title` is escaped, `content` is HTML. `style`: "long" may be broken across printed pages.
std::string section(std::string_view title, std::string_view content, std::string_view style = {});
// Each item is escaped.
std::string list_of(const std::vector<std::string>& items);

}  // namespace hone::prove
