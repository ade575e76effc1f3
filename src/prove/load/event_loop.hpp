// prove/load/event_loop.hpp - one thread's wait for sockets and for a moment.
//
// Shape    level-triggered epoll; a socket has a tag of the caller's.
// Units    steady_clock; waits end within some 10 us of the moment asked for where a core is free.
// Errors   exhausted: no descriptor left.
// Threads  one.
// Source   docs/decisions/0008-own-event-loop.md
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/descriptor.hpp"
#include "base/result.hpp"

struct epoll_event;

namespace hone::prove {

class EventLoop {
  public:
    using Moment = std::chrono::steady_clock::time_point;
    struct Ready {
        std::uint32_t tag = 0;
        bool readable = false;  // or at its end
        bool writable = false;
    };

    static Result<std::unique_ptr<EventLoop>> create();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // The timers of the calling thread end when they should, not up to 50 us later.
    static void ask_for_exact_timers();

    Status watch(int socket, std::uint32_t tag);
    // Also says when there is room to write.
    void set_wants_to_write(int socket, std::uint32_t tag, bool wants);
    // Before the socket is closed.
    void forget(int socket);
    // Empty when the moment came first. Valid until the next call.
    std::span<const Ready> wait_until(Moment moment);

  private:
    explicit EventLoop(int epoll);
    int wait(const struct timespec& patience);
    Descriptor epoll_;
    std::vector<struct epoll_event> events_;
    std::vector<Ready> ready_;
};

}  // namespace hone::prove
