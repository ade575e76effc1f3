// prove/replay/server_syntax.hpp - texts as libpq and the server quote them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hone::prove {

// 'it\'s', for key=value connection strings.
std::string quoted_conninfo_value(std::string_view text);
// {"a","b\"c",NULL}: an element that is no value is NULL.
std::string array_literal(const std::vector<std::optional<std::string>>& elements);

}  // namespace hone::prove
