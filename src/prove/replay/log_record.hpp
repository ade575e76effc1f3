// prove/replay/log_record.hpp - one message of a server's log, from either of its two formats for
// programs.
//
// Shape    csvlog since PostgreSQL 14: 26 fields (23 and more are taken); jsonlog since 15: one
//          object on each line.
// Units    seconds since 1970 in the log's own time zone: only differences mean something.
// Errors   none: what is no record gives none, and the reader counts it.
// Source   PostgreSQL manual 20.8.4 and 20.8.5; csvlog.c, jsonlog.c.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prove/replay/recording.hpp"

namespace hone::prove {

struct LogRecord {
    double at_seconds = 0;
    std::string user;
    std::string database;
    std::string session;
    std::string transaction;  // virtual transaction id; "" outside of one
    std::string severity;     // LOG, ERROR
    std::string message;
    std::string detail;
    std::string query;         // that an error belongs to
    std::string application;   // application_name
    std::string backend_type;  // "client backend"
};

std::optional<LogRecord> record_from_csv(std::string_view record);
std::optional<LogRecord> record_from_json(std::string_view line);

// "2024-05-01 12:00:00.123 UTC"
std::optional<double> log_time(std::string_view text);

// What a message says about a statement.
enum class LogEventKind { kStatement, kFailure, kDisconnection, kContinuation, kOther };
struct LogEvent {
    LogEventKind kind = LogEventKind::kOther;
    double began_at_seconds = 0;
    std::string sql;
    bool has_parameters = false;  // the log has them, or there are none
    std::vector<RecordedValue> parameters;
};
LogEvent event_of(const LogRecord& record);

// $1 = 'it''s', $2 = NULL; none where it is not such a list.
std::optional<std::vector<RecordedValue>> parameters_from_detail(std::string_view detail);

}  // namespace hone::prove
