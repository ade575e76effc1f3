#include "engines/postgres/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <future>
#include <system_error>
#include <thread>

#include "base/text.hpp"

namespace hone::postgres {

namespace {

// How long the answer to a cancel request may take before the link is given up.
constexpr Seconds kCancelPatience{2};
constexpr std::size_t kLongestServerMessage = 1000;

struct ResultCloser {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPointer = std::unique_ptr<PGresult, ResultCloser>;

struct OptionsCloser {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using OptionsPointer = std::unique_ptr<PQconninfoOption, OptionsCloser>;

std::string one_line(std::string_view text) {
    std::vector<std::string> words;
    for (const std::string_view word : split_words(text)) words.emplace_back(word);
    return printable(join(words, " "), kLongestServerMessage);
}

std::string option_value(const PQconninfoOption* options, std::string_view keyword) {
    for (; options != nullptr && options->keyword != nullptr; ++options)
        if (options->keyword == keyword) return options->val == nullptr ? "" : options->val;
    return "";
}

// A name without '=' is a database's name to libpq, and no connection string.
bool is_connection_string(std::string_view conninfo) {
    return conninfo.find('=') != std::string_view::npos || conninfo.starts_with("postgres://") ||
           conninfo.starts_with("postgresql://");
}

// Peer authentication exists on Unix sockets only; elsewhere another user would lose sight of the
// caller's own password file. A service file may say anything, so it counts as elsewhere.
bool goes_through_socket(const std::string& conninfo) {
    OptionsPointer options;
    if (is_connection_string(conninfo)) options.reset(PQconninfoParse(conninfo.c_str(), nullptr));
    const auto value = [&](std::string_view keyword, const char* variable) {
        const std::string given = option_value(options.get(), keyword);
        const char* inherited = std::getenv(variable);
        return !given.empty() || inherited == nullptr ? given : std::string(inherited);
    };
    if (!value("service", "PGSERVICE").empty() || !value("hostaddr", "PGHOSTADDR").empty())
        return false;
    const std::string host = value("host", "PGHOST");
    return host.empty() || host.starts_with('/') || host.starts_with('@');
}

// libpq quotes the piece of the connection string that it stumbled over, and that piece may belong
// to a password with a space in it.
std::string without_quoted_pieces(std::string_view text) {
    std::string clean;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
            clean += quoted ? "\"...\"" : "";
        } else if (!quoted) {
            clean += c;
        }
    }
    return clean;
}

std::optional<Error> malformed(const std::string& conninfo) {
    if (!is_connection_string(conninfo)) return std::nullopt;
    char* message = nullptr;
    const OptionsPointer options(PQconninfoParse(conninfo.c_str(), &message));
    if (options != nullptr) return std::nullopt;
    std::string wrong = one_line(message == nullptr ? "out of memory" : message);
    PQfreemem(message);
    if (conninfo.find("password") != std::string::npos || conninfo.find('@') != std::string::npos)
        wrong = without_quoted_pieces(wrong);
    return Error{ErrorCode::kInvalidArgument, "reading the connection string", std::move(wrong),
                 "write key=value pairs with quotes around values that have spaces, or a "
                 "postgresql:// URI"};
}

// With verbose errors libpq writes "FATAL:  28P01: password ..."; it has no other way to tell the
// SQLSTATE of a refused connection. The last one counts where several hosts were tried.
std::string sqlstate_in(std::string_view message) {
    std::string found;
    for (std::size_t at = message.find(":  "); at != std::string_view::npos;
         at = message.find(":  ", at + 1)) {
        const std::string_view code = message.substr(std::min(at + 3, message.size()), 5);
        const bool is_code = code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
                                 return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                             });
        if (is_code && message.substr(at + 8, 2) == ": ") found = code;
    }
    return found;
}

std::string readable_failure(std::string_view message, const std::string& sqlstate) {
    std::string text;
    for (const std::string_view line : split_lines(message))
        if (!line.starts_with("LOCATION:")) text += std::string(line) + "\n";
    text = one_line(text);
    if (sqlstate.empty()) return text;
    const std::string mark = " " + sqlstate + ": ";
    if (const std::size_t at = text.find(mark); at != std::string::npos)
        text.replace(at, mark.size(), " ");
    return text;
}

struct Explanation {
    std::string_view sqlstate;
    ErrorCode code;
    std::string_view advice;
};

