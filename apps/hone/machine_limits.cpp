#include "machine_limits.hpp"

#include "host/detect.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

// WAL may be on a device of its own.
fs::path wal_folder(const fs::path& data_directory) {
    if (data_directory.empty()) return {};
    std::error_code unreadable;
    const fs::path real = fs::canonical(data_directory / "pg_wal", unreadable);
    return unreadable ? data_directory : real;
}

postgres::MachineLimits limits_of(const Host& host, const fs::path& wal_folder) {
    postgres::MachineLimits limits;
    limits.memory = host.memory.limit.value;
    limits.open_files = host.open_files_limit.value;
    limits.huge_pages = host.memory.huge_pages_total.value;
    limits.huge_page_size = host.memory.huge_page_size.value;
    if (host.memory.overcommit_mode.value == "2")
        limits.commit_limit = host.memory.commit_limit.value;
    for (const auto& storage : host.storage)
        if (storage.folder == wal_folder.string()) limits.free_disk = storage.free_space.value;
    return limits;
}

}  // namespace

PresentMachine present_machine(const fs::path& data_directory) {
    const fs::path wal = wal_folder(data_directory);
    const Host host = host::detect({.root = "/", .folder = wal, .probe = false}, silent_progress());
    PresentMachine machine{.memory = host.memory.limit.value.value_or(Bytes{}), .limits = {}};
    if (!wal.empty()) machine.limits = limits_of(host, wal);
    return machine;
}

}  // namespace hone::app
