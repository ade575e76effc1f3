#include "prove/replay/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "prove/replay/replay_workload.hpp"
#include "prove/replay/server_judgement.hpp"
#include "prove/replay/server_syntax.hpp"
#include "prove/replay/sql_statement.hpp"
#include "prove/replay/workload_file.hpp"

namespace hone::prove {

namespace {

// More arrivals than that in one run are more than a generator could hold at once.
constexpr std::size_t kMostArrivals = 20'000'000;
constexpr std::string_view kReadOnlyOption = "-c default_transaction_read_only=on";

// Why a statement cannot be part of this replay; "" where it can. The texts are judged anew: a file
// may have been edited.
std::string refusal(const RecordedStatement& statement, const SqlStatement& facts, bool is_drawn,
                    bool with_writes) {
    if (facts.kind == StatementKind::kWrite && !with_writes) return "writes";
    if (facts.kind == StatementKind::kForbidden) return "reaches outside of the database";
    if (facts.kind != StatementKind::kRead && facts.kind != StatementKind::kWrite)
        return "not a statement that can be replayed";
    const bool unknown = std::ranges::any_of(statement.parameters, [](const auto& parameter) {
        return parameter.knowledge == Knowledge::kUnknown ||
               parameter.knowledge == Knowledge::kRecorded;
    });
    if (is_drawn && unknown) return "nothing is known of its parameters";
    return {};
}

std::string percent_encoded(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
        encoded +=
            plain ? std::string(1, c)
                  : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    return encoded;
}

bool is_uri(std::string_view conninfo) {
    return conninfo.starts_with("postgres://") || conninfo.starts_with("postgresql://");
}

// The last one of a keyword wins, in both forms.
std::string with_keyword(std::string conninfo, std::string_view keyword, std::string_view value) {
    if (is_uri(conninfo))
        return conninfo + (conninfo.find('?') == std::string::npos ? "?" : "&") +
               fmt::format("{}={}", keyword, percent_encoded(value));
    return fmt::format("{} {}={}", conninfo, keyword, quoted_conninfo_value(value));
}

Error nothing_left(const LeftOut& left_out, const ReplayOptions& options) {
    std::string wrong = "nothing of it can be replayed";
    for (const auto& [why, calls] : left_out) wrong += fmt::format("; {}: {}", why, calls);
    return {ErrorCode::kFailedPrecondition, "preparing the replay", std::move(wrong),
            options.with_writes ? "record again, with parameters in the log"
                                : "writes are replayed on a scratch copy, with --with-writes"};
}

// What the server would refuse at every call.
Status check_parameters(const Recording& recording, const std::vector<SqlStatement>& facts) {
    const Error mismatch{ErrorCode::kDataLoss, "preparing the replay",
                         "a call has not as many parameters as its statement",
                         "the file was edited or is damaged: record again"};
    for (const RecordedTransaction& transaction : recording.transactions)
        for (const RecordedCall& call : transaction.calls)
            if (std::cmp_not_equal(call.parameters.size(), facts[call.statement].parameters))
                return mismatch;
    if (recording.from == RecordedFrom::kLog) return {};
    for (std::size_t i = 0; i < facts.size(); ++i)
        if (std::cmp_not_equal(recording.statements[i].parameters.size(), facts[i].parameters))
            return mismatch;
    return {};
}

Status rebuild(ReplayRun& run) {
    const Recording& recording = *run.recording;
    const bool is_drawn = recording.from == RecordedFrom::kStatements;
    std::vector<bool> usable;
    std::vector<bool> writes;
    std::vector<SqlStatement> facts;
    run.left_out = recording.left_out;
    for (std::size_t i = 0; i < recording.statements.size(); ++i) {
        const RecordedStatement& statement = recording.statements[i];
        facts.push_back(read_statement(statement.sql));
        std::string why = refusal(statement, facts.back(), is_drawn, run.options.with_writes);
        if (why.empty()) why = run.refused[i];
        if (!why.empty()) run.left_out[why] += statement.calls;
        usable.push_back(why.empty());
        writes.push_back(facts.back().kind == StatementKind::kWrite);
    }
    HONE_TRY(check_parameters(recording, facts));
    auto workload =
        std::make_shared<const ReplayWorkload>(run.recording, usable, writes, run.options.seed);
    if (workload->operations().empty()) return nothing_left(run.left_out, run.options);
    run.rates = workload->rates();
    run.seconds = recording.seconds;
    run.arrivals = {workload, &workload->arrivals()};
    run.workload = std::move(workload);
    return {};
}

// As many times through the recording as the seconds need.
std::vector<Arrival> repeated(const std::vector<Arrival>& once, double once_seconds,
                              std::size_t operations, const ReplayPace& pace) {
    std::vector<std::uint64_t> numbers(operations);
    for (const Arrival& arrival : once) ++numbers[arrival.operation];
    const double length = once_seconds / pace.speed;
    const double seconds = pace.seconds > 0 ? pace.seconds : length;
    std::vector<Arrival> all;
    for (std::uint64_t pass = 0; static_cast<double>(pass) * length < seconds; ++pass)
        for (const Arrival& arrival : once) {
            const double at = static_cast<double>(pass) * length + arrival.at_seconds / pace.speed;
            if ((pace.seconds > 0 && at >= seconds) || all.size() >= kMostArrivals) return all;
            all.push_back(
                {at, arrival.operation, arrival.number + pass * numbers[arrival.operation]});
        }
    return all;
}

}  // namespace

OpenLoop ReplayRun::open_loop(const ReplayPace& pace) const {
    HONE_ASSERT(pace.speed > 0);
    OpenLoop load;
    if (recording->from == RecordedFrom::kLog) {
        load.recorded = std::make_shared<std::vector<Arrival>>(
            repeated(*arrivals, seconds, workload->operations().size(), pace));
        return load;
    }
    for (const double rate : rates) load.rates.push_back(rate * pace.speed);
    return load;
}

std::string ReplayRun::conninfo(const std::string& base) const {
    std::string full = with_keyword(base, "dbname", recording->database);
    if (!recording->user.empty()) full = with_keyword(full, "user", recording->user);
    full = with_keyword(full, "client_encoding", "UTF8");  // as the file is
    return with_keyword(full, "options", options.with_writes ? "" : kReadOnlyOption);
}

std::string ReplayRun::description() const {
    double rate = 0;
    for (const double of_operation : rates) rate += of_operation;
    return fmt::format(
        "{}, recorded from {}: {} kinds of transactions, {:.1f} per second over {:.0f} s",
        recording->database, recording->from == RecordedFrom::kLog ? "a log" : "pg_stat_statements",
        rates.size(), rate, seconds);
}

Result<ReplayRun> make_replay(std::shared_ptr<const Recording> recording,
                              const ReplayOptions& options) {
    ReplayRun run;
    run.options = options;
    run.recording = std::move(recording);
    run.refused.assign(run.recording->statements.size(), {});
    HONE_TRY(rebuild(run));
    return run;
}

Result<ReplayRun> open_workload_file(const std::filesystem::path& file,
                                     const ReplayOptions& options) {
    HONE_TRY_ASSIGN(Recording recording, read_workload_file(file));
    return make_replay(std::make_shared<const Recording>(std::move(recording)), options)
        .with_context("opening the workload '" + file.string() + "'");
}

Status fit(ReplayRun& run, postgres::Connection& connection, Deadline deadline) {
    HONE_TRY(refuse_what_fails(*run.recording, run.refused, connection, deadline));
    if (!run.options.with_writes)
        HONE_TRY(refuse_side_effects(*run.recording, run.refused, connection, deadline));
    return rebuild(run);
}

}  // namespace hone::prove