constexpr std::array<Explanation, 6> kRefusals{{
    {"28P01", ErrorCode::kPermissionDenied,
     "check the password in PGPASSWORD, in ~/.pgpass or in the service file"},
    {"28000", ErrorCode::kPermissionDenied,
     "pg_hba.conf does not let this role in from here: name another role, or run hone as the "
     "operating-system user that the server runs as"},
    {"42501", ErrorCode::kPermissionDenied, "GRANT CONNECT ON DATABASE ... TO this role"},
    {"3D000", ErrorCode::kUnavailable, "name a database that exists, such as dbname=postgres"},
    {"53300", ErrorCode::kUnavailable,
     "all connections are taken: close idle sessions, or connect as a superuser, for whom some "
     "are reserved"},
    {"57P03", ErrorCode::kUnavailable,
     "the server is starting up, recovering or shutting down: try again in a moment"},
}};

std::string place_of(const PGconn* connection) {
    const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
    return fmt::format("connecting to the database '{}' as '{}' on '{}' port {}",
                       text(PQdb(connection)), text(PQuser(connection)), text(PQhost(connection)),
                       text(PQport(connection)));
}

Error refused(const PGconn* connection) {
    const std::string message = PQerrorMessage(connection);
    const std::string sqlstate = sqlstate_in(message);
    std::string wrong = readable_failure(message, sqlstate);
    for (const Explanation& known : kRefusals)
        if (known.sqlstate == sqlstate)
            return Error(known.code, place_of(connection), std::move(wrong),
                         std::string(known.advice))
                .with_sqlstate(sqlstate);
    if (PQconnectionNeedsPassword(connection) != 0)
        return {ErrorCode::kPermissionDenied, place_of(connection), std::move(wrong),
                "give the password in PGPASSWORD, in ~/.pgpass or in the service file"};
    return Error(ErrorCode::kUnavailable, place_of(connection), std::move(wrong),
                 "check that the server runs, and the host and port")
        .with_sqlstate(sqlstate);
}

// False when the deadline ran out first.
bool wait_for_socket(const PGconn* connection, short events, Deadline deadline) {
    for (;;) {
        pollfd waiting{PQsocket(connection), events, 0};
        const int ready = ::poll(&waiting, 1, deadline.remaining_milliseconds());
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;  // the next libpq call reports it
        if (deadline.expired()) return false;
    }
}

// connect_timeout is the user's own bound; libpq leaves it to its blocking calls.
Deadline with_connect_timeout(PGconn* connection, Deadline deadline) {
    const OptionsPointer options(PQconninfo(connection));
    const auto seconds = parse_integer(option_value(options.get(), "connect_timeout"));
    if (!seconds || *seconds <= 0) return deadline;
    return deadline.earlier_of(Deadline::after(Seconds(static_cast<double>(*seconds))));
}

Status finish_connecting(PGconn* connection, Deadline deadline) {
    deadline = with_connect_timeout(connection, deadline);
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        if (status == PGRES_POLLING_FAILED) return refused(connection);
        const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!wait_for_socket(connection, events, deadline))
            return Error{ErrorCode::kDeadlineExceeded, place_of(connection),
                         "the server did not answer in time",
                         "check that the server runs, the network, and connect_timeout"};
        status = PQconnectPoll(connection);
    }
    return {};
}

void ignore_notice(void*, const char*) {}

PGconn* start_connecting(const std::string& conninfo) {
    const std::array<const char*, 4> keywords{"fallback_application_name", "dbname",
                                              "client_encoding", nullptr};
    const std::array<const char*, 4> values{"hone", conninfo.c_str(), "UTF8", nullptr};
    return PQconnectStartParams(keywords.data(), values.data(), 1);
}

void request_cancel(const Canceller& canceller) {
    const auto done = std::make_shared<std::promise<void>>();
    std::future<void> noticed = done->get_future();
    canceller.request([done] { done->set_value(); });
    noticed.wait_for(kCancelPatience);
}

std::string summary_of(const std::string& sql) {
    return "running '" + printable(one_line(sql), 80) + "'";
}

Error link_lost(const PGconn* connection, const std::string& sql) {
    return Error(ErrorCode::kUnavailable, summary_of(sql), one_line(PQerrorMessage(connection)),
                 "the connection was lost: read back what the server has before going on")
        .with_outcome(Outcome::kUnknown);
}

Error given_up(const std::string& sql) {
    return {ErrorCode::kUnavailable, summary_of(sql), "the connection was given up",
            "connect again"};
}

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? "" : one_line(text);
}

Error statement_failed(const PGconn* connection, const PGresult* result, const std::string& sql) {
    const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
    std::string wrong = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (wrong.empty()) wrong = one_line(PQresultErrorMessage(result));
    if (const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty())
        wrong += " (" + detail + ")";
    ErrorCode code = ErrorCode::kFailedPrecondition;
    Outcome outcome = Outcome::kNotApplied;
    if (sqlstate == "42501") code = ErrorCode::kPermissionDenied;
    if (sqlstate == "57014") code = ErrorCode::kDeadlineExceeded;
    if (sqlstate.starts_with("53")) code = ErrorCode::kExhausted;
    const bool link_is_gone = PQstatus(connection) == CONNECTION_BAD || sqlstate.empty();
    if (sqlstate.starts_with("08") || sqlstate.starts_with("57P") || link_is_gone) {
        code = ErrorCode::kUnavailable;
        outcome = Outcome::kUnknown;
    }
    return Error(code, summary_of(sql), std::move(wrong), field(result, PG_DIAG_MESSAGE_HINT))
        .with_sqlstate(sqlstate)
        .with_outcome(outcome);
}

