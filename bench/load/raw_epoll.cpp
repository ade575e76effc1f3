#include "prove/load/event_loop.hpp"
#include "raw_client.hpp"

namespace hone::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{10};

Status step(RawClient& client, prove::EventLoop& loop, Clock::time_point end) {
    for (const auto& ready : loop.wait_until(Clock::now() + kPatience)) {
        HONE_TRY_ASSIGN(const bool answered, client.read(ready.tag));
        if (answered && Clock::now() < end) HONE_TRY(client.send(ready.tag));
    }
    return {};
}

}  // namespace

Result<Cost> run_on_epoll(RawClient& client, double seconds) {
    HONE_TRY_ASSIGN(const auto loop, prove::EventLoop::create());
    for (std::uint32_t i = 0; i < client.connections(); ++i)
        HONE_TRY(loop->watch(client.socket(i), i));
    const double cpu_before = thread_cpu_seconds();
    const std::uint64_t answered_before = client.answered();
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds{seconds});
    for (std::size_t i = 0; i < client.connections(); ++i) HONE_TRY(client.send(i));
    while (client.in_flight() > 0) HONE_TRY(step(client, *loop, end));
    return Cost{static_cast<double>(client.answered() - answered_before),
                thread_cpu_seconds() - cpu_before};
}

}  // namespace hone::bench
