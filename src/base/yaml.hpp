// base/yaml.hpp - the same documents as base/json.hpp writes, as YAML.
//
// Shape    block style, two spaces; every text is double-quoted, so that no value can be read as
//          another type.
// Cost     linear.
// Source   YAML 1.2: a JSON text is a YAML flow scalar, so its quoting and numbers are valid.
#pragma once

#include <string>

#include "base/json.hpp"

namespace hone {

// Ends with a newline.
std::string to_yaml_text(const json::value& value);

}  // namespace hone