bool is_copy(const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

enum class Waited { kReady, kDeadline, kLost };

Waited flush(PGconn* connection, Deadline deadline) {
    for (;;) {
        const int left = PQflush(connection);
        if (left == 0) return Waited::kReady;
        if (left < 0) return Waited::kLost;
        if (!wait_for_socket(connection, POLLIN | POLLOUT, deadline)) return Waited::kDeadline;
        if (PQconsumeInput(connection) == 0) return Waited::kLost;
    }
}

Waited wait_for_result(PGconn* connection, Deadline deadline) {
    while (PQisBusy(connection) != 0) {
        if (!wait_for_socket(connection, POLLIN, deadline)) return Waited::kDeadline;
        // What was lost is told by the result that libpq makes of it.
        if (PQconsumeInput(connection) == 0) return Waited::kReady;
    }
    return Waited::kReady;
}

// The last result of the one statement; null with kReady: there was none.
Waited collect(PGconn* connection, Deadline deadline, ResultPointer& last) {
    for (;;) {
        if (const Waited waited = wait_for_result(connection, deadline); waited != Waited::kReady)
            return waited;
        ResultPointer next(PQgetResult(connection));
        if (next == nullptr) return Waited::kReady;
        last = std::move(next);
        if (is_copy(last.get())) return Waited::kReady;
    }
}

}  // namespace

const std::optional<std::string>& Rows::cell(std::size_t row, std::string_view column) const {
    const auto found = std::find(columns_.begin(), columns_.end(), column);
    HONE_ASSERT(row < rows_.size() && found != columns_.end());
    return rows_[row][static_cast<std::size_t>(found - columns_.begin())];
}

std::string Rows::text(std::size_t row, std::string_view column) const {
    return cell(row, column).value_or("");
}

Canceller::Canceller(pg_conn* connection)
    : cancel_(PQgetCancel(connection), [](PGcancel* cancel) { PQfreeCancel(cancel); }) {}

// PQcancel blocks without a bound where the server is frozen, so it waits in a thread of its own.
void Canceller::request(std::function<void()> done) const {
    if (cancel_ == nullptr) return;
    const auto ask = [cancel = cancel_, done = std::move(done)] {
        std::array<char, 256> message{};
        PQcancel(cancel.get(), message.data(), static_cast<int>(message.size()));
        done();
    };
    try {
        std::thread(ask).detach();
    } catch (const std::system_error&) {
        return;  // no thread to be had: as if the server were frozen
    }
}

void Connection::Closer::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::string& conninfo, Deadline deadline,
                                    std::optional<Identity> as) {
    if (auto error = malformed(conninfo)) return std::move(*error);
    std::optional<ScopedEffectiveUser> acting;
    if (as && goes_through_socket(conninfo)) acting.emplace(*as);
    Connection connection(start_connecting(conninfo));
    PGconn* raw = connection.connection_.get();
    if (raw == nullptr)
        return Error{ErrorCode::kExhausted, "connecting to PostgreSQL", "out of memory"};
    PQsetNoticeProcessor(raw, ignore_notice, nullptr);
    PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);
    if (PQstatus(raw) == CONNECTION_BAD) return refused(raw);
    HONE_TRY(finish_connecting(raw, deadline));
    PQsetErrorVerbosity(raw, PQERRORS_DEFAULT);
    if (PQsetnonblocking(raw, 1) != 0) return refused(raw);
    return connection;
}

Result<Rows> Connection::query(const std::string& sql,
                               const std::vector<std::optional<std::string>>& parameters,
                               Deadline deadline) {
    PGconn* raw = connection_.get();
    if (raw == nullptr) return given_up(sql);
    std::vector<const char*> values;
    for (const auto& parameter : parameters)
        values.push_back(parameter ? parameter->c_str() : nullptr);
    if (PQsendQueryParams(raw, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                          nullptr, nullptr, 0) == 0)
        return link_lost(raw, sql);
    return answer(sql, deadline);
}

Status Connection::script(const std::string& sql, Deadline deadline) {
    if (connection_ == nullptr) return given_up(sql);
    if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return link_lost(connection_.get(), sql);
    HONE_TRY(answer(sql, deadline));
    return {};
}

