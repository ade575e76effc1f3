// prove/load/mender.hpp - opens lost connections anew, so that the threads that send never wait for
// it.
//
// Threads  one of its own; reopen() is called by any. Letters are put by any thread and taken by
//          one.
// Limits   one attempt at a time; after a failed one it waits, up to a second.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "prove/load/session.hpp"

namespace hone::prove {

// Tells one sending thread what was done for it elsewhere; it looks by itself.
class Mailbox {
  public:
    struct Letter {
        std::uint32_t slot = 0;
        std::uint64_t generation = 0;    // of the slot's session when it was asked for
        std::optional<Session> session;  // a new one; none: the cancel request has arrived
    };
    void put(Letter letter);
    std::vector<Letter> take();

  private:
    std::mutex mutex_;
    std::vector<Letter> letters_;  // at most two for each connection
};

class Mender {
  public:
    Mender(const GeneratorOptions& options, const Workload& workload);
    // Gives up what it has not done.
    ~Mender();
    Mender(const Mender&) = delete;
    Mender& operator=(const Mender&) = delete;

    void reopen(std::uint32_t slot, std::uint64_t generation, std::shared_ptr<Mailbox> mailbox);
    // Why the last attempt failed.
    std::optional<Error> last_error();

  private:
    struct Job {
        std::uint32_t slot = 0;
        std::uint64_t generation = 0;
        std::shared_ptr<Mailbox> mailbox;
    };
    void work();
    bool do_job(const Job& job);
    const GeneratorOptions* options_;
    const Workload* workload_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;  // at most one for each connection
    std::optional<Error> last_error_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace hone::prove
