// host/tree.hpp - the machine's own files, or those of a recorded machine, below one root.
//
// Errors   none: what is absent or unreadable is an empty optional, and the caller says so in the
// fact's source. Limits   16 MiB a file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::host {

class Tree {
  public:
    explicit Tree(std::filesystem::path root) : root_(std::move(root)) {}

    bool is_this_machine() const { return root_ == "/"; }
    // `path` as seen inside the machine: "/proc/meminfo".
    std::filesystem::path at(std::string_view path) const;
    bool exists(std::string_view path) const { return file_exists(at(path)); }
    std::optional<std::string> read(std::string_view path) const;
    // The file's one line, trimmed; none where it is absent or empty.
    std::optional<std::string> line(std::string_view path) const;
    std::optional<std::int64_t> integer(std::string_view path) const;
    // Sorted; empty where there is no such folder.
    std::vector<std::string> list(std::string_view path) const;
    // Where a symbolic link points, as text.
    std::optional<std::string> link(std::string_view path) const;

  private:
    std::filesystem::path root_;
};

}  // namespace hone::host
