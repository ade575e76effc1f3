#include "prove/replay/replay_workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "base/random.hpp"
#include "prove/replay/parameter_draw.hpp"
#include "prove/replay/sql_statement.hpp"

namespace hone::prove {

namespace {

constexpr auto kLeftOut = std::numeric_limits<std::uint32_t>::max();

// One stream of random numbers for each transaction, equal on every machine.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t operation, std::uint64_t number) {
    return seed ^ (operation * 0x9e3779b97f4a7c15ULL) ^ (number * 0xbf58476d1ce4e5b9ULL);
}

void bind(StatementCall& call, const RecordedValue& value) {
    if (value)
        call.bind_text(*value);
    else
        call.bind_null();
}

}  // namespace

ReplayWorkload::ReplayWorkload(std::shared_ptr<const Recording> recording,
                               const std::vector<bool>& usable, const std::vector<bool>& writes,
                               std::uint64_t seed)
    : recording_(std::move(recording)), seed_(seed) {
    keep_statements(usable);
    if (recording_->from == RecordedFrom::kLog)
        operations_of_log(writes);
    else
        operations_of_statements(writes);
    make_names_unique();
}

void ReplayWorkload::keep_statements(const std::vector<bool>& usable) {
    place_.assign(recording_->statements.size(), kLeftOut);
    for (std::size_t i = 0; i < place_.size(); ++i) {
        if (!usable[i]) continue;
        place_[i] = static_cast<std::uint32_t>(statements_.size());
        const RecordedStatement& statement = recording_->statements[i];
        statements_.push_back({fmt::format("s{}", i), statement.sql, statement.parameter_types});
    }
}

std::string ReplayWorkload::name_of(const std::vector<std::uint32_t>& kind) const {
    const std::string first = read_statement(recording_->statements[kind.front()].sql).short_name();
    return kind.size() == 1 ? first : fmt::format("{} +{}", first, kind.size() - 1);
}

void ReplayWorkload::make_names_unique() {
    std::map<std::string, int> seen;
    for (OperationInfo& operation : operations_)
        if (const int times = ++seen[operation.name]; times > 1)
            operation.name += fmt::format(" #{}", times);
}

// Most frequent first. What none of whose statements is kept is no kind.
std::vector<ReplayWorkload::Kind> ReplayWorkload::kinds_of_transactions() const {
    std::map<std::vector<std::uint32_t>, std::vector<std::uint32_t>> members;
    for (std::uint32_t i = 0; i < recording_->transactions.size(); ++i) {
        std::vector<std::uint32_t> statements;
        for (const RecordedCall& call : recording_->transactions[i].calls)
            if (place_[call.statement] != kLeftOut) statements.push_back(call.statement);
        if (!statements.empty()) members[statements].push_back(i);
    }
    std::vector<Kind> kinds;
    for (auto& [statements, transactions] : members)
        kinds.push_back({statements, std::move(transactions)});
    std::ranges::stable_sort(kinds, std::greater<>(),
                             [](const Kind& kind) { return kind.transactions.size(); });
    return kinds;
}

void ReplayWorkload::operations_of_log(const std::vector<bool>& writes) {
    const std::vector<Kind> kinds = kinds_of_transactions();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const auto& [statements, transactions] = kinds[i];
        if (i <= kMostOperations) {
            operations_.push_back(
                {i < kMostOperations ? name_of(statements) : "other transactions", false, 1});
            members_.emplace_back();
        }
        operations_.back().writes =
            operations_.back().writes ||
            std::ranges::any_of(statements, [&](std::uint32_t place) { return writes[place]; });
        members_.back().insert(members_.back().end(), transactions.begin(), transactions.end());
    }
    for (std::uint32_t operation = 0; operation < members_.size(); ++operation) schedule(operation);
    std::ranges::stable_sort(arrivals_, {}, &Arrival::at_seconds);
}

void ReplayWorkload::schedule(std::uint32_t operation) {
    auto& transactions = members_[operation];
    std::ranges::sort(transactions);
    for (std::uint64_t number = 0; number < transactions.size(); ++number)
        arrivals_.push_back(
            {recording_->transactions[transactions[number]].at_seconds, operation, number});
    rates_.push_back(static_cast<double>(transactions.size()) / recording_->seconds);
}

void ReplayWorkload::operations_of_statements(const std::vector<bool>& writes) {
    for (std::uint32_t i = 0; i < place_.size(); ++i) {
        if (place_[i] == kLeftOut) continue;
        operations_.push_back({name_of({i}), writes[i], 1});
        members_.push_back({i});
        rates_.push_back(static_cast<double>(recording_->statements[i].calls) /
                         recording_->seconds);
    }
}

void ReplayWorkload::draw_recorded(const RecordedTransaction& recorded,
                                   Transaction& transaction) const {
    transaction.atomic = recorded.atomic;
    for (const RecordedCall& recorded_call : recorded.calls) {
        if (place_[recorded_call.statement] == kLeftOut) continue;
        StatementCall& call = transaction.add(place_[recorded_call.statement]);
        for (const RecordedValue& value : recorded_call.parameters) bind(call, value);
    }
}

void ReplayWorkload::draw(std::size_t operation, std::uint64_t number,
                          Transaction& transaction) const {
    const auto& members = members_[operation];
    if (recording_->from == RecordedFrom::kLog) {
        draw_recorded(recording_->transactions[members[number % members.size()]], transaction);
        return;
    }
    Random random(mixed(seed_, operation, number));
    StatementCall& call = transaction.add(place_[members.front()]);
    for (const ParameterSource& source : recording_->statements[members.front()].parameters)
        bind(call, draw_value(source, random));
}

}  // namespace hone::prove
