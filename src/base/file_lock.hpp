// base/file_lock.hpp - one writer at a time, released by the kernel when the process dies.
//
// Shape    flock(2) on a file or folder that exists; nothing is created, so nothing is left behind.
// Errors   conflict: somebody else holds it (the message names pid and command where /proc shows
//          them).
// Threads  one lock object per path and process.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace hone {

class FileLock {
  public:
    // Does not wait.
    static Result<FileLock> acquire(const std::filesystem::path& path);
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();

  private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

// "pid 4711 (hone apply plan.json)", or empty where nobody is found.
std::string lock_holder(const std::filesystem::path& path);

}  // namespace hone
