#include "prove/load/session.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

constexpr const char* kBegin = "hone_begin";
constexpr const char* kCommit = "hone_commit";
constexpr const char* kRollback = "hone_rollback";
constexpr int kTextResults = 0;
// libpq has no SQLSTATE for a link that broke; the standard has.
constexpr const char* kLinkLost = "08006";

struct ResultCloser {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ResultCloser>;

std::string text_of(const char* text) {
    return printable(trim(text == nullptr ? "" : text));
}

bool is_failure(ExecStatusType status) {
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_COPY_IN ||
           status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

bool touched(const PGresult* result) {
    // "12" of "DELETE 12"; empty for what counts no rows.
    const char* rows = PQcmdTuples(const_cast<PGresult*>(result));
    return rows[0] != '\0' && std::strcmp(rows, "0") != 0;
}

Status wait_for(PGconn* connection, short events, Deadline deadline, const std::string& doing) {
    pollfd waiting{PQsocket(connection), events, 0};
    if (::poll(&waiting, 1, deadline.remaining_milliseconds()) > 0) return {};
    if (!deadline.expired()) return {};  // a signal
    return Error{ErrorCode::kDeadlineExceeded, doing, "the server did not answer in time",
                 "look at pg_stat_activity and the server's log"};
}

Error refused(PGconn* connection, const std::string& doing) {
    return {ErrorCode::kUnavailable, doing, text_of(PQerrorMessage(connection)),
            "the connection was lost: look at the server's log"};
}

Result<ResultPointer> next_result(PGconn* connection, Deadline deadline, const std::string& doing) {
    while (PQflush(connection) == 1 || PQisBusy(connection) != 0) {
        const short events = PQflush(connection) == 1 ? POLLIN | POLLOUT : POLLIN;
        HONE_TRY(wait_for(connection, events, deadline, doing));
        if (PQconsumeInput(connection) == 0) return refused(connection, doing);
    }
    return ResultPointer(PQgetResult(connection));
}

struct Preparation {
    const char* name;
    const char* sql;
    const std::vector<std::uint32_t>* types;
};

std::vector<Preparation> preparations_of(const Workload& workload) {
    static const std::vector<std::uint32_t> kNoTypes;
    std::vector<Preparation> all{{kBegin, "BEGIN", &kNoTypes},
                                 {kCommit, "COMMIT", &kNoTypes},
                                 {kRollback, "ROLLBACK", &kNoTypes}};
    for (const StatementText& statement : workload.statements())
        all.push_back({statement.name.c_str(), statement.sql.c_str(), &statement.parameter_types});
    return all;
}

bool send(PGconn* connection, const Preparation& preparation) {
    return PQsendPrepare(connection, preparation.name, preparation.sql,
                         static_cast<int>(preparation.types->size()),
                         preparation.types->data()) == 1 &&
           PQpipelineSync(connection) == 1;
}

Error not_prepared(const PGresult* result, const std::string& doing) {
    return Error(ErrorCode::kFailedPrecondition, doing,
                 text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)),
                 "check that the workload fits the schema of this database")
        .with_sqlstate(text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE)));
}

}  // namespace

Session::Session(postgres::Connection connection, const Workload& workload, int depth)
    : connection_(std::move(connection)),
      workload_(&workload),
      flights_(static_cast<std::size_t>(depth)) {}

Result<Session> Session::open(const GeneratorOptions& options, const Workload& workload,
                              Deadline deadline) {
    HONE_TRY_ASSIGN(auto connection,
                    postgres::Connection::open(options.conninfo, deadline, options.as));
    Session session(std::move(connection), workload, options.pipeline_depth);
    HONE_TRY(session.prepare_statements(deadline));
    return session;
}

Status Session::prepare_statements(Deadline deadline) {
    PGconn* connection = connection_.native();
    if (PQenterPipelineMode(connection) != 1) return refused(connection, "preparing statements");
    const auto preparations = preparations_of(*workload_);
    for (const Preparation& preparation : preparations)
        if (!prove::send(connection, preparation))
            return refused(connection, "preparing statements");
    for (const Preparation& preparation : preparations) {
        const std::string doing = "preparing the statement '" + std::string(preparation.name) + "'";
        // The result, the null that ends it, and that of the sync.
        for (int i = 0; i < 3; ++i) {
            HONE_TRY_ASSIGN(const ResultPointer result, next_result(connection, deadline, doing));
            if (PQstatus(connection) == CONNECTION_BAD) return refused(connection, doing);
            if (result && is_failure(PQresultStatus(result.get())))
                return not_prepared(result.get(), doing);
        }
    }
    return {};
}

int Session::socket() const {
    return PQsocket(connection_.native());
}

Flight& Session::prepare() {
    HONE_ASSERT(has_room());
    Flight& flight = flights_[(first_ + count_) % flights_.size()];
    flight.given_up = flight.touched_rows = flight.is_rollback = false;
    flight.sqlstate.clear();
    flight.words.clear();
    flight.transaction.clear();
    return flight;
}

