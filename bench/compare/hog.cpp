#include "bench/compare/hog.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <cmath>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace hone::bench {

namespace {

void burn(double seconds) {
    const double until = monotonic_seconds() + seconds;
    while (monotonic_seconds() < until) {
    }
}

}  // namespace

Result<BackgroundProcess> start_hog(const HogOptions& options) {
    ProcessOptions process;
    process.arguments = {"/proc/self/exe", "hog", fmt::format("--threads={}", options.threads),
                         fmt::format("--mean-seconds={}", options.mean_seconds),
                         fmt::format("--seed={}", options.seed)};
    process.signal_at_parent_death = SIGKILL;
    return BackgroundProcess::start(process);
}

void be_a_hog(const HogOptions& options) {
    Random random(options.seed);
    const auto draw = [&] { return -std::log(1 - random.unit()) * options.mean_seconds; };
    while (true) {
        std::this_thread::sleep_for(Seconds{draw()});
        const double seconds = draw();
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < options.threads; ++thread)
            threads.emplace_back([seconds] { burn(seconds); });
    }
}

}  // namespace hone::bench
