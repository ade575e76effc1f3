#include "base/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.hpp"
#include "base/text.hpp"

namespace hone {

Result<FileLock> FileLock::acquire(const std::filesystem::path& path) {
    const std::string tried = "locking '" + path.string() + "'";
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return error_from_errno(errno, tried);
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
    if (errno != EWOULDBLOCK) return error_from_errno(errno, tried);
    const std::string holder = lock_holder(path);
    return Error{ErrorCode::kConflict, tried,
                 holder.empty() ? "another process holds the lock" : "held by " + holder,
                 "wait until it has finished, then try again"};
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::string lock_holder(const std::filesystem::path& path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0) return {};
    const auto locks = read_file("/proc/locks");
    if (!locks.ok()) return {};
    // "1: FLOCK  ADVISORY  WRITE 4711 fe:00:131 0 EOF"; device and inode as in fs/locks.c,
    // lock_get_status.
    const std::string inode =
        fmt::format("{:02x}:{:02x}:{}", major(facts.st_dev), minor(facts.st_dev), facts.st_ino);
    for (const std::string_view line : split_lines(*locks)) {
        const auto words = split_words(line);
        if (words.size() < 6 || words[1] != "FLOCK" || words[5] != inode) continue;
        const auto process = parse_integer(words[4]);
        if (!process || *process <= 0) continue;
        auto command = read_file(fmt::format("/proc/{}/cmdline", *process)).value_or("");
        std::replace(command.begin(), command.end(), '\0', ' ');
        return fmt::format("pid {} ({})", *process, printable(trim(command)));
    }
    return {};
}

}  // namespace hone
