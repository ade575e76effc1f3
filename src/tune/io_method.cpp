#include <fmt/format.h>

#include <algorithm>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr int kFewestWorkers = 3;
constexpr int kMostWorkers = 32;
constexpr int kCoresPerWorker = 4;

}  // namespace

// io_uring is never chosen: whether the kernel and the container allow it shows only at the start,
// and where it is set already it stays.
void plan_io_method(const Situation& situation, Draft& draft) {
    if (!draft.has("io_method")) return;
    if (draft.current("io_method") == "sync")
        draft.propose({"io_method.io_method",
                       "io_method",
                       "worker",
                       "Workers read ahead while the session computes; every build has them.",
                       {{"io_method now", "sync"}}});
    if (draft.effective("io_method") != "worker") return;
    const int wanted =
        std::clamp(workers_for(situation, kCoresPerWorker), kFewestWorkers, kMostWorkers);
    if (wanted <= draft.current_number("io_workers", kFewestWorkers)) return;
    draft.propose({"io_method.io_workers",
                   "io_workers",
                   fmt::format("{}", wanted),
                   fmt::format("One reading worker for every {} of {} cores.", kCoresPerWorker,
                               situation.whole_cores),
                   {{"cores", fmt::format("{}", situation.whole_cores)}}});
}

}  // namespace hone::tune
