#include "host/tree.hpp"

#include <system_error>

namespace hone::host {

namespace fs = std::filesystem;

fs::path Tree::at(std::string_view path) const {
    while (path.starts_with('/')) path.remove_prefix(1);
    return root_ / path;
}

std::optional<std::string> Tree::read(std::string_view path) const {
    auto content = read_file(at(path));
    if (!content.ok()) return std::nullopt;
    return std::move(content).value();
}

std::optional<std::string> Tree::line(std::string_view path) const {
    const auto content = read(path);
    if (!content) return std::nullopt;
    const std::string_view first = trim(std::string_view(*content).substr(0, content->find('\n')));
    if (first.empty()) return std::nullopt;
    return std::string(first);
}

std::optional<std::int64_t> Tree::integer(std::string_view path) const {
    const auto text = line(path);
    return text ? parse_integer(*text) : std::nullopt;
}

std::vector<std::string> Tree::list(std::string_view path) const {
    return list_folder(at(path)).value_or({});
}

std::optional<std::string> Tree::link(std::string_view path) const {
    std::error_code error;
    const fs::path target = fs::read_symlink(at(path), error);
    if (error) return std::nullopt;
    return target.string();
}

}  // namespace hone::host
