#include "prove/load/event_loop.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/assert.hpp"

namespace hone::prove {

namespace {

constexpr std::size_t kMostEventsAtOnce = 64;

epoll_event interest(std::uint32_t events, std::uint32_t tag) {
    epoll_event event{};
    event.events = events;
    event.data.u32 = tag;
    return event;
}

timespec until(EventLoop::Moment moment) {
    using std::chrono::nanoseconds;
    const auto left = std::chrono::duration_cast<nanoseconds>(
        std::max(EventLoop::Moment::duration::zero(), moment - std::chrono::steady_clock::now()));
    constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
    return {static_cast<time_t>(left.count() / kNanosecondsPerSecond),
            static_cast<long>(left.count() % kNanosecondsPerSecond)};
}

}  // namespace

EventLoop::EventLoop(int epoll) : epoll_(epoll), events_(kMostEventsAtOnce) {
    ready_.reserve(kMostEventsAtOnce);
}

EventLoop::~EventLoop() = default;

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
    std::unique_ptr<EventLoop> loop(new EventLoop(::epoll_create1(EPOLL_CLOEXEC)));
    if (!loop->epoll_.valid())
        return error_from_errno(errno, "preparing to wait for the server's answers");
    return loop;
}

void EventLoop::ask_for_exact_timers() {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
}

Status EventLoop::watch(int socket, std::uint32_t tag) {
    epoll_event event = interest(EPOLLIN, tag);
    if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket, &event) != 0)
        return error_from_errno(errno, "waiting for the server's answers");
    return {};
}

void EventLoop::set_wants_to_write(int socket, std::uint32_t tag, bool wants) {
    epoll_event event = interest(wants ? EPOLLIN | EPOLLOUT : EPOLLIN, tag);
    HONE_ASSERT(::epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, socket, &event) == 0);
}

void EventLoop::forget(int socket) {
    ::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, socket, nullptr);
}

// The number of events, as epoll_wait(2).
int EventLoop::wait(const timespec& patience) {
    const int room = static_cast<int>(events_.size());
    const int count = ::epoll_pwait2(epoll_.number(), events_.data(), room, &patience, nullptr);
    if (count >= 0 || errno != ENOSYS) return count;
    // Kernels before 5.11 wait for whole milliseconds only, but ppoll does better.
    pollfd all{epoll_.number(), POLLIN, 0};
    if (::ppoll(&all, 1, &patience, nullptr) <= 0) return 0;
    return ::epoll_wait(epoll_.number(), events_.data(), room, 0);
}

std::span<const EventLoop::Ready> EventLoop::wait_until(Moment moment) {
    ready_.clear();
    // A signal ends the wait early: the caller looks at its clock anyway.
    const int count = wait(until(moment));
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events_[static_cast<std::size_t>(i)];
        ready_.push_back({.tag = event.data.u32,
                          .readable = (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
                          .writable = (event.events & EPOLLOUT) != 0});
    }
    return ready_;
}

}  // namespace hone::prove
