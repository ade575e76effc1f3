#include "engines/postgres/skeleton.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engines/postgres/data_copy.hpp"

namespace hone::postgres {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 16;

struct SkeletonName {
    std::string place;
    std::string build;
    std::string text() const { return place + "-" + build; }
};

Result<SkeletonName> name_for(const fs::path& bin_directory) {
    std::error_code ignored;
    const fs::path program = bin_directory / "postgres";
    const fs::path real = fs::canonical(program, ignored);
    struct stat facts{};
    if (::stat(program.c_str(), &facts) != 0)
        return error_from_errno(errno, "looking for the program '" + program.string() + "'",
                                "name the folder of PostgreSQL's programs with --bin-dir");
    HONE_TRY_ASSIGN(const std::string machine_start, read_file("/proc/sys/kernel/random/boot_id"));
    const std::string build = fmt::format("{} {}.{:09} {}", facts.st_size, facts.st_mtim.tv_sec,
                                          facts.st_mtim.tv_nsec, machine_start);
    return SkeletonName{.place = sha256_hex(real.string()).substr(0, kHashDigits),
                        .build = sha256_hex(build).substr(0, kHashDigits)};
}

void remove_older_skeletons(const fs::path& folder, const SkeletonName& current) {
    const auto names = list_folder(folder);
    if (!names.ok()) return;
    for (const auto& name : *names) {
        std::error_code ignored;
        if (name.starts_with(current.place + "-") && name != current.text())
            fs::remove_all(folder / name, ignored);
    }
}

Status publish(const TemporaryFolder& made, const fs::path& folder, const SkeletonName& name) {
    if (::rename((made.path() / "data").c_str(), (folder / name.text()).c_str()) != 0) {
        // Another hone was faster, and its skeleton is as good.
        if (errno == ENOTEMPTY || errno == EEXIST) return {};
        return error_from_errno(errno, "keeping the skeleton in '" + folder.string() + "'");
    }
    remove_older_skeletons(folder, name);
    return {};
}

}  // namespace

fs::path default_cache_folder() {
    if (::geteuid() == 0) return "/var/cache/hone";
    if (const char* cache = std::getenv("XDG_CACHE_HOME")) return fs::path(cache) / "hone";
    return fs::path(current_identity().home) / ".cache" / "hone";
}

Status run_initdb(const fs::path& bin_directory, const Identity& owner,
                  const fs::path& data_directory, Deadline deadline) {
    ProcessOptions options;
    options.arguments = {(bin_directory / "initdb").string(),
                         "--pgdata=" + data_directory.string(),
                         "--username=postgres",
                         "--auth=trust",
                         "--no-sync",
                         "--no-locale",
                         "--encoding=UTF8",
                         "--no-instructions"};
    options.environment = {{"LC_ALL", "C"}};
    options.run_as = owner;
    HONE_TRY_ASSIGN(const ProcessResult result, run(options, deadline));
    if (result.succeeded()) return {};
    return Error{
        ErrorCode::kFailedPrecondition,
        "making an empty cluster with '" + options.arguments[0] + "'",
        printable(trim(result.standard_error), 1000),
        "check that these are complete PostgreSQL programs that '" + owner.name + "' may run"};
}

Result<fs::path> skeleton_of(const fs::path& bin_directory, const Identity& owner,
                             const fs::path& cache_folder, const fs::path& parent_folder,
                             Deadline deadline) {
    HONE_TRY_ASSIGN(const SkeletonName name, name_for(bin_directory));
    const fs::path folder = cache_folder / "skeletons";
    const fs::path published = folder / name.text();
    if (file_exists(published)) return published;

    HONE_TRY(make_folders(folder, 0700));
    HONE_TRY_ASSIGN(const TemporaryFolder workshop,
                    TemporaryFolder::create(parent_folder, "hone-initdb-"));
    if (::geteuid() == 0 && ::chown(workshop.path().c_str(), owner.user, owner.group) != 0)
        return error_from_errno(errno, "handing '" + workshop.path().string() + "' over");
    const fs::path fresh = workshop.path() / "data";
    HONE_TRY(run_initdb(bin_directory, owner, fresh, deadline));
    // Copied rather than moved: the temporary folder may be on another file system, and the copy
    // belongs to us.
    HONE_TRY_ASSIGN(const TemporaryFolder made, TemporaryFolder::create(folder, ".unfinished-"));
    HONE_TRY(copy_data_folder(fresh, made.path() / "data", current_identity(), deadline));
    HONE_TRY(publish(made, folder, name));
    return published;
}

}  // namespace hone::postgres
