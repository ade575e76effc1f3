#include "prove/replay/log_sessions.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace hone::prove {

namespace {

constexpr std::string_view kClientBackend = "client backend";
// What hone asks for itself (postgres::Connection).
constexpr std::string_view kOwnApplication = "hone";

std::string why_left_out(StatementKind kind) {
    switch (kind) {
        case StatementKind::kForbidden:
            return "reaches outside of the database";
        case StatementKind::kUtility:
            return "utility statement";
        default:
            return "not understood";
    }
}

// "3/0" is what a session has between transactions.
std::string transaction_id(const std::string& text) {
    return text.ends_with("/0") ? "" : text;
}

// How many bytes a character takes that begins so; 0: none begins so.
std::size_t utf8_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

// As strict as RFC 3629, because a workload file is JSON.
bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = utf8_length(first);
        if (length == 0 || i + length > text.size()) return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0U;
        const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
        const bool outside = (first == 0xed && second > 0x9f) || (first == 0xf4 && second > 0x8f);
        if (overlong || outside) return false;
        i += length;
    }
    return true;
}

bool is_utf8(const LogEvent& event) {
    return is_utf8(event.sql) &&
           std::ranges::all_of(event.parameters, [](const RecordedValue& value) {
               return !value || is_utf8(*value);
           });
}

std::size_t bytes_of(const RecordedCall& call) {
    std::size_t bytes = sizeof(RecordedCall);
    for (const RecordedValue& value : call.parameters)
        bytes += sizeof(RecordedValue) + (value ? value->size() : 0);
    return bytes;
}

}  // namespace

void LogSessions::leave_out(const std::string& why, std::uint64_t calls) {
    if (calls > 0) left_out_[why] += calls;
}

void LogSessions::note_time(double at_seconds) {
    if (!timed_) first_seconds_ = last_seconds_ = at_seconds;
    timed_ = true;
    first_seconds_ = std::min(first_seconds_, at_seconds);
    last_seconds_ = std::max(last_seconds_, at_seconds);
}

std::uint32_t LogSessions::origin_of(const LogRecord& record) {
    const std::pair origin{record.database, record.user};
    const auto found = std::ranges::find(origins_, origin);
    if (found != origins_.end()) return static_cast<std::uint32_t>(found - origins_.begin());
    if (origins_.size() < kMostOrigins) origins_.push_back(origin);
    return static_cast<std::uint32_t>(origins_.size() - 1);
}

LogSessions::Session& LogSessions::session_of(const LogRecord& record) {
    if (const auto found = by_id_.find(record.session); found != by_id_.end()) {
        sessions_.splice(sessions_.begin(), sessions_, found->second);
        return sessions_.front();
    }
    if (sessions_.size() >= kMostSessions) {
        end(sessions_.back());
        by_id_.erase(sessions_.back().id);
        sessions_.pop_back();
    }
    Session session;
    session.id = record.session;
    session.origin = origin_of(record);
    sessions_.push_front(std::move(session));
    by_id_[record.session] = sessions_.begin();
    ++sessions_seen_;
    return sessions_.front();
}

bool LogSessions::take(const LogRecord& record) {
    const bool is_client = record.backend_type.empty() || record.backend_type == kClientBackend;
    if (!is_client || record.session.empty() || record.application == kOwnApplication)
        return !cut_off_;
    const LogEvent event = event_of(record);
    if (event.kind == LogEventKind::kOther) return !cut_off_;
    if (!is_utf8(record.database) || !is_utf8(record.user)) {
        leave_out("not valid UTF-8");
        return !cut_off_;
    }
    note_time(event.began_at_seconds);
    note_time(record.at_seconds);
    Session& session = session_of(record);
    switch (event.kind) {
        case LogEventKind::kStatement:
            take_statement(session, event, record);
            break;
        case LogEventKind::kFailure:
            fail(session, record);
            break;
        case LogEventKind::kContinuation:
            leave_out("more rows of a cursor");
            break;
        default:
            // Disconnected within a block: the server rolled back.
            session.in_block ? roll_back(session) : end(session);
            by_id_.erase(session.id);
            sessions_.pop_front();
            break;
    }
    return !cut_off_;
}

void LogSessions::take_statement(Session& session, const LogEvent& event, const LogRecord& record) {
    const std::string id = transaction_id(record.transaction);
    const bool continues = session.in_block || (!id.empty() && id == session.virtual_transaction);
    if (!continues) end(session);
    if (session.transaction.calls.empty() && !session.in_block)
        session.transaction.at_seconds = event.began_at_seconds;
    session.virtual_transaction = id;
    session.last_sql = event.sql;
    if (!is_utf8(event)) return leave_out("not valid UTF-8");
    const auto seen = catalogue_.see(event.sql);
    for (const SeenStatement& statement : seen) take_one(session, statement, event);
}

