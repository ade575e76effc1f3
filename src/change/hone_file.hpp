// change/hone_file.hpp - the file of hone's own that holds its settings: where it goes, what is in
// it, and the one line that makes the server read it.
//
// Shape    in the last include_dir folder of the cluster: "90-hone.conf", no other file is touched;
//          elsewhere "hone.conf" beside postgresql.conf and an include_if_exists line at that
//          file's end.
// Threads  pure functions, but for place_hone_file, which looks at folders.
// Source   PostgreSQL manual 20.1.2; docs/guides/apply-and-undo.md
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engines/postgres/config_file.hpp"
#include "model/plan.hpp"

namespace hone::change {

struct Placement {
    std::filesystem::path file;  // hone's own
    bool needs_include_line = false;
};

enum class PlaceChoice {
    kUsual,      // the include_dir folder where there is one
    kEndOfFile,  // at the end of postgresql.conf, where no line of it comes after
};
Placement place_hone_file(const std::filesystem::path& main_file, std::string_view main_text,
                          const postgres::ConfigTree& tree, PlaceChoice choice);

// What hone's file must say: what it said before, with the plan's settings on top.
std::string merged_hone_file(std::string_view existing, const Plan& plan);

// postgresql.conf with the include line as its last setting: an earlier include line of hone's is
// moved to the end where other settings follow it.
std::string with_include_line(std::string_view main_text, const std::filesystem::path& main_file,
                              const std::filesystem::path& hone_file);

}  // namespace hone::change
