// prove/replay/anonymise.hpp - a recording without its users' values.
//
// Shape    every parameter, and every text constant that stayed in a statement, is replaced by one
//          that is made from a keyed hash of it: equal values stay equal, digits stay digits,
//          letters letters, dates dates, so that most statements still run. The key is forgotten.
//          Names of tables and columns stay, and so do words that are part of the language
//          (interval '1 day', date_trunc('hour', ..), data ->> 'name').
// Limits   keys do not meet the rows of the original any more, so a replay finds other rows, or
//          none; what is JSON or an enum's value may be refused.
#pragma once

#include <string>
#include <string_view>

#include "prove/replay/recording.hpp"

namespace hone::prove {

// `key` should be long and random.
void anonymise(Recording& recording, std::string_view key);

std::string anonymous_value(std::string_view value, std::string_view key);

}  // namespace hone::prove
