// prove/load/worker.hpp - one thread of a run: takes what is due, sends it on a free connection of
// its own, and counts what comes back.
//
// Threads  run() on a thread of its own; everything else before it or after it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "prove/load/demand.hpp"
#include "prove/load/event_loop.hpp"
#include "prove/load/mender.hpp"

namespace hone::prove {

// What the threads of a run have in common.
struct RunContext {
    const Workload* workload = nullptr;
    const RunOptions* options = nullptr;
    Demand* demand = nullptr;
    Mender* mender = nullptr;
    EventLoop::Moment start;
    std::atomic<bool> stop{false};
    std::atomic<int> connected{0};
    std::atomic<std::uint64_t> completed{0};
};

class Worker {
  public:
    // Uses `sessions` until run() has returned; leaves empty what was lost.
    Worker(RunContext& context, std::span<std::optional<Session>> sessions,
           std::unique_ptr<EventLoop> loop, const TallyOptions& tally);
    // Until the demand is over and everything was answered, failed or timed out.
    void run();

    const Tally& tally() const { return tally_; }
    double cpu_seconds() const { return cpu_seconds_; }

  private:
    // A connection on which a statement is being cancelled gets no work: a request that arrives late
    // would meet the next statement.
    enum class Cancelling { kNo, kAsked, kArrived };
    struct Slot {
        std::optional<Session>* session = nullptr;
        std::uint64_t generation = 0;  // counts the sessions it has had
        Cancelling cancelling = Cancelling::kNo;
        double give_up_at = 0;  // when the cancelled answer has not come
        bool watches_for_room = false;
    };
    double now() const;
    EventLoop::Moment moment_of(double seconds) const;
    bool finished(double now) const;
    EventLoop::Moment next_moment(double now) const;
    bool takes_work(const Slot& slot) const;
    std::uint32_t number_of(const Slot& slot) const;
    Slot* free_slot();
    void enrol(Slot& slot, double now);
    void leave(Slot& slot);
    void start_due();
    void start(Slot& slot, const Task& task);
    void serve(const EventLoop::Ready& ready);
    void ended(const Flight& flight, double now);
    void after_traffic(Slot& slot, double now);
    void check(double now);
    void check_slot(Slot& slot, double now);
    void cancel(Slot& slot, double now);
    void replace(Slot& slot);
    void read_mail(double now);

    RunContext& context_;
    std::unique_ptr<EventLoop> loop_;
    std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
    std::vector<Slot> slots_;
    std::size_t last_used_ = 0;
    double free_since_ = 0;
    double next_check_ = 0;
    double cpu_seconds_ = 0;
    std::uint64_t reported_ = 0;
    Tally tally_;
};

}  // namespace hone::prove