void Session::launch() {
    Flight& flight = flights_[(first_ + count_) % flights_.size()];
    flight.rounds_left = flight.transaction.rounds_at_most;
    ++count_;
    send(flight);
}

bool Session::send_named(const char* name) {
    return PQsendQueryPrepared(connection_.native(), name, 0, nullptr, nullptr, nullptr,
                               kTextResults) == 1;
}

bool Session::send_call(const StatementCall& call) {
    const StatementText& statement = workload_->statements()[call.statement()];
    return PQsendQueryPrepared(connection_.native(), statement.name.c_str(),
                               static_cast<int>(call.parameters()), call.values(), call.lengths(),
                               call.formats(), kTextResults) == 1;
}

// What lies between two syncs is one transaction to the server. In a deeper pipeline that is all
// that holds an atomic one together: a BEGIN whose calls failed would drag those behind it down.
void Session::send(Flight& flight) {
    PGconn* connection = connection_.native();
    const auto calls = flight.transaction.calls();
    const bool atomic = flight.transaction.atomic;
    const bool explicitly = atomic && flights_.size() == 1;
    --flight.rounds_left;
    flight.touched_rows = false;
    flight.syncs_left = atomic || calls.empty() ? 1 : static_cast<int>(calls.size());

    bool sent = !explicitly || send_named(kBegin);
    for (const StatementCall& call : calls) {
        sent = sent && send_call(call);
        if (!atomic) sent = sent && PQpipelineSync(connection) == 1;
    }
    if (explicitly) sent = sent && send_named(kCommit);
    if (atomic || calls.empty()) sent = sent && PQpipelineSync(connection) == 1;
    // What could not be sent is found lost by the next read.
    if (sent) write();
}

void Session::send_rollback() {
    Flight& flight = prepare();
    flight.is_rollback = true;
    flight.syncs_left = 1;
    flight.rounds_left = 0;
    ++count_;
    if (send_named(kRollback) && PQpipelineSync(connection_.native()) == 1) write();
}

void Session::write() {
    wants_to_write_ = PQflush(connection_.native()) == 1;
}

void Session::absorb(Flight& flight, const pg_result* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_PIPELINE_SYNC) {
        --flight.syncs_left;
    } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        if (flight.rounds_left > 0 && touched(result)) flight.touched_rows = true;
    } else if (is_failure(status) && !flight.failed()) {
        flight.sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));
        flight.words = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
        if (flight.sqlstate.empty()) flight.sqlstate = kLinkLost;
        if (flight.words.empty()) flight.words = text_of(PQresultErrorMessage(result));
    }
}

void Session::take_results(const std::function<void(const Flight&)>& ended) {
    PGconn* connection = connection_.native();
    while (count_ > 0 && PQisBusy(connection) == 0) {
        const ResultPointer result(PQgetResult(connection));
        if (result == nullptr) {
            // The end of one command's results; on a broken link, of all.
            if (PQstatus(connection) == CONNECTION_BAD) return;
            continue;
        }
        absorb(flight(0), result.get());
        if (flight(0).syncs_left == 0) land(ended);
    }
}

bool Session::goes_another_round(const Flight& flight) const {
    return flight.touched_rows && flight.rounds_left > 0 && !flight.failed() && !flight.given_up;
}

void Session::land(const std::function<void(const Flight&)>& ended) {
    Flight& landed = flight(0);
    if (goes_another_round(landed)) {
        relaunch_first();
        return;
    }
    const bool rolled_back = landed.is_rollback;
    if (!rolled_back) ended(landed);
    remove_first();
    if (!rolled_back && PQtransactionStatus(connection_.native()) == PQTRANS_INERROR)
        send_rollback();
}

// Behind those that are on their way already.
void Session::relaunch_first() {
    const std::size_t from = first_;
    remove_first();
    const std::size_t to = (first_ + count_) % flights_.size();
    if (to != from) std::swap(flights_[from], flights_[to]);
    ++count_;
    send(flights_[to]);
}

void Session::remove_first() {
    first_ = (first_ + 1) % flights_.size();
    --count_;
}

void Session::read(const std::function<void(const Flight&)>& ended) {
    if (lost_) return;
    PGconn* connection = connection_.native();
    const bool alive = PQconsumeInput(connection) == 1;
    take_results(ended);
    if (!alive || PQstatus(connection) == CONNECTION_BAD) return abandon(ended);
    if (wants_to_write_) write();
}

void Session::abandon(const std::function<void(const Flight&)>& ended) {
    lost_ = true;
    wants_to_write_ = false;
    for (; count_ > 0; remove_first()) {
        Flight& flight = this->flight(0);
        if (flight.is_rollback) continue;
        if (!flight.failed()) {
            flight.sqlstate = kLinkLost;
            flight.words = "the connection was lost";
        }
        ended(flight);
    }
}

}  // namespace hone::prove
