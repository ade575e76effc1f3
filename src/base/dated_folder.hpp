// base/dated_folder.hpp - folders called by the time they were made, in an order that never lies.
//
// Shape    a name is the time and a number, "20261120T130501Z-0000", and no name sorts before an
//          older one: also within a second, and also when the clock was set back.
// Errors   exhausted: more than 65536 in one second; as the file system says.
// Threads  free functions; several processes may make folders in one place.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace hone {

// What the next one is called, given the `names` in the folder and the time in the form of
// utc_now_compact().
Result<std::string> next_dated_name(const std::vector<std::string>& names, const std::string& now);

// A new folder in `parent`, mode 0700, on the disk when it returns. `parent` must be there.
Result<std::filesystem::path> create_dated_folder(const std::filesystem::path& parent);

}  // namespace hone
