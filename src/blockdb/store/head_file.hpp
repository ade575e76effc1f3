// blockdb/store/head_file.hpp - how far the ledger had come, kept beside the database.
//
// A database that lost the end of its log opens as if nothing had ever been there. The head file
// remembers the newest block apart from it, so that a start can tell.
//
// Shape    two slots of one disk sector each, written in turn: a write that is cut off leaves the
//          other slot. A slot is a mark, a block and their SHA-256.
// Errors   data_loss: neither slot can be read; those of the file system.
// Cost     write: one pwrite and one fdatasync of 512 bytes.
// Threads  one at a time.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.hpp"
#include "blockdb/chain/block.hpp"

namespace hone::blockdb {

class HeadFile {
  public:
    // Makes it where it is not there; its folder must be.
    static Result<HeadFile> open(const std::filesystem::path& path);
    HeadFile(HeadFile&& other) noexcept;
    HeadFile& operator=(HeadFile&&) = delete;
    ~HeadFile();

    // The newest block that was written; none in a new file.
    const std::optional<Block>& newest() const { return newest_; }
    // A slot that is neither empty nor intact: a write was cut off, or the file was altered.
    bool has_damaged_slot() const { return damaged_slot_; }
    // On the disk when it returns. Requires a height above newest()'s, or the same block.
    Status write(const Block& block);

  private:
    HeadFile(int descriptor, std::filesystem::path path)
        : descriptor_(descriptor), path_(std::move(path)) {}
    Status load();

    int descriptor_;
    std::filesystem::path path_;
    std::optional<Block> newest_;
    int next_slot_ = 0;
    bool damaged_slot_ = false;
};

}  // namespace hone::blockdb
