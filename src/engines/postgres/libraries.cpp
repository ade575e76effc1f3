#include <algorithm>

#include "base/file.hpp"
#include "engines/postgres/state.hpp"

namespace hone::postgres {

namespace {

namespace fs = std::filesystem;

// Where a build keeps its libraries, beside its programs: Debian's, one that was built with
// --prefix, and one whose programs were moved together with a lib folder of their own.
fs::path library_folder(const fs::path& bin_directory) {
    std::error_code ignored;
    const fs::path real = fs::canonical(bin_directory, ignored);
    const fs::path prefix = (real.empty() ? bin_directory : real).parent_path();
    for (const fs::path& folder : {prefix / "lib" / "postgresql", prefix / "lib"})
        if (file_exists(folder / "plpgsql.so")) return folder;
    return {};
}

}  // namespace

std::vector<std::string> available_libraries(const fs::path& bin_directory) {
    const fs::path folder = library_folder(bin_directory);
    std::vector<std::string> libraries;
    if (folder.empty()) return libraries;
    const auto names = list_folder(folder);
    if (!names.ok()) return libraries;
    for (const auto& name : *names)
        if (name.ends_with(".so")) libraries.push_back(name.substr(0, name.size() - 3));
    return libraries;
}

}  // namespace hone::postgres