Status Connection::copy_in(const std::string& sql,
                           const std::function<Result<bool>(std::string& piece)>& next,
                           Deadline deadline) {
    PGconn* raw = connection_.get();
    if (raw == nullptr) return given_up(sql);
    if (PQsendQuery(raw, sql.c_str()) == 0) return link_lost(raw, sql);
    Waited waited = flush(raw, deadline);
    if (waited == Waited::kReady) waited = wait_for_result(raw, deadline);
    const ResultPointer result(waited == Waited::kReady ? PQgetResult(raw) : nullptr);
    Status fed;
    if (result != nullptr && PQresultStatus(result.get()) == PGRES_COPY_IN)
        fed = feed_copy(sql, next, deadline);
    else if (result != nullptr)
        fed = statement_failed(raw, result.get(), sql);
    auto answered = answer(sql, deadline);
    HONE_TRY(std::move(fed));
    HONE_TRY(std::move(answered));
    return {};
}

Status Connection::feed_copy(const std::string& sql,
                             const std::function<Result<bool>(std::string& piece)>& next,
                             Deadline deadline) {
    PGconn* raw = connection_.get();
    std::string piece;
    for (;;) {
        piece.clear();
        const auto more = next(piece);
        if (!more) {
            PQputCopyEnd(raw, "the sender gave up");
            return more.error();
        }
        if (!*more) break;
        if (PQputCopyData(raw, piece.data(), static_cast<int>(piece.size())) < 0)
            return link_lost(raw, sql);
        // Sent before the next piece is made, so that no more than one waits in memory.
        if (flush(raw, deadline) != Waited::kReady) break;
    }
    PQputCopyEnd(raw, deadline.expired() ? "the deadline ran out" : nullptr);
    return {};
}

Result<Rows> Connection::answer(const std::string& sql, Deadline deadline) {
    PGconn* raw = connection_.get();
    ResultPointer result;
    Waited waited = flush(raw, deadline);
    if (waited == Waited::kReady) waited = collect(raw, deadline, result);
    if (waited == Waited::kDeadline) {
        request_cancel(canceller());
        waited = collect(raw, Deadline::after(kCancelPatience), result);
    }
    if (waited == Waited::kDeadline) {
        connection_.reset();  // an answer that comes later would be taken for the next query's
        return Error(ErrorCode::kDeadlineExceeded, summary_of(sql),
                     "the server neither answered nor cancelled it in time",
                     "look at pg_stat_activity, then try again with a longer --timeout")
            .with_outcome(Outcome::kUnknown);
    }
    if (waited == Waited::kLost || result == nullptr) return link_lost(raw, sql);
    return rows_of(result.get(), sql);
}

Result<Rows> Connection::rows_of(const pg_result* result, const std::string& sql) {
    if (is_copy(result)) {
        connection_.reset();
        return Error{ErrorCode::kInvalidArgument, summary_of(sql), "COPY is not a query"};
    }
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return statement_failed(connection_.get(), result, sql);
    Rows rows;
    const int columns = PQnfields(result);
    for (int column = 0; column < columns; ++column)
        rows.columns_.emplace_back(PQfname(result, column));
    rows.rows_.resize(static_cast<std::size_t>(PQntuples(result)));
    for (std::size_t row = 0; row < rows.rows_.size(); ++row)
        for (int column = 0; column < columns; ++column) {
            const int at = static_cast<int>(row);
            const bool null = PQgetisnull(result, at, column) != 0;
            rows.rows_[row].push_back(
                null ? std::nullopt : std::optional<std::string>(PQgetvalue(result, at, column)));
        }
    return rows;
}

int Connection::server_version() const {
    return PQserverVersion(connection_.get());
}

int Connection::backend_pid() const {
    return PQbackendPID(connection_.get());
}

std::string Connection::user() const {
    return parameter("user");
}

std::string Connection::database() const {
    return parameter("dbname");
}

std::string Connection::parameter(std::string_view keyword) const {
    if (keyword == "password" || keyword == "sslpassword") return "";
    const PGconn* raw = connection_.get();
    const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
    // Of several hosts, these are the one that answered.
    if (keyword == "host") return text(PQhost(raw));
    if (keyword == "port") return text(PQport(raw));
    if (keyword == "user") return text(PQuser(raw));
    if (keyword == "dbname") return text(PQdb(raw));
    const OptionsPointer options(PQconninfo(connection_.get()));
    return option_value(options.get(), keyword);
}

std::string quoted_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += c;
        quoted += c;
    }
    return quoted + "\"";
}

std::string quoted_literal(std::string_view text) {
    // E'' where there are backslashes, so that standard_conforming_strings does not matter.
    std::string quoted = text.find('\\') == std::string_view::npos ? "'" : "E'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    return quoted + "'";
}

}  // namespace hone::postgres
