#include "blockdb/store/head_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "blockdb/chain/hash.hpp"

namespace hone::blockdb {

namespace {

constexpr std::string_view kMark{"BDF\x01", 4};
constexpr std::size_t kSlotSize = 512;
constexpr std::size_t kCheckedSize = kMark.size() + kEncodedBlockSize;
constexpr int kSlots = 2;

std::string encode_slot(const Block& block) {
    std::string slot(kMark);
    slot += encode_block(block);
    slot += sha256(slot).view();
    slot.resize(kSlotSize, '\0');
    return slot;
}

std::optional<Block> decode_slot(std::string_view slot) {
    if (!slot.starts_with(kMark) ||
        slot.substr(kCheckedSize + kHashSize).find_first_not_of('\0') != std::string_view::npos)
        return std::nullopt;
    const std::string_view checked = slot.substr(0, kCheckedSize);
    if (sha256(checked).view() != slot.substr(kCheckedSize, kHashSize)) return std::nullopt;
    auto block = decode_block(checked.substr(kMark.size()));
    if (!block.ok()) return std::nullopt;
    return std::move(block).value();
}

Status write_at(int descriptor, std::string_view bytes, off_t offset, const std::string& tried) {
    if (const int failure = HONE_FAILPOINT_ERROR("head_file.write"))
        return error_from_errno(failure, tried);
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), offset);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_from_errno(errno, tried);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += written;
    }
    if (::fdatasync(descriptor) != 0) return error_from_errno(errno, tried);
    return {};
}

}  // namespace

Result<HeadFile> HeadFile::open(const std::filesystem::path& path) {
    const bool is_new = !file_exists(path);
    if (is_new) HONE_TRY(replace_file(path, std::string(kSlots * kSlotSize, '\0')));
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return error_from_errno(errno, fmt::format("opening the head file '{}'", path.string()));
    HeadFile file(descriptor, path);
    HONE_TRY(file.load());
    return file;
}

HeadFile::HeadFile(HeadFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      newest_(std::move(other.newest_)),
      next_slot_(other.next_slot_),
      damaged_slot_(other.damaged_slot_) {}

HeadFile::~HeadFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Status HeadFile::load() {
    HONE_TRY_ASSIGN(const std::string content, read_file(path_, Bytes(kSlots * kSlotSize)));
    const std::string tried = fmt::format("reading the head file '{}'", path_.string());
    const std::string advice =
        "the database can no longer be held against it: compare the newest block with an anchor or "
        "a client's last head before you trust it, then remove the file";
    if (content.size() != kSlots * kSlotSize)
        return Error(ErrorCode::kDataLoss, tried,
                     fmt::format("it has {} bytes, not {}", content.size(), kSlots * kSlotSize),
                     advice);
    if (content.find_first_not_of('\0') == std::string::npos) return {};
    for (int slot = 0; slot < kSlots; ++slot) {
        const auto bytes =
            std::string_view(content).substr(static_cast<std::size_t>(slot) * kSlotSize, kSlotSize);
        const auto block = decode_slot(bytes);
        if (!block && bytes.find_first_not_of('\0') != std::string_view::npos) damaged_slot_ = true;
        if (!block || (newest_ && newest_->height >= block->height)) continue;
        newest_ = block;
        next_slot_ = 1 - slot;
    }
    if (newest_) return {};
    return Error(ErrorCode::kDataLoss, tried, "neither of its two slots is intact", advice);
}

Status HeadFile::write(const Block& block) {
    if (newest_ == block) return {};
    HONE_ASSERT(!newest_ || block.height > newest_->height);
    const std::string tried = fmt::format("writing the head file '{}'", path_.string());
    HONE_FAILPOINT("head_file.before_write");
    HONE_TRY(write_at(descriptor_, encode_slot(block), static_cast<off_t>(kSlotSize) * next_slot_,
                      tried));
    HONE_FAILPOINT("head_file.after_write");
    newest_ = block;
    next_slot_ = 1 - next_slot_;
    damaged_slot_ = false;  // it was the one to be written over
    return {};
}

}  // namespace hone::blockdb
