#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/descriptor.hpp"
#include "base/failpoint.hpp"

namespace hone {

namespace {

namespace fs = std::filesystem;

std::string quoted(std::string_view verb, const fs::path& path) {
    return std::string(verb) + " '" + path.string() + "'";
}

// Deletes the temporary file unless it was renamed to its place.
class TemporaryFile {
  public:
    explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
    ~TemporaryFile() {
        if (!renamed_) ::unlink(path_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const fs::path& path() const { return path_; }
    void mark_renamed() { renamed_ = true; }

  private:
    fs::path path_;
    bool renamed_ = false;
};

Status write_all(int file, std::string_view content, const fs::path& path) {
    if (const int failure = HONE_FAILPOINT_ERROR("file.write"))
        return error_from_errno(failure, quoted("writing", path));
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_from_errno(errno, quoted("writing", path));
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Status set_attributes(int file, const FileAttributes& attributes, const fs::path& path) {
    if (attributes.user || attributes.group) {
        const uid_t user = attributes.user.value_or(static_cast<uid_t>(-1));
        const gid_t group = attributes.group.value_or(static_cast<gid_t>(-1));
        struct stat facts{};
        if (::fstat(file, &facts) != 0) return error_from_errno(errno, quoted("writing", path));
        const bool same = (!attributes.user || facts.st_uid == user) &&
                          (!attributes.group || facts.st_gid == group);
        if (!same && ::fchown(file, user, group) != 0)
            return error_from_errno(errno, quoted("keeping the owner of", path));
    }
    if (::fchmod(file, attributes.mode) != 0)
        return error_from_errno(errno, quoted("keeping the mode of", path));
    return {};
}

Result<FileAttributes> attributes_for(const fs::path& path,
                                      const std::optional<FileAttributes>& wanted) {
    if (wanted) return *wanted;
    auto existing = read_attributes(path);
    if (existing.ok()) return existing;
    if (existing.error().code() == ErrorCode::kNotFound) return FileAttributes{};
    return existing;
}

Status write_temporary(const fs::path& temporary, std::string_view content,
                       const FileAttributes& attributes) {
    if (const int failure = HONE_FAILPOINT_ERROR("file.create"))
        return error_from_errno(failure, quoted("creating", temporary));
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.valid()) return error_from_errno(errno, quoted("creating", temporary));
    HONE_TRY(write_all(file.number(), content, temporary));
    HONE_TRY(set_attributes(file.number(), attributes, temporary));
    if (const int failure = HONE_FAILPOINT_ERROR("file.fsync"))
        return error_from_errno(failure, quoted("flushing", temporary));
    if (::fsync(file.number()) != 0) return error_from_errno(errno, quoted("flushing", temporary));
    return {};
}

// Root must not put a file in the place of a device, nor follow a link by which another user points
// at a file that is not theirs.
Status refuse_odd_target(const fs::path& path, const fs::path& real) {
    struct stat target{};
    struct stat link{};
    if (::stat(real.c_str(), &target) != 0) return {};
    if (!S_ISREG(target.st_mode))
        return Error{ErrorCode::kInvalidArgument, quoted("replacing", path),
                     "it is not a regular file", "name a file"};
    const bool foreign_link = ::geteuid() == 0 && ::lstat(path.c_str(), &link) == 0 &&
                              S_ISLNK(link.st_mode) && link.st_uid != 0 &&
                              link.st_uid != target.st_uid;
    if (!foreign_link) return {};
    return Error{ErrorCode::kPermissionDenied, quoted("replacing", path),
                 "it is another user's symbolic link to '" + real.string() + "'",
                 "replace the link by a file"};
}

}  // namespace

Result<std::string> read_file(const fs::path& path, Bytes limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return error_from_errno(errno, quoted("reading", path));
    std::string content;
    // /proc and /sys files report no size, so read until the end says so.
    std::size_t filled = 0;
    for (;;) {
        if (filled == content.size())
            content.resize(std::max<std::size_t>(4096, content.size() * 2));
        const ssize_t got = ::read(file.number(), content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_from_errno(errno, quoted("reading", path));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
        if (filled > static_cast<std::size_t>(limit.count()))
            return Error{ErrorCode::kInvalidArgument, quoted("reading", path),
                         "larger than " + format_for_people(limit),
                         "this is not the file that was meant"};
    }
    content.resize(filled);
    return content;
}

bool file_exists(const fs::path& path) {
    struct stat facts{};
    return ::stat(path.c_str(), &facts) == 0;
}

Result<FileAttributes> read_attributes(const fs::path& path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0)
        return error_from_errno(errno, quoted("looking at", path));
    return FileAttributes{
        .mode = facts.st_mode & 07777, .user = facts.st_uid, .group = facts.st_gid};
}

Status replace_file(const fs::path& path, std::string_view content,
                    std::optional<FileAttributes> attributes) {
    std::error_code ignored;
    const fs::path real = fs::is_symlink(path, ignored) ? fs::canonical(path, ignored) : path;
    if (real.empty())
        return Error{ErrorCode::kNotFound, quoted("replacing", path),
                     "the symbolic link leads nowhere"};
    HONE_TRY(refuse_odd_target(path, real));
    HONE_TRY_ASSIGN(const FileAttributes wanted, attributes_for(real, attributes));
    TemporaryFile temporary(real.parent_path() / (".hone-" + real.filename().string() + "-" +
                                                  std::to_string(::getpid()) + ".tmp"));
    ::unlink(temporary.path().c_str());  // of an earlier process with our number that was killed
    HONE_TRY(write_temporary(temporary.path(), content, wanted));
    HONE_FAILPOINT("file.before_rename");
    if (const int failure = HONE_FAILPOINT_ERROR("file.rename"))
        return error_from_errno(failure, quoted("replacing", real));
    if (::rename(temporary.path().c_str(), real.c_str()) != 0)
        return error_from_errno(errno, quoted("replacing", real));
    temporary.mark_renamed();
    HONE_FAILPOINT("file.after_rename");
    auto flushed = fsync_folder(real.parent_path());
    if (!flushed.ok()) return std::move(std::move(flushed).error()).with_outcome(Outcome::kUnknown);
    return {};
}

Status remove_file(const fs::path& path) {
    if (const int failure = HONE_FAILPOINT_ERROR("file.remove"))
        return error_from_errno(failure, quoted("removing", path));
    if (::unlink(path.c_str()) != 0) {
        if (errno == ENOENT) return {};
        return error_from_errno(errno, quoted("removing", path));
    }
    auto flushed = fsync_folder(path.parent_path());
    if (!flushed.ok()) return std::move(std::move(flushed).error()).with_outcome(Outcome::kUnknown);
    return {};
}

Status fsync_folder(const fs::path& folder) {
    if (const int failure = HONE_FAILPOINT_ERROR("file.fsync_folder"))
        return error_from_errno(failure, quoted("flushing", folder));
    const Descriptor file(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file.valid()) return error_from_errno(errno, quoted("flushing", folder));
    if (::fsync(file.number()) != 0) return error_from_errno(errno, quoted("flushing", folder));
    return {};
}

Status make_folders(const fs::path& folder, mode_t mode) {
    fs::path built;
    for (const auto& part : folder) {
        built /= part;
        if (::mkdir(built.c_str(), mode) == 0) continue;
        const int error = errno;
        struct stat facts{};
        if (::stat(built.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) continue;
        return error_from_errno(error, quoted("making the folder", built));
    }
    return {};
}

Result<std::vector<std::string>> list_folder(const fs::path& folder) {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    if (error) return error_from_errno(error.value(), quoted("listing", folder));
    std::sort(names.begin(), names.end());
    return names;
}

Result<TemporaryFolder> TemporaryFolder::create(const fs::path& parent, std::string_view prefix) {
    std::string pattern = (parent / (std::string(prefix) + "XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr)
        return error_from_errno(errno, quoted("making a folder in", parent));
    return TemporaryFolder{fs::path(pattern)};
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::move(other.path_)), kept_(other.kept_) {
    other.path_.clear();
}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
    if (this == &other) return *this;
    remove();
    path_ = std::move(other.path_);
    kept_ = other.kept_;
    other.path_.clear();
    return *this;
}

TemporaryFolder::~TemporaryFolder() {
    remove();
}

void TemporaryFolder::remove() noexcept {
    if (path_.empty() || kept_) return;
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace hone
