#include "prove/replay/record_statements.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/interrupt.hpp"
#include "base/text.hpp"
#include "prove/replay/column_statistics.hpp"
#include "prove/replay/server_judgement.hpp"
#include "prove/replay/sql_statement.hpp"
#include "prove/replay/sql_tokens.hpp"

namespace hone::prove {

namespace {

constexpr Seconds kQueryPatience{60};
constexpr int kNapMilliseconds = 200;
// Above pg_stat_statements.max of any server that is sane.
constexpr int kMostRows = 100000;

struct Counted {
    std::string sql;
    std::string user;
    std::int64_t calls = 0;
    std::int64_t rows = 0;
};
struct Look {
    double at_seconds = 0;
    std::map<std::string, Counted> statements;  // by query and user
};

Deadline patience(Deadline deadline) {
    return deadline.earlier_of(Deadline::after(kQueryPatience));
}

Result<std::string> extension_schema(postgres::Connection& connection, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto rows,
                    connection.query("SELECT n.nspname AS schema FROM pg_extension e JOIN "
                                     "pg_namespace n ON n.oid = e.extnamespace "
                                     "WHERE e.extname = 'pg_stat_statements'",
                                     patience(deadline)));
    if (!rows.empty()) return rows.text(0, "schema");
    return Error{
        ErrorCode::kFailedPrecondition,
        "recording from pg_stat_statements in the database '" + connection.database() + "'",
        "the extension is not there",
        "add it to shared_preload_libraries, restart, CREATE EXTENSION pg_stat_statements; "
        "or record from a log (--from log)"};
}

// Of this database, without what functions call in turn.
Result<Look> look(postgres::Connection& connection, const std::string& schema, Deadline deadline) {
    HONE_TRY_ASSIGN(
        const auto rows,
        connection.query(
            fmt::format(
                "SELECT extract(epoch FROM clock_timestamp()) AS now, s.queryid || '/' || s.userid "
                "AS key, s.query, s.calls, s.rows, pg_get_userbyid(s.userid) AS role "
                "FROM {}.pg_stat_statements s WHERE s.dbid = (SELECT oid FROM pg_database WHERE "
                "datname = current_database()) AND s.queryid IS NOT NULL AND "
                "coalesce((to_jsonb(s) ->> 'toplevel')::boolean, true) LIMIT {}",
                postgres::quoted_identifier(schema), kMostRows),
            patience(deadline)));
    Look found;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        found.at_seconds = parse_number(rows.text(row, "now")).value_or(0);
        found.statements[rows.text(row, "key")] = {
            rows.text(row, "query"), rows.text(row, "role"),
            parse_integer(rows.text(row, "calls")).value_or(0),
            parse_integer(rows.text(row, "rows")).value_or(0)};
    }
    return found;
}

// Nothing happens here that could be waited for but time itself.
Status let_time_pass(double seconds, Progress& progress, Deadline deadline) {
    progress.step("watching what the server is asked");
    const double began = monotonic_seconds();
    for (double passed = 0; passed < seconds; passed = monotonic_seconds() - began) {
        if (take_interrupt())
            return Error{ErrorCode::kCancelled, "recording from pg_stat_statements",
                         "it was interrupted", "nothing was written"};
        if (deadline.expired())
            return Error{ErrorCode::kDeadlineExceeded, "recording from pg_stat_statements",
                         "the time ran out before the seconds were over",
                         "give it longer with --timeout"};
        progress.update(passed / seconds, fmt::format("{:.0f} of {:.0f} s", passed, seconds));
        ::poll(nullptr, 0,
               std::min(kNapMilliseconds, static_cast<int>((seconds - passed) * 1000) + 1));
    }
    return {};
}

// What was called in between. A counter that went back was reset: it counts from zero.
std::vector<Counted> between(const Look& before, const Look& after) {
    std::vector<Counted> called;
    for (const auto& [key, now] : after.statements) {
        Counted difference = now;
        if (const auto old = before.statements.find(key);
            old != before.statements.end() && old->second.calls <= now.calls) {
            difference.calls -= old->second.calls;
            difference.rows -= old->second.rows;
        }
        if (difference.calls > 0) called.push_back(std::move(difference));
    }
    std::ranges::sort(called, std::greater<>(), &Counted::calls);
    return called;
}

