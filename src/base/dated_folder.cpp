#include "base/dated_folder.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/file.hpp"

namespace hone {

namespace {

namespace fs = std::filesystem;

constexpr int kFreshNameAttempts = 16;
constexpr std::size_t kTimeLength = 16;  // 20261120T130501Z
constexpr std::uint32_t kMostInOneSecond = 0x10000;

// The number after the time; none for another name, which has no say in the order.
std::optional<std::uint32_t> number_of(std::string_view name) {
    if (name.size() != kTimeLength + 5 || name[kTimeLength - 1] != 'Z' || name[kTimeLength] != '-')
        return std::nullopt;
    std::uint32_t number = 0;
    const char* const end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kTimeLength + 1, end, number, 16);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return number;
}

}  // namespace

Result<std::string> next_dated_name(const std::vector<std::string>& names, const std::string& now) {
    std::string newest;
    for (const std::string& name : names)
        if (number_of(name)) newest = std::max(newest, name);
    if (newest.empty() || newest.substr(0, kTimeLength) < now) return fmt::format("{}-0000", now);
    const std::uint32_t number = *number_of(newest) + 1;
    if (number == kMostInOneSecond)
        return Error{ErrorCode::kExhausted, fmt::format("naming a folder after {}", newest),
                     "no number is left in that second", "try again in a second"};
    return fmt::format("{}-{:04x}", newest.substr(0, kTimeLength), number);
}

Result<fs::path> create_dated_folder(const fs::path& parent) {
    for (int attempt = 0; attempt < kFreshNameAttempts; ++attempt) {
        HONE_TRY_ASSIGN(const auto names, list_folder(parent));
        HONE_TRY_ASSIGN(const std::string name, next_dated_name(names, utc_now_compact()));
        const fs::path folder = parent / name;
        // Exclusive: another process may have taken the name meanwhile.
        if (::mkdir(folder.c_str(), 0700) != 0) {
            if (errno == EEXIST) continue;
            return error_from_errno(errno, fmt::format("making the folder '{}'", folder.string()));
        }
        HONE_TRY(fsync_folder(parent));
        return folder;
    }
    return Error{ErrorCode::kInternal, fmt::format("making a folder in '{}'", parent.string()),
                 "no free name was found"};
}

}  // namespace hone
