// host/fixture_test.hpp - recorded machines: one text file each, made into a folder for detect().
//
// Shape    "== proc/meminfo" begins a file, up to the next such line; "=0 proc/1/cmdline" one whose
//          line ends are NUL bytes; "=x ..." one in hexadecimal; "== some/folder/" an empty folder;
//          "== sys/block/sda -> ../devices/..." a link; "=== expected" the truth as JSON. What
//          comes before the first of them is prose. docs/reference/detect.md says how to record.
// Errors   a fixture is our own: whatever is wrong with it fails the test by an exception.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace hone::host {

struct FixtureEntry {
    enum class Kind { kFile, kFolder, kLink };
    Kind kind = Kind::kFile;
    std::string path;     // "proc/meminfo"
    std::string content;  // of a link: where it leads
};

struct Fixture {
    std::string name;
    std::vector<FixtureEntry> entries;
    json::object expected;
};

// So that a failed test names the machine.
inline void PrintTo(const Fixture& fixture, std::ostream* out) {
    *out << fixture.name;
}

Fixture parse_fixture(std::string name, std::string_view text);
// Every *.machine of the repository, by name.
std::vector<Fixture> all_fixtures();
void write_entry(const FixtureEntry& entry, const std::filesystem::path& root);
void expand_fixture(const Fixture& fixture, const std::filesystem::path& root);

}  // namespace hone::host
