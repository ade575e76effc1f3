#include "prove/load/generator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/interrupt.hpp"
#include "prove/load/demand.hpp"
#include "prove/load/mender.hpp"
#include "prove/load/run_options.hpp"
#include "prove/load/session.hpp"
#include "prove/load/steady_state.hpp"
#include "prove/load/worker.hpp"

namespace hone::prove {

namespace {

// Between the start of the threads and the first arrival.
constexpr std::chrono::milliseconds kHeadStart{5};
constexpr std::chrono::milliseconds kProgressEvery{200};
// How long a run goes on without any connection.
constexpr Seconds kPatienceWithoutConnections{10};
constexpr int kEpochsOfFirstHalf = 10;

constexpr const char* kDoing = "running the load";

// The threads of a run, and the wait for them.
class Crew {
  public:
    ~Crew() {
        for (std::thread& thread : threads_) thread.join();
    }
    void start(Worker& worker) {
        {
            const std::lock_guard lock(mutex_);
            ++running_;
        }
        threads_.emplace_back([this, &worker] {
            worker.run();
            const std::lock_guard lock(mutex_);
            --running_;
            ended_.notify_all();
        });
    }
    // True when all have ended; false after `patience`.
    bool wait(std::chrono::milliseconds patience) {
        std::unique_lock lock(mutex_);
        return ended_.wait_for(lock, patience, [this] { return running_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable ended_;
    int running_ = 0;
    std::vector<std::thread> threads_;
};

Error all_lost(Mender& mender) {
    const auto why = mender.last_error();
    return {ErrorCode::kUnavailable, kDoing,
            "every connection was lost" + (why ? " (" + why->message() + ")" : ""),
            "look at the server's log"};
}

// The first reason to end the run before its time.
class Watchman {
  public:
    Watchman(RunContext& context, Mender& mender, Deadline deadline)
        : context_(context), mender_(mender), deadline_(deadline) {}

    Status look() {
        if (take_interrupt()) return Error{ErrorCode::kCancelled, kDoing, "it was interrupted"};
        if (deadline_.expired())
            return Error{ErrorCode::kDeadlineExceeded, kDoing, "it took longer than allowed",
                         "give it more time, or a shorter run"};
        if (context_.connected.load() > 0) last_connected_ = monotonic_seconds();
        if (monotonic_seconds() - last_connected_ > kPatienceWithoutConnections.count())
            return all_lost(mender_);
        return {};
    }

  private:
    RunContext& context_;
    Mender& mender_;
    Deadline deadline_;
    double last_connected_ = monotonic_seconds();
};

void tell(Progress& progress, const RunContext& context) {
    const double at = Seconds{std::chrono::steady_clock::now() - context.start}.count();
    const double fraction = std::clamp(at / context.options->seconds, 0.0, 1.0);
    progress.update(fraction, fmt::format("{} transactions", context.completed.load()));
}

// Half a second without answers is as slow as the one before it.
std::vector<double> latency_series(const Tally& tally) {
    std::vector<double> series;
    for (const HalfSecond& half_second : tally.half_seconds()) {
        if (half_second.count > 0)
            series.push_back(half_second.sum_of_logarithms /
                             static_cast<double>(half_second.count));
        else if (!series.empty())
            series.push_back(series.back());
    }
    return series;
}

}  // namespace

struct LoadGenerator::State {
    GeneratorOptions options;
    const Workload* workload = nullptr;
    std::vector<std::optional<Session>> sessions;

    Status open_missing(Deadline deadline);
    TallyOptions tally_options(const RunOptions& run) const;
    Result<std::vector<std::unique_ptr<Worker>>> make_workers(RunContext& context);
    LoadReport report(const RunContext& context,
                      const std::vector<std::unique_ptr<Worker>>& workers) const;
};

Status LoadGenerator::State::open_missing(Deadline deadline) {
    for (auto& session : sessions) {
        if (session) continue;
        HONE_TRY_ASSIGN(session, Session::open(options, *workload, deadline));
    }
    return {};
}

TallyOptions LoadGenerator::State::tally_options(const RunOptions& run) const {
    return {.operations = workload->operations().size(),
            .seconds = run.seconds,
            .timeout_seconds = run.timeout_seconds,
            .epochs_of_first_half = run.find_steady_state ? kEpochsOfFirstHalf : 0};
}

Result<std::vector<std::unique_ptr<Worker>>> LoadGenerator::State::make_workers(
    RunContext& context) {
    std::vector<std::unique_ptr<Worker>> workers;
    const std::size_t threads =
        std::min(sessions.size(), static_cast<std::size_t>(options.threads));
    for (std::size_t i = 0; i < threads; ++i) {
        const std::size_t from = sessions.size() * i / threads;
        const std::size_t to = sessions.size() * (i + 1) / threads;
        HONE_TRY_ASSIGN(auto loop, EventLoop::create());
        workers.push_back(
            std::make_unique<Worker>(context, std::span(sessions).subspan(from, to - from),
                                     std::move(loop), tally_options(*context.options)));
    }
    return workers;
}

LoadReport LoadGenerator::State::report(const RunContext& context,
                                        const std::vector<std::unique_ptr<Worker>>& workers) const {
    const RunOptions& run = *context.options;
    LoadReport report;
    Tally tally(tally_options(run));
    for (const auto& worker : workers) {
        tally.merge(worker->tally());
        report.generator_cpu_seconds += worker->cpu_seconds();
    }
    std::size_t first_epoch = 0;
    if (run.find_steady_state) {
        const SteadyState state = find_steady_state(latency_series(tally));
        report.steady = state.reached;
        first_epoch = tally.epoch_from(static_cast<double>(state.first) * kHalfSecond);
    }
    tally.report(first_epoch, run.closed_loop ? run.closed_loop->think_seconds : 0,
                 workload->operations(), report);
    report.open_loop = run.open_loop.has_value();
    report.clients = run.open_loop ? run.open_loop->logical_clients : run.closed_loop->clients;
    Demand::Facts facts = context.demand->facts();
    report.longest_queue = facts.longest_queue;
    report.next_numbers = std::move(facts.next_numbers);
    return report;
}

LoadGenerator::LoadGenerator(std::unique_ptr<State> state) : state_(std::move(state)) {}
LoadGenerator::LoadGenerator(LoadGenerator&&) noexcept = default;
LoadGenerator& LoadGenerator::operator=(LoadGenerator&&) noexcept = default;
LoadGenerator::~LoadGenerator() = default;

Result<LoadGenerator> LoadGenerator::open(const GeneratorOptions& options, const Workload& workload,
                                          Deadline deadline) {
    HONE_TRY(validate(options));
    auto state = std::make_unique<State>();
    state->options = options;
    state->workload = &workload;
    state->sessions.resize(static_cast<std::size_t>(options.connections));
    HONE_TRY(state->open_missing(deadline));
    return LoadGenerator(std::move(state));
}

Result<LoadReport> LoadGenerator::run(const RunOptions& options, Progress& progress,
                                      Deadline deadline) {
    HONE_TRY(validate(options, state_->workload->operations().size()));
    HONE_TRY(state_->open_missing(deadline));
    Mender mender(state_->options, *state_->workload);
    const auto demand = make_demand(options, state_->workload->operations().size());
    RunContext context{.workload = state_->workload,
                       .options = &options,
                       .demand = demand.get(),
                       .mender = &mender,
                       .start = std::chrono::steady_clock::now() + kHeadStart};
    HONE_TRY_ASSIGN(const auto workers, state_->make_workers(context));
    Status early_end;
    {
        Crew crew;
        for (const auto& worker : workers) crew.start(*worker);
        Watchman watchman(context, mender, deadline);
        while (!crew.wait(kProgressEvery) && early_end.ok()) {
            tell(progress, context);
            early_end = watchman.look();
            context.stop = !early_end.ok();
        }
    }
    HONE_TRY(std::move(early_end));
    if (context.connected == 0) return all_lost(mender);
    return state_->report(context, workers);
}

}  // namespace hone::prove
