#include "prove/load/mender.hpp"

#include <algorithm>
#include <utility>

namespace hone::prove {

namespace {

constexpr Seconds kAttempt{2};
constexpr Seconds kShortestPause{0.05};
constexpr Seconds kLongestPause{1};

}  // namespace

void Mailbox::put(Letter letter) {
    const std::lock_guard lock(mutex_);
    letters_.push_back(std::move(letter));
}

std::vector<Mailbox::Letter> Mailbox::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
}

Mender::Mender(const GeneratorOptions& options, const Workload& workload)
    : options_(&options), workload_(&workload), thread_([this] { work(); }) {}

Mender::~Mender() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Mender::reopen(std::uint32_t slot, std::uint64_t generation,
                    std::shared_ptr<Mailbox> mailbox) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back({slot, generation, std::move(mailbox)});
    }
    changed_.notify_all();
}

std::optional<Error> Mender::last_error() {
    const std::lock_guard lock(mutex_);
    return last_error_;
}

bool Mender::do_job(const Job& job) {
    auto session = Session::open(*options_, *workload_, Deadline::after(kAttempt));
    if (session.ok()) {
        job.mailbox->put({job.slot, job.generation, std::move(session).value()});
        return true;
    }
    const std::lock_guard lock(mutex_);
    last_error_ = std::move(session).error();
    return false;
}

void Mender::work() {
    Seconds pause = kShortestPause;
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        const Job job = jobs_.front();
        jobs_.pop_front();
        lock.unlock();
        const bool done = do_job(job);
        lock.lock();
        if (done) {
            pause = kShortestPause;
            continue;
        }
        jobs_.push_front(job);
        changed_.wait_for(lock, pause, [this] { return stopping_; });
        pause = std::min(pause * 2, kLongestPause);
    }
}

}  // namespace hone::prove
