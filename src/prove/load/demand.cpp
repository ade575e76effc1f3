#include "prove/load/demand.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <mutex>
#include <utility>

#include "base/random.hpp"

namespace hone::prove {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

std::vector<std::uint64_t> first_numbers_of(const RunOptions& options, std::size_t operations) {
    if (!options.first_numbers.empty()) return options.first_numbers;
    return std::vector<std::uint64_t>(operations, 0);
}

std::unique_ptr<Arrivals> schedule_of(const RunOptions& options) {
    const OpenLoop& open_loop = *options.open_loop;
    if (open_loop.recorded) return recorded_arrivals(*open_loop.recorded);
    return make_arrivals({.rates = open_loop.rates,
                          .pacing = open_loop.pacing,
                          .seconds = options.seconds,
                          .seed = options.seed,
                          .first_numbers = options.first_numbers});
}

class ScheduledDemand : public Demand {
  public:
    ScheduledDemand(const RunOptions& options, std::size_t operations)
        : schedule_(schedule_of(options)),
          longest_allowed_(options.open_loop->longest_queue),
          seconds_(options.seconds),
          timeout_(options.timeout_seconds) {
        facts_.next_numbers = first_numbers_of(options, operations);
        advance();
    }

    std::optional<Task> take(double now, Tally& tally) override {
        const std::lock_guard lock(mutex_);
        admit(now, tally);
        if (queue_.empty()) return std::nullopt;
        const Task task = queue_.front();
        queue_.pop_front();
        note_length();
        return task;
    }

    void tend(double now, Tally& tally) override {
        const std::lock_guard lock(mutex_);
        admit(now, tally);
        note_length();
    }

    double next_at() override {
        const std::lock_guard lock(mutex_);
        if (!queue_.empty()) return queue_.front().at_seconds;
        return coming_ ? coming_->at_seconds : kNever;
    }

    void answered(const Task&, double) override {}

    bool over(double) override {
        const std::lock_guard lock(mutex_);
        return !coming_ && queue_.empty();
    }

    Facts facts() override {
        const std::lock_guard lock(mutex_);
        return facts_;
    }

  private:
    void advance() {
        coming_ = schedule_->next();
        if (coming_ && coming_->at_seconds >= seconds_) coming_.reset();
    }

    // In the order of time, so that it does not matter how late anybody looks: whoever waits in vain
    // leaves before the next one comes.
    void admit(double now, Tally& tally) {
        while (coming_ && coming_->at_seconds <= now) {
            give_up(coming_->at_seconds, tally);
            const Task task{.at_seconds = coming_->at_seconds,
                            .operation = coming_->operation,
                            .number = coming_->number};
            facts_.next_numbers[task.operation] = task.number + 1;
            if (queue_.size() < longest_allowed_)
                queue_.push_back(task);
            else
                tally.dropped(task);
            advance();
        }
        give_up(now, tally);
    }

    void give_up(double now, Tally& tally) {
        while (!queue_.empty() && queue_.front().at_seconds + timeout_ <= now) {
            tally.timed_out(queue_.front(), queue_.front().at_seconds + timeout_);
            queue_.pop_front();
        }
    }

    void note_length() {
        facts_.longest_queue = std::max<std::uint64_t>(facts_.longest_queue, queue_.size());
    }

    std::mutex mutex_;
    std::unique_ptr<Arrivals> schedule_;
    std::size_t longest_allowed_;
    double seconds_;
    double timeout_;
    std::optional<Arrival> coming_;
    std::deque<Task> queue_;  // no longer than longest_allowed_
    Facts facts_;
};

class ClientsDemand : public Demand {
  public:
    ClientsDemand(const RunOptions& options, std::size_t operations)
        : seconds_(options.seconds),
          timeout_(options.timeout_seconds),
          think_(options.closed_loop->think_seconds),
          random_(options.seed) {
        facts_.next_numbers = first_numbers_of(options, operations);
        double sum = 0;
        for (const double weight : options.closed_loop->weights) upto_.push_back(sum += weight);
        for (int client = 0; client < options.closed_loop->clients; ++client)
            waiting_.push_back({.at_seconds = 0, .client = static_cast<std::uint32_t>(client)});
    }

    std::optional<Task> take(double now, Tally& tally) override {
        const std::lock_guard lock(mutex_);
        give_up(now, tally);
        if (now >= seconds_ || waiting_.empty() || waiting_.front().at_seconds > now)
            return std::nullopt;
        const Waiting first = waiting_.front();
        waiting_.pop_front();
        return task_for(first);
    }

    void tend(double now, Tally& tally) override {
        const std::lock_guard lock(mutex_);
        give_up(now, tally);
    }

    double next_at() override {
        const std::lock_guard lock(mutex_);
        return waiting_.empty() ? kNever : waiting_.front().at_seconds;
    }

    void answered(const Task& task, double now) override {
        const std::lock_guard lock(mutex_);
        // All think equally long: the order in which they return is the order in which they left.
        waiting_.push_back({.at_seconds = now + think_, .client = task.client});
    }

    bool over(double now) override { return now >= seconds_; }

    Facts facts() override {
        const std::lock_guard lock(mutex_);
        return facts_;
    }

  private:
    struct Waiting {
        double at_seconds = 0;
        std::uint32_t client = 0;
    };

    Task task_for(const Waiting& waiting) {
        const double draw = random_.unit() * upto_.back();
        const auto chosen = std::upper_bound(upto_.begin(), upto_.end(), draw);
        const auto operation = static_cast<std::size_t>(chosen - upto_.begin());
        return {.at_seconds = waiting.at_seconds,
                .operation = static_cast<std::uint32_t>(operation),
                .client = waiting.client,
                .number = facts_.next_numbers[operation]++};
    }

    void give_up(double now, Tally& tally) {
        const double last = std::min(now, seconds_);
        while (!waiting_.empty() && waiting_.front().at_seconds + timeout_ <= last) {
            const Waiting first = waiting_.front();
            waiting_.pop_front();
            tally.timed_out(task_for(first), first.at_seconds + timeout_);
            waiting_.push_back({.at_seconds = now + think_, .client = first.client});
        }
    }

    std::mutex mutex_;
    double seconds_;
    double timeout_;
    double think_;
    Random random_;
    std::vector<double> upto_;     // the sum of the weights up to each operation
    std::deque<Waiting> waiting_;  // one entry for each client that is not being served
    Facts facts_;
};

}  // namespace

std::unique_ptr<Demand> make_demand(const RunOptions& options, std::size_t operations) {
    if (options.open_loop) return std::make_unique<ScheduledDemand>(options, operations);
    return std::make_unique<ClientsDemand>(options, operations);
}

}  // namespace hone::prove
