#include "raw_client.hpp"

#include <libpq-fe.h>

#include <ctime>
#include <utility>

namespace hone::bench {

namespace {

Error lost(PGconn* connection) {
    return {ErrorCode::kUnavailable, "running the raw client", PQerrorMessage(connection)};
}

}  // namespace

double thread_cpu_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

Result<RawClient> RawClient::open(const postgres::ScratchServer& server,
                                  const OneStatement& workload, int connections,
                                  Deadline deadline) {
    RawClient client;
    client.workload_ = &workload;
    for (int i = 0; i < connections; ++i) {
        HONE_TRY_ASSIGN(postgres::Connection connection, server.connect(deadline));
        PGconn* raw = connection.native();
        const std::unique_ptr<PGresult, void (*)(PGresult*)> prepared(
            PQprepare(raw, "account", workload.statements()[0].sql.c_str(), 0, nullptr), PQclear);
        if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) return lost(raw);
        client.connections_.push_back(std::move(connection));
    }
    return client;
}

int RawClient::socket(std::size_t connection) const {
    return PQsocket(connections_[connection].native());
}

Status RawClient::send(std::size_t connection) {
    PGconn* raw = connections_[connection].native();
    transaction_.clear();
    workload_->draw(0, sent_++, transaction_);
    const prove::StatementCall& call = transaction_.calls()[0];
    if (PQsendQueryPrepared(raw, "account", 1, call.values(), call.lengths(), call.formats(), 0) !=
            1 ||
        PQflush(raw) != 0)
        return lost(raw);
    return {};
}

Result<bool> RawClient::read(std::size_t connection) {
    PGconn* raw = connections_[connection].native();
    if (PQconsumeInput(raw) != 1) return lost(raw);
    while (PQisBusy(raw) == 0) {
        const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(raw), PQclear);
        if (result == nullptr) {
            ++answered_;
            return true;
        }
    }
    return false;
}

}  // namespace hone::bench
