#include "prove/load/worker.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <limits>
#include <utility>

namespace hone::prove {

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
// How often timeouts are looked for. They count at the timeout's value, however late they are seen.
constexpr double kCheckEvery = 0.02;
// How long a cancelled statement may take to end before its connection is given up.
constexpr double kCancelPatience = 2;

double thread_cpu_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

}  // namespace

Worker::Worker(RunContext& context, std::span<std::optional<Session>> sessions,
               std::unique_ptr<EventLoop> loop, const TallyOptions& tally)
    : context_(context), loop_(std::move(loop)), slots_(sessions.size()), tally_(tally) {
    for (std::size_t i = 0; i < sessions.size(); ++i) slots_[i].session = &sessions[i];
}

double Worker::now() const {
    return Seconds{std::chrono::steady_clock::now() - context_.start}.count();
}

EventLoop::Moment Worker::moment_of(double seconds) const {
    return context_.start +
           std::chrono::duration_cast<EventLoop::Moment::duration>(Seconds{seconds});
}

std::uint32_t Worker::number_of(const Slot& slot) const {
    return static_cast<std::uint32_t>(&slot - slots_.data());
}

bool Worker::takes_work(const Slot& slot) const {
    return *slot.session && (*slot.session)->has_room() && slot.cancelling == Cancelling::kNo;
}

bool Worker::finished(double now) const {
    if (now < context_.options->seconds || !context_.demand->over(now)) return false;
    return std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
        return !*slot.session ||
               ((*slot.session)->in_flight() == 0 && slot.cancelling == Cancelling::kNo);
    });
}

EventLoop::Moment Worker::next_moment(double now) const {
    double next = next_check_;
    if (free_since_ != kNever) next = std::min(next, context_.demand->next_at());
    if (now < context_.options->seconds) next = std::min(next, context_.options->seconds);
    return moment_of(next);
}

void Worker::run() {
    const double cpu_before = thread_cpu_seconds();
    EventLoop::ask_for_exact_timers();
    for (Slot& slot : slots_)
        if (*slot.session) enrol(slot, 0);
    for (double at = now(); !context_.stop && !finished(at); at = now()) {
        for (const auto& ready : loop_->wait_until(next_moment(at))) serve(ready);
        start_due();
        if (const double later = now(); later >= next_check_) check(later);
    }
    for (Slot& slot : slots_) leave(slot);
    cpu_seconds_ = thread_cpu_seconds() - cpu_before;
}

// What a run that was stopped left on its way must not end in the next one.
void Worker::leave(Slot& slot) {
    if (!*slot.session) return;
    loop_->forget((*slot.session)->socket());
    if ((*slot.session)->in_flight() > 0 || slot.cancelling != Cancelling::kNo)
        slot.session->reset();
}

// The connection with the fewest transactions on their way, and of those the one after that which
// was used last: all backends get their share.
Worker::Slot* Worker::free_slot() {
    Slot* best = nullptr;
    for (std::size_t i = 1; i <= slots_.size(); ++i) {
        Slot& slot = slots_[(last_used_ + i) % slots_.size()];
        if (!takes_work(slot)) continue;
        if (best == nullptr || (*slot.session)->in_flight() < (*best->session)->in_flight())
            best = &slot;
        if ((*best->session)->in_flight() == 0) break;
    }
    return best;
}

void Worker::start_due() {
    while (free_since_ != kNever) {
        Slot* slot = free_slot();
        if (slot == nullptr) {
            free_since_ = kNever;
            return;
        }
        const auto task = context_.demand->take(now(), tally_);
        if (!task) return;
        start(*slot, *task);
    }
}

void Worker::start(Slot& slot, const Task& task) {
    last_used_ = number_of(slot);
    Session& session = **slot.session;
    Flight& flight = session.prepare();
    flight.task = task;
    context_.workload->draw(task.operation, task.number, flight.transaction);
    flight.began_at = now();
    tally_.began(task, flight.began_at, free_since_);
    session.launch();
    after_traffic(slot, flight.began_at);
}

