// The formula of the design document that hone began with. It has constants for small machines, too, but
// only this one computes anything; it takes neither the number of clients nor the kind of load.
#include <fmt/format.h>

#include <algorithm>

#include "bench/tuners/tuner.hpp"

namespace hone::bench {

namespace {

std::string share_in_mega(const TunerInput& input, std::int64_t percent) {
    return fmt::format("{}MB", input.memory.whole_mega() * percent / 100);
}

}  // namespace

Settings seed_settings(const TunerInput& input) {
    const bool nvme = input.storage == StorageClass::kNvme;
    const bool ssd = input.storage == StorageClass::kSsd;
    Settings settings;
    add(settings, "shared_buffers", share_in_mega(input, 25));
    add(settings, "effective_cache_size", share_in_mega(input, 75));
    add(settings, "work_mem", share_in_mega(input, 5));
    add(settings, "maintenance_work_mem", share_in_mega(input, 10));
    add(settings, "max_connections", fmt::format("{}", std::min(200, input.cores * 25)));
    add(settings, "checkpoint_completion_target", "0.9");
    add(settings, "wal_buffers",
        fmt::format("{}MB", std::min<std::int64_t>(64, input.memory.whole_mega() * 3 / 100)));
    add(settings, "random_page_cost", nvme ? "1.0" : ssd ? "1.1" : "4.0");
    add(settings, "effective_io_concurrency", nvme ? "200" : ssd ? "100" : "1");
    return settings;
}

}  // namespace hone::bench
