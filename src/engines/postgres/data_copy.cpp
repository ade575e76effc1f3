#include "engines/postgres/data_copy.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/descriptor.hpp"
#include "base/file.hpp"

namespace hone::postgres {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 64 * 1024;
// base/DATABASE/file is three levels deep; extensions add a few.
constexpr int kDeepestFolder = 16;

Error copy_error(const fs::path& path) {
    return error_from_errno(errno, "copying '" + path.string() + "'");
}

Status hand_over(int file, const Identity& owner, const fs::path& path) {
    if (::geteuid() != 0 || owner.user == 0) return {};
    if (::fchown(file, owner.user, owner.group) != 0) return copy_error(path);
    return {};
}

// Zeros are not written: WAL segments are mostly zeros, and holes cost nothing to copy again.
Status copy_bytes(int from, int to, off_t size, const fs::path& path) {
    if (::ioctl(to, FICLONE, from) == 0) return {};
    if (::ftruncate(to, size) != 0) return copy_error(path);
    std::vector<char> block(kBlockBytes);
    off_t at = 0;
    for (;;) {
        const ssize_t got = ::pread(from, block.data(), block.size(), at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return copy_error(path);
        if (got == 0) return {};
        const auto end = block.begin() + got;
        if (std::any_of(block.begin(), end, [](char byte) { return byte != 0; })) {
            for (ssize_t done = 0; done < got;) {
                const ssize_t wrote = ::pwrite(to, block.data() + done,
                                               static_cast<std::size_t>(got - done), at + done);
                if (wrote < 0 && errno != EINTR) return copy_error(path);
                if (wrote > 0) done += wrote;
            }
        }
        at += got;
    }
}

Status copy_one_file(const fs::path& from, const fs::path& to, const Identity& owner) {
    const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!source.valid()) return copy_error(from);
    struct stat facts{};
    if (::fstat(source.number(), &facts) != 0) return copy_error(from);
    const Descriptor copy(
        ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!copy.valid()) return copy_error(to);
    HONE_TRY(copy_bytes(source.number(), copy.number(), facts.st_size, to));
    return hand_over(copy.number(), owner, to);
}

Status make_own_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0)
        return error_from_errno(errno, "making the folder '" + folder.string() + "'");
    return {};
}

// After the folder was filled: while it is being filled by root, nobody else may put a link in it.
Status hand_over_folder(const fs::path& folder, const Identity& owner) {
    const Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!handle.valid()) return copy_error(folder);
    return hand_over(handle.number(), owner, folder);
}

bool belongs_to_the_original(const std::string& name) {
    static constexpr std::array<std::string_view, 5> kNames{"postmaster.pid", "postmaster.opts",
                                                            "standby.signal", "recovery.signal",
                                                            "postgresql.auto.conf"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Status copy_folder(const fs::path& from, const fs::path& to, const Identity& owner, int depth,
                   Deadline deadline) {
    if (depth > kDeepestFolder)
        return Error{ErrorCode::kUnsupported, "copying '" + from.string() + "'",
                     "its folders are nested deeper than a data folder's"};
    HONE_TRY(make_own_folder(to));
    HONE_TRY_ASSIGN(const std::vector<std::string> names, list_folder(from));
    for (const auto& name : names) {
        if (deadline.expired())
            return Error{ErrorCode::kDeadlineExceeded, "copying '" + from.string() + "'",
                         "it did not finish in time", "give it longer with --timeout"};
        if (depth == 0 && belongs_to_the_original(name)) continue;
        struct stat facts{};
        if (::lstat((from / name).c_str(), &facts) != 0) return copy_error(from / name);
        const bool linked_wal = depth == 0 && name == "pg_wal" && S_ISLNK(facts.st_mode);
        if (S_ISDIR(facts.st_mode) || linked_wal) {
            HONE_TRY(copy_folder(from / name, to / name, owner, depth + 1, deadline));
        } else if (S_ISREG(facts.st_mode)) {
            HONE_TRY(copy_one_file(from / name, to / name, owner));
        }
    }
    return hand_over_folder(to, owner);
}

}  // namespace

Status copy_data_folder(const fs::path& from, const fs::path& to, const Identity& owner,
                        Deadline deadline) {
    const auto tablespaces = list_folder(from / "pg_tblspc");
    if (tablespaces.ok() && !tablespaces->empty())
        return Error{ErrorCode::kUnsupported, "copying the data folder '" + from.string() + "'",
                     "it has tablespaces, and a copy's links would lead to the original's files"};
    return copy_folder(from, to, owner, 0, deadline);
}

}  // namespace hone::postgres
