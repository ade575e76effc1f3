#include "host/tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/descriptor.hpp"

namespace hone::host {

namespace {

// A name by which what was found can be opened, wherever it lies.
std::string path_of(const Descriptor& file) {
    return fmt::format("/proc/self/fd/{}", file.number());
}

// Opening a pipe would wait for somebody to write to it.
bool is_regular(const Descriptor& file) {
    struct stat status{};
    return ::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode);
}

int find_inside(int root, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

}  // namespace

int Tree::find(std::string_view path, int flags) const {
    const std::string name(path);
    if (name.find('\0') != std::string::npos) return -1;
    flags |= O_PATH | O_CLOEXEC;
    if (is_this_machine()) return ::open(name.c_str(), flags);
    const Descriptor root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return root.valid() ? find_inside(root.number(), name, flags) : -1;
}

bool Tree::exists(std::string_view path) const {
    return Descriptor(find(path, 0)).valid();
}

std::optional<std::string> Tree::read(std::string_view path) const {
    const Descriptor file(find(path, 0));
    if (!file.valid() || !is_regular(file)) return std::nullopt;
    auto content = read_file(path_of(file));
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
    const Descriptor folder(find(path, O_DIRECTORY));
    if (!folder.valid()) return {};
    return list_folder(path_of(folder)).value_or({});
}

std::optional<std::string> Tree::link(std::string_view path) const {
    const Descriptor link(find(path, O_NOFOLLOW));
    std::array<char, 4096> target;
    const ssize_t length =
        link.valid() ? ::readlinkat(link.number(), "", target.data(), target.size()) : -1;
    if (length <= 0) return std::nullopt;
    return std::string(target.data(), static_cast<std::size_t>(length));
}

}  // namespace hone::host
