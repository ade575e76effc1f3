#include "bench/kaspa/sender.hpp"

#include <libpq-fe.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace hone::bench {

namespace {

struct ResultCloser {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ResultCloser>;

Status checked(const PGresult* result, const std::string& what) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
    return Error{ErrorCode::kFailedPrecondition, "running '" + what + "'",
                 printable(PQresultErrorMessage(result))};
}

}  // namespace

void Sender::Closer::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

Result<Sender> Sender::open(const std::string& conninfo, const prove::Workload& workload) {
    Sender sender(std::unique_ptr<pg_conn, Closer>(PQconnectdb(conninfo.c_str())), workload);
    PGconn* raw = sender.connection_.get();
    if (PQstatus(raw) != CONNECTION_OK)
        return Error{ErrorCode::kUnavailable, "connecting", printable(PQerrorMessage(raw))};
    for (const prove::StatementText& statement : workload.statements()) {
        const ResultPointer result(PQprepare(raw, statement.name.c_str(), statement.sql.c_str(),
                                             static_cast<int>(statement.parameter_types.size()),
                                             statement.parameter_types.data()));
        HONE_TRY(checked(result.get(), statement.name));
    }
    return sender;
}

Result<std::int64_t> Sender::send(const std::string& operation, std::uint64_t number) {
    const auto infos = workload_->operations();
    const auto found =
        std::find_if(infos.begin(), infos.end(),
                     [&](const prove::OperationInfo& info) { return info.name == operation; });
    HONE_ASSERT(found != infos.end());
    transaction_.clear();
    workload_->draw(static_cast<std::size_t>(found - infos.begin()), number, transaction_);
    std::int64_t sum = 0;
    for (int left = transaction_.rounds_at_most; left > 0; --left) {
        if (transaction_.atomic) HONE_TRY(run("BEGIN"));
        HONE_TRY_ASSIGN(const std::int64_t touched, round(transaction_));
        if (transaction_.atomic) HONE_TRY(run("COMMIT"));
        sum += touched;
        if (touched == 0) break;
    }
    return sum;
}

void Sender::report_statistics() {
    static_cast<void>(run("SELECT pg_stat_force_next_flush()").ok());
}

Status Sender::run(const char* sql) {
    const ResultPointer result(PQexec(connection_.get(), sql));
    return checked(result.get(), sql);
}

Result<std::int64_t> Sender::round(const prove::Transaction& transaction) {
    std::int64_t touched = 0;
    for (const prove::StatementCall& call : transaction.calls()) {
        const std::string& name = workload_->statements()[call.statement()].name;
        const ResultPointer result(
            PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(call.parameters()),
                           call.values(), call.lengths(), call.formats(), 0));
        HONE_TRY(checked(result.get(), name));
        touched += parse_integer(PQcmdTuples(result.get())).value_or(0);
    }
    return touched;
}

}  // namespace hone::bench
