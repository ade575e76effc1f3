#include "prove/load/tally.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"

namespace hone::prove {

namespace {

constexpr double kLateSeconds = 0.001;

std::size_t slices(double seconds, double slice) {
    return static_cast<std::size_t>(std::ceil(seconds / slice));
}

void add(OperationReport& to, const OperationReport& from) {
    to.arrived += from.arrived;
    to.completed += from.completed;
    to.failed += from.failed;
    to.timed_out += from.timed_out;
    to.dropped += from.dropped;
    to.late += from.late;
    for (const auto& [sqlstate, count] : from.failures) to.failures[sqlstate] += count;
    if (to.first_failure.empty()) to.first_failure = from.first_failure;
    to.latency.merge(from.latency);
    to.service.merge(from.service);
}

}  // namespace

Tally::Tally(const TallyOptions& options)
    : options_(options),
      half_seconds_(slices(options.seconds, kHalfSecond)),
      completed_by_second_(slices(options.seconds, 1)) {
    HONE_ASSERT(options.seconds > 0 && options.epochs_of_first_half >= 0);
    epochs_.resize(static_cast<std::size_t>(options.epochs_of_first_half) + 1);
    for (Epoch& epoch : epochs_) epoch.operations.resize(options.operations);
}

double Tally::first_half_epoch_seconds() const {
    return options_.seconds / 2 / options_.epochs_of_first_half;
}

double Tally::starts_at(std::size_t epoch) const {
    return epoch == 0 ? 0 : static_cast<double>(epoch) * first_half_epoch_seconds();
}

std::size_t Tally::epoch_from(double seconds) const {
    std::size_t epoch = 0;
    while (epoch + 1 < epochs_.size() && starts_at(epoch) < seconds) ++epoch;
    return epoch;
}

Tally::Epoch& Tally::epoch_at(double seconds) {
    if (epochs_.size() == 1) return epochs_.front();
    const auto epoch =
        static_cast<std::size_t>(std::max(0.0, seconds) / first_half_epoch_seconds());
    return epochs_[std::min(epoch, epochs_.size() - 1)];
}

OperationReport& Tally::of(const Task& task) {
    return epoch_at(task.at_seconds).operations[task.operation];
}

void Tally::began(const Task& task, double now, double free_since) {
    Epoch& epoch = epoch_at(task.at_seconds);
    if (now - task.at_seconds > kLateSeconds) ++epoch.operations[task.operation].late;
    if (free_since <= task.at_seconds) epoch.schedule_error.record(now - task.at_seconds);
}

void Tally::ended(const Task& task, double now) {
    ++of(task).arrived;
    if (now >= options_.seconds) return;
    Epoch& epoch = epoch_at(now);
    ++epoch.ended;
    epoch.residence_seconds += now - task.at_seconds;
}

void Tally::completed(const Task& task, double began_at, double now) {
    ended(task, now);
    OperationReport& report = of(task);
    ++report.completed;
    const double latency = now - task.at_seconds;
    report.latency.record(latency);
    report.service.record(now - began_at);
    ++completed_so_far_;
    if (now >= options_.seconds) return;
    ++epoch_at(now).completed;
    ++completed_by_second_[static_cast<std::size_t>(now)];
    HalfSecond& half_second = half_seconds_[static_cast<std::size_t>(now / kHalfSecond)];
    ++half_second.count;
    constexpr double kShortest = 1e-9;
    half_second.sum_of_logarithms += std::log(std::max(latency, kShortest));
}

void Tally::failed(const Task& task, double now, const std::string& sqlstate,
                   const std::string& words) {
    ended(task, now);
    OperationReport& report = of(task);
    ++report.failed;
    ++report.failures[sqlstate];
    if (report.first_failure.empty()) report.first_failure = words;
    report.latency.record(options_.timeout_seconds);
}

void Tally::timed_out(const Task& task, double now) {
    ended(task, now);
    OperationReport& report = of(task);
    ++report.timed_out;
    report.latency.record(options_.timeout_seconds);
}

void Tally::dropped(const Task& task) {
    ended(task, task.at_seconds);
    OperationReport& report = of(task);
    ++report.dropped;
    report.latency.record(options_.timeout_seconds);
}

void Tally::merge(const Tally& other) {
    HONE_ASSERT(epochs_.size() == other.epochs_.size());
    for (std::size_t e = 0; e < epochs_.size(); ++e) {
        Epoch& to = epochs_[e];
        const Epoch& from = other.epochs_[e];
        for (std::size_t i = 0; i < to.operations.size(); ++i)
            add(to.operations[i], from.operations[i]);
        to.schedule_error.merge(from.schedule_error);
        to.completed += from.completed;
        to.ended += from.ended;
        to.residence_seconds += from.residence_seconds;
    }
    for (std::size_t i = 0; i < half_seconds_.size(); ++i) {
        half_seconds_[i].count += other.half_seconds_[i].count;
        half_seconds_[i].sum_of_logarithms += other.half_seconds_[i].sum_of_logarithms;
    }
    for (std::size_t i = 0; i < completed_by_second_.size(); ++i)
        completed_by_second_[i] += other.completed_by_second_[i];
    completed_so_far_ += other.completed_so_far_;
}

void Tally::report(std::size_t first_epoch, double think_seconds,
                   std::span<const OperationInfo> operations, LoadReport& report) const {
    report.warm_up_seconds = starts_at(first_epoch);
    report.seconds = options_.seconds - report.warm_up_seconds;
    report.operations.resize(operations.size());
    double arrived = 0;
    Epoch sum;
    for (std::size_t e = first_epoch; e < epochs_.size(); ++e) {
        for (std::size_t i = 0; i < operations.size(); ++i)
            add(report.operations[i], epochs_[e].operations[i]);
        report.schedule_error.merge(epochs_[e].schedule_error);
        sum.completed += epochs_[e].completed;
        sum.ended += epochs_[e].ended;
        sum.residence_seconds += epochs_[e].residence_seconds;
    }
    for (std::size_t i = 0; i < operations.size(); ++i) {
        OperationReport& operation = report.operations[i];
        operation.name = operations[i].name;
        operation.units = static_cast<double>(operation.completed) * operations[i].units;
        report.latency.merge(operation.latency);
        arrived += static_cast<double>(operation.arrived);
    }
    report.offered = arrived / report.seconds;
    report.achieved = static_cast<double>(sum.completed) / report.seconds;
    // Throughput x mean residence is the mean number inside; one that thinks is outside.
    report.clients_by_little =
        (sum.residence_seconds + static_cast<double>(sum.ended) * think_seconds) / report.seconds;
    report.achieved_by_second.clear();
    for (std::size_t second = 0; second < completed_by_second_.size(); ++second) {
        const double length = std::min(1.0, options_.seconds - static_cast<double>(second));
        report.achieved_by_second.push_back(static_cast<double>(completed_by_second_[second]) /
                                            length);
    }
}

}  // namespace hone::prove
