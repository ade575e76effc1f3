// host/tree.hpp - the machine's own files, or those of a recorded machine, below one root.
//
// Shape    in a recorded machine links are resolved inside its root, absolute ones and ".." too, so
//          that nothing of this machine is read.
// Errors   none: what is absent, unreadable or no regular file is an empty optional, and the caller
//          says so in the fact's source.
// Limits   16 MiB a file.
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
    // Every `path` is as seen inside the machine: "/proc/meminfo".
    bool exists(std::string_view path) const;
    std::optional<std::string> read(std::string_view path) const;
    // The file's one line, trimmed; none where it is absent or empty.
    std::optional<std::string> line(std::string_view path) const;
    std::optional<std::int64_t> integer(std::string_view path) const;
    // Sorted; empty where there is no such folder.
    std::vector<std::string> list(std::string_view path) const;
    // Where a symbolic link points, as text.
    std::optional<std::string> link(std::string_view path) const;

  private:
    // A descriptor that stands for the file without opening it; -1 where there is none.
    int find(std::string_view path, int flags) const;
    std::filesystem::path root_;
};

}  // namespace hone::host
