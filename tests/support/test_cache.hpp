// tests/support/test_cache.hpp - skeletons and catalogues that all tests of one build share.
//
// Shape    build/PRESET/test-cache: tests run as processes of their own, and each would pay for an
//          initdb.
#pragma once

#include <filesystem>

namespace hone::test {

inline std::filesystem::path test_cache() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() /
           "test-cache";
}

}  // namespace hone::test
