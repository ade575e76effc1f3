#include "host/zfs.hpp"

namespace hone::host {

namespace {

constexpr std::size_t kMostPools = 256;
constexpr std::string_view kPools = "/proc/spl/kstat/zfs";

}  // namespace

ZfsFacts read_zfs(const Tree& tree) {
    ZfsFacts facts;
    facts.available = read_fact(tree.exists("/sys/module/zfs"), "/sys/module/zfs");
    for (const std::string& name : tree.list(kPools)) {
        const auto state = tree.line(std::string(kPools) + "/" + name + "/state");
        if (state && facts.pools.size() < kMostPools)
            facts.pools.push_back({printable(name), printable(*state)});
    }
    if (!facts.pools.empty()) facts.available = read_fact(true, std::string(kPools));
    return facts;
}

}  // namespace hone::host
