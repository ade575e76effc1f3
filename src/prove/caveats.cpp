#include "prove/caveats.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

bool on_one_device(const fs::path& a, const fs::path& b) {
    struct stat of_a{};
    struct stat of_b{};
    return ::stat(a.c_str(), &of_a) == 0 && ::stat(b.c_str(), &of_b) == 0 &&
           of_a.st_dev == of_b.st_dev;
}

}  // namespace

bool is_in_memory(const fs::path& folder) {
    struct statfs facts{};
    return ::statfs(folder.c_str(), &facts) == 0 && facts.f_type == TMPFS_MAGIC;
}

std::vector<std::string> machine_caveats(const Plan& plan, const ProveOptions& options,
                                         const fs::path& scratch_folder) {
    std::vector<std::string> caveats;
    caveats.push_back(
        fmt::format("All three servers and the load generator share {:g} cores; the "
                    "two servers that are not being measured idle.",
                    options.cores));
    if (is_in_memory(scratch_folder))
        caveats.push_back(
            fmt::format("The scratch servers are in memory ('{}'): writes cost less "
                        "than on a disk.",
                        scratch_folder.string()));
    if (options.server && !options.server->data_directory.empty() &&
        !on_one_device(scratch_folder, options.server->data_directory))
        caveats.push_back(
            fmt::format("The scratch servers are on another device ('{}') than the "
                        "target's data.",
                        scratch_folder.string()));
    if (plan.machine.memory_limit > options.memory_limit)
        caveats.push_back(fmt::format("The plan is for a machine with {}; this one has {}.",
                                      format_for_people(plan.machine.memory_limit),
                                      format_for_people(options.memory_limit)));
    return caveats;
}

std::string caveat_of_cached_data(Bytes data) {
    return fmt::format(
        "The data ({}) fits into shared_buffers on both sides: what a larger cache is good for "
        "cannot show. A larger --scale makes more data.",
        format_for_people(data));
}

std::string caveat_of_cold_caches() {
    return "These programs come without pg_prewarm: a large cache may have been measured before "
           "it was full.";
}

}  // namespace hone::prove