std::string why_not(const Counted& counted, const SqlStatement& facts) {
    if (counted.sql.empty() || counted.sql == "<insufficient privilege>")
        return "its text is not shown to this role (GRANT pg_read_all_stats)";
    switch (facts.kind) {
        case StatementKind::kRead:
        case StatementKind::kWrite:
            return {};
        case StatementKind::kForbidden:
            return "reaches outside of the database";
        case StatementKind::kUnreadable:
            return "not understood";
        default:
            return "utility statement";
    }
}

std::string tidy(const std::string& sql) {
    const auto tokens = scan_sql(sql);
    std::string text = tokens ? tidy_text(sql, *tokens) : sql;
    while (text.ends_with(';') || text.ends_with(' ')) text.pop_back();
    return text;
}

class Builder {
  public:
    Builder(postgres::Connection& connection, Deadline deadline)
        : connection_(connection), deadline_(deadline) {}

    Status add(const Counted& counted) {
        // The monitors' own questions, ours among them.
        if (counted.sql.find("pg_stat_statements") != std::string::npos) return {};
        const auto calls = static_cast<std::uint64_t>(counted.calls);
        RecordedStatement statement;
        statement.sql = tidy(counted.sql);
        statement.calls = calls;
        statement.rows_per_call =
            static_cast<double>(counted.rows) / static_cast<double>(counted.calls);
        if (const auto same = places_.find(statement.sql); same != places_.end()) {
            recording_.statements[same->second].calls += calls;
            users_.insert(counted.user);
            return {};
        }
        const SqlStatement facts = read_statement(statement.sql);
        std::string why = why_not(counted, facts);
        if (why.empty() && recording_.statements.size() >= kMostStatements)
            why = "too many different statements";
        if (why.empty()) {
            HONE_TRY_ASSIGN(why, find_parameters(statement, facts));
        }
        if (!why.empty()) {
            recording_.left_out[why] += calls;
            return {};
        }
        places_[statement.sql] = recording_.statements.size();
        recording_.statements.push_back(std::move(statement));
        users_.insert(counted.user);
        return {};
    }

    Recording finish(double seconds) {
        recording_.from = RecordedFrom::kStatements;
        recording_.recorded_at = utc_now_text();
        recording_.database = connection_.database();
        recording_.seconds = seconds;
        if (users_.size() == 1) recording_.user = *users_.begin();
        return std::move(recording_);
    }

  private:
    // Why the server cannot say what its parameters are; "" where it can.
    Result<std::string> find_parameters(RecordedStatement& statement, const SqlStatement& facts) {
        auto types = prepared_types(connection_, statement, deadline_);
        if (!types.ok()) {
            if (types.error().sqlstate().empty()) return std::move(types).error();
            return fmt::format("this server cannot prepare it ({})", types.error().sqlstate());
        }
        HONE_TRY_ASSIGN(
            statement.parameters,
            parameter_sources(facts, *types, statement.rows_per_call, connection_, deadline_));
        return std::string{};
    }

    postgres::Connection& connection_;
    Deadline deadline_;
    Recording recording_;
    std::map<std::string, std::size_t> places_;
    std::set<std::string> users_;
};

}  // namespace

Result<Recording> record_from_statements(postgres::Connection& connection, double seconds,
                                         Progress& progress, Deadline deadline) {
    // As a workload file is; of the session alone.
    HONE_TRY(connection.query("SET client_encoding TO 'UTF8'", patience(deadline)));
    HONE_TRY_ASSIGN(const std::string schema, extension_schema(connection, deadline));
    HONE_TRY_ASSIGN(const Look before, look(connection, schema, deadline));
    HONE_TRY(let_time_pass(seconds, progress, deadline));
    HONE_TRY_ASSIGN(const Look after, look(connection, schema, deadline));
    HONE_TRY_ASSIGN(const auto version,
                    connection.query("SELECT current_setting('server_version') AS version",
                                     patience(deadline)));
    progress.step("finding out what the statements' parameters may be");
    Builder builder(connection, deadline);
    for (const Counted& counted : between(before, after)) HONE_TRY(builder.add(counted));
    Recording recording = builder.finish(after.at_seconds - before.at_seconds);
    recording.server_version = version.text(0, "version");
    if (!recording.statements.empty()) return recording;
    std::string wrong = "nothing that can be replayed was called";
    for (const auto& [why, calls] : recording.left_out)
        wrong += fmt::format("; {}: {}", why, calls);
    return Error{ErrorCode::kFailedPrecondition, "recording from pg_stat_statements",
                 std::move(wrong), "record while the database is used, or for longer (--seconds)"};
}

}  // namespace hone::prove