void LogSessions::take_one(Session& session, const SeenStatement& seen, const LogEvent& event) {
    switch (seen.kind) {
        case StatementKind::kRead:
        case StatementKind::kWrite:
            add_call(session, seen, event);
            break;
        case StatementKind::kBegin:
            begin(session, event.began_at_seconds);
            break;
        case StatementKind::kCommit:
            session.aborted ? roll_back(session) : end(session);
            break;
        case StatementKind::kRollback:
            roll_back(session);
            break;
        case StatementKind::kSavepoint:
            leave_out("savepoint");
            break;
        default:
            leave_out(why_left_out(seen.kind));
            break;
    }
}

void LogSessions::begin(Session& session, double at_seconds) {
    end(session);
    session.in_block = true;
    session.transaction.at_seconds = at_seconds;
}

void LogSessions::add_call(Session& session, const SeenStatement& seen, const LogEvent& event) {
    if (session.aborted) return leave_out("after an error in its transaction");
    if (!seen.statement) return leave_out("too many different statements");
    const bool needs_parameters = seen.parameters > 0;
    if (needs_parameters && (!event.has_parameters ||
                             event.parameters.size() < static_cast<std::size_t>(seen.parameters)))
        return leave_out("its parameters are not in the log");
    if (session.transaction.calls.size() >= kMostCallsOfTransaction)
        return leave_out("beyond 1000 statements of a transaction");
    RecordedCall call{*seen.statement, needs_parameters ? event.parameters : seen.constants};
    call.parameters.resize(needs_parameters ? static_cast<std::size_t>(seen.parameters)
                                            : seen.constants.size());
    parameter_bytes_ += bytes_of(call);
    session.writes = session.writes || seen.kind == StatementKind::kWrite;
    session.transaction.calls.push_back(std::move(call));
    cut_off_ = cut_off_ || parameter_bytes_ + catalogue_.bytes() >
                               static_cast<std::size_t>(kLargestRecording.count());
}

void LogSessions::fail(Session& session, const LogRecord& record) {
    auto& calls = session.transaction.calls;
    // A text that could not be parsed was never logged as a statement.
    if (!calls.empty() && !record.query.empty() && record.query == session.last_sql) {
        calls.pop_back();
        leave_out("failed");
    }
    session.aborted = session.in_block;
}

void LogSessions::end(Session& session) {
    RecordedTransaction& transaction = session.transaction;
    if (!transaction.calls.empty()) {
        transaction.atomic = session.in_block || transaction.calls.size() > 1;
        kept_.push_back({std::move(transaction), session.origin});
        cut_off_ = cut_off_ || kept_.size() >= kMostTransactions;
    }
    session.transaction = {};
    session.in_block = false;
    session.aborted = false;
    session.writes = false;
    session.virtual_transaction.clear();
}

void LogSessions::roll_back(Session& session) {
    if (session.writes) {
        leave_out("rolled back", session.transaction.calls.size());
        session.transaction.calls.clear();
    }
    end(session);
}

std::string LogSessions::busiest_database() const {
    std::map<std::string, std::uint64_t> transactions;
    for (const Kept& kept : kept_) ++transactions[origins_[kept.origin].first];
    std::string busiest;
    std::uint64_t most = 0;
    for (const auto& [database, count] : transactions)
        if (count > most) {
            busiest = database;
            most = count;
        }
    return busiest;
}

void LogSessions::select(Recording& recording) {
    std::vector<bool> users(origins_.size());
    for (Kept& kept : kept_) {
        if (origins_[kept.origin].first != recording.database) {
            leave_out("in another database", kept.transaction.calls.size());
            continue;
        }
        users[kept.origin] = true;
        kept.transaction.at_seconds -= first_seconds_;
        recording.transactions.push_back(std::move(kept.transaction));
    }
    kept_.clear();
    if (std::ranges::count(users, true) == 1)
        recording.user =
            origins_[static_cast<std::size_t>(std::ranges::find(users, true) - users.begin())]
                .second;
}

Recording LogSessions::finish(const std::string& database) {
    for (Session& session : sessions_) end(session);
    Recording recording;
    recording.from = RecordedFrom::kLog;
    recording.database = database.empty() ? busiest_database() : database;
    recording.seconds = last_seconds_ - first_seconds_;
    recording.sessions = sessions_seen_;
    recording.cut_off = cut_off_;
    select(recording);
    std::ranges::stable_sort(recording.transactions, {}, &RecordedTransaction::at_seconds);
    recording.statements = catalogue_.take();
    recording.left_out = std::move(left_out_);
    drop_unused_statements(recording);
    return recording;
}

void drop_unused_statements(Recording& recording) {
    constexpr auto kUnused = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> places(recording.statements.size(), kUnused);
    std::vector<RecordedStatement> used;
    for (RecordedTransaction& transaction : recording.transactions)
        for (RecordedCall& call : transaction.calls) {
            std::uint32_t& place = places[call.statement];
            if (place == kUnused) {
                place = static_cast<std::uint32_t>(used.size());
                used.push_back(std::move(recording.statements[call.statement]));
            }
            call.statement = place;
            ++used[place].calls;
        }
    recording.statements = std::move(used);
}

}  // namespace hone::prove