void Worker::ended(const Flight& flight, double now) {
    if (flight.given_up) return;
    if (now - flight.task.at_seconds >= context_.options->timeout_seconds)
        tally_.timed_out(flight.task, now);
    else if (flight.failed())
        tally_.failed(flight.task, now, flight.sqlstate, flight.words);
    else
        tally_.completed(flight.task, flight.began_at, now);
    context_.demand->answered(flight.task, now);
}

void Worker::serve(const EventLoop::Ready& ready) {
    Slot& slot = slots_[ready.tag];
    if (!*slot.session) return;
    Session& session = **slot.session;
    const double at = now();
    if (ready.readable) session.read([this, at](const Flight& flight) { ended(flight, at); });
    if (ready.writable && !session.lost()) session.write();
    after_traffic(slot, at);
    // At once, so that this backend need not wait until the others' answers are read.
    start_due();
}

void Worker::after_traffic(Slot& slot, double now) {
    Session& session = **slot.session;
    if (session.lost()) return replace(slot);
    if (session.wants_to_write() != slot.watches_for_room) {
        slot.watches_for_room = session.wants_to_write();
        loop_->set_wants_to_write(session.socket(), number_of(slot), slot.watches_for_room);
    }
    if (free_since_ == kNever && takes_work(slot)) free_since_ = now;
}

void Worker::check(double now) {
    next_check_ = now + kCheckEvery;
    context_.demand->tend(now, tally_);
    read_mail(now);
    for (Slot& slot : slots_)
        if (*slot.session) check_slot(slot, now);
    const std::uint64_t completed = tally_.completed_so_far();
    context_.completed.fetch_add(completed - std::exchange(reported_, completed),
                                 std::memory_order_relaxed);
}

void Worker::check_slot(Slot& slot, double now) {
    Session& session = **slot.session;
    const double timeout = context_.options->timeout_seconds;
    for (std::size_t i = 0; i < session.in_flight(); ++i) {
        Flight& flight = session.flight(i);
        if (flight.given_up || flight.is_rollback || flight.task.at_seconds + timeout > now)
            continue;
        tally_.timed_out(flight.task, flight.task.at_seconds + timeout);
        context_.demand->answered(flight.task, now);
        flight.given_up = true;
    }
    const bool awaits_nothing = session.in_flight() == 0 || !session.flight(0).given_up;
    if (slot.cancelling == Cancelling::kArrived && awaits_nothing) {
        slot.cancelling = Cancelling::kNo;
        after_traffic(slot, now);
    } else if (slot.cancelling == Cancelling::kNo && !awaits_nothing) {
        cancel(slot, now);
    } else if (slot.cancelling != Cancelling::kNo && now >= slot.give_up_at) {
        session.abandon([this, now](const Flight& flight) { ended(flight, now); });
        replace(slot);
    }
}

void Worker::cancel(Slot& slot, double now) {
    slot.cancelling = Cancelling::kAsked;
    slot.give_up_at = now + kCancelPatience;
    const auto letter = [mailbox = mailbox_, number = number_of(slot),
                         generation = slot.generation] {
        mailbox->put({.slot = number, .generation = generation, .session = std::nullopt});
    };
    (*slot.session)->canceller().request(letter);
}

void Worker::replace(Slot& slot) {
    loop_->forget((*slot.session)->socket());
    slot.session->reset();
    slot.cancelling = Cancelling::kNo;
    slot.watches_for_room = false;
    ++slot.generation;
    context_.connected.fetch_sub(1);
    context_.mender->reopen(number_of(slot), slot.generation, mailbox_);
}

void Worker::read_mail(double now) {
    for (Mailbox::Letter& letter : mailbox_->take()) {
        Slot& slot = slots_[letter.slot];
        if (letter.generation != slot.generation) continue;
        if (letter.session) {
            slot.session->emplace(std::move(*letter.session));
            enrol(slot, now);
        } else {
            slot.cancelling = Cancelling::kArrived;
        }
    }
}

void Worker::enrol(Slot& slot, double now) {
    context_.connected.fetch_add(1);
    if (!loop_->watch((*slot.session)->socket(), number_of(slot)).ok()) return replace(slot);
    if (free_since_ == kNever) free_since_ = now;
}

}  // namespace hone::prove
