#include "prove/replay/log_record.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <chrono>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

// Places of the fields in a csvlog record.
enum CsvField : std::size_t {
    kTime = 0,
    kUser = 1,
    kDatabase = 2,
    kSession = 5,
    kVirtualTransaction = 9,
    kSeverity = 11,
    kMessage = 13,
    kDetail = 14,
    kQuery = 19,
    kApplication = 22,
    kFewestFields = 23,
    kBackendType = 23,
};

// Quotes in quotes are doubled; a field may hold anything else, newlines too.
std::vector<std::string> csv_fields(std::string_view record) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < record.size(); ++i) {
        const char c = record[i];
        if (c == '"') {
            if (quoted && i + 1 < record.size() && record[i + 1] == '"') {
                fields.back() += '"';
                ++i;
            } else {
                quoted = !quoted;
            }
        } else if (c == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    return fields;
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* found = object.if_contains(json::string_view(key));
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

std::string_view after(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    return at == std::string_view::npos ? std::string_view{} : text.substr(at + mark.size());
}

// "duration: 0.123 ms  statement: ..." loses its duration; the rest may be empty.
std::string_view without_duration(std::string_view message, double& duration_seconds) {
    constexpr std::string_view kDuration = "duration: ";
    if (!message.starts_with(kDuration)) return message;
    const std::string_view number = message.substr(kDuration.size());
    const std::size_t end = number.find(" ms");
    if (end == std::string_view::npos) return message;
    duration_seconds = parse_number(number.substr(0, end)).value_or(0) / 1000;
    return trim(number.substr(end + 3));
}

// 'it''s' at the beginning of `rest`, which loses it.
std::optional<std::string> take_quoted(std::string_view& rest) {
    if (!rest.starts_with('\'')) return std::nullopt;
    std::string value;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\'' && rest.substr(i, 2) != "''") {
            rest.remove_prefix(i + 1);
            return value;
        }
        if (rest[i] == '\'') ++i;
        value += rest[i];
    }
    return std::nullopt;
}

bool is_failure(std::string_view severity) {
    return severity == "ERROR" || severity == "FATAL" || severity == "PANIC";
}

void take_statement(LogEvent& event, std::string_view message, const LogRecord& record) {
    constexpr std::string_view kSimple = "statement: ";
    constexpr std::string_view kExtended = "execute ";
    if (message.starts_with("execute fetch from ")) {
        event.kind = LogEventKind::kContinuation;
    } else if (message.starts_with(kSimple)) {
        event.kind = LogEventKind::kStatement;
        event.sql = message.substr(kSimple.size());
    } else if (message.starts_with(kExtended)) {
        event.sql = after(message, ": ");
        if (event.sql.empty()) return;
        event.kind = LogEventKind::kStatement;
        auto parameters = parameters_from_detail(record.detail);
        event.has_parameters = parameters.has_value();
        if (parameters) event.parameters = std::move(*parameters);
    }
}

}  // namespace

std::optional<double> log_time(std::string_view text) {
    // "2024-05-01 12:00:00.123 UTC"
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    const int milliseconds =
        text.size() > 19 && text[19] == '.' ? digits(text, 20, 3).value_or(0) : 0;
    return static_cast<double>(days) * 86400.0 + *hour * 3600.0 + *minute * 60.0 + *second +
           milliseconds / 1000.0;
}

std::optional<LogRecord> record_from_csv(std::string_view text) {
    std::vector<std::string> fields = csv_fields(text);
    if (fields.size() < kFewestFields) return std::nullopt;
    const auto at = log_time(fields[kTime]);
    if (!at) return std::nullopt;
    LogRecord record;
    record.at_seconds = *at;
    record.user = std::move(fields[kUser]);
    record.database = std::move(fields[kDatabase]);
    record.session = std::move(fields[kSession]);
    record.transaction = std::move(fields[kVirtualTransaction]);
    record.severity = std::move(fields[kSeverity]);
    record.message = std::move(fields[kMessage]);
    record.detail = std::move(fields[kDetail]);
    record.query = std::move(fields[kQuery]);
    record.application = std::move(fields[kApplication]);
    if (fields.size() > kBackendType) record.backend_type = std::move(fields[kBackendType]);
    return record;
}

std::optional<LogRecord> record_from_json(std::string_view line) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    boost::system::error_code error;
    const json::value value =
        json::parse(json::string_view(line.data(), line.size()), error, {}, options);
    const json::object* object = error ? nullptr : value.if_object();
    if (object == nullptr) return std::nullopt;
    const auto at = log_time(text_of(*object, "timestamp"));
    if (!at) return std::nullopt;
    LogRecord record;
    record.at_seconds = *at;
    record.user = text_of(*object, "user");
    record.database = text_of(*object, "dbname");
    record.session = text_of(*object, "session_id");
    record.transaction = text_of(*object, "vxid");
    record.severity = text_of(*object, "error_severity");
    record.message = text_of(*object, "message");
    record.detail = text_of(*object, "detail");
    record.query = text_of(*object, "statement");
    record.application = text_of(*object, "application_name");
    record.backend_type = text_of(*object, "backend_type");
    return record;
}

std::optional<std::vector<RecordedValue>> parameters_from_detail(std::string_view detail) {
    constexpr std::string_view kHead = "parameters: ";  // with a capital since PostgreSQL 16
    if (!equal_ignoring_case(detail.substr(0, kHead.size()), kHead)) return std::nullopt;
    std::string_view rest = detail.substr(kHead.size());
    std::vector<RecordedValue> values;
    while (!rest.empty()) {
        const std::string mark = "$" + std::to_string(values.size() + 1) + " = ";
        if (!rest.starts_with(mark)) return std::nullopt;
        rest.remove_prefix(mark.size());
        if (rest.starts_with("NULL")) {
            values.emplace_back();
            rest.remove_prefix(4);
        } else {
            auto value = take_quoted(rest);
            if (!value) return std::nullopt;
            values.emplace_back(std::move(value));
        }
        if (rest.starts_with(", ")) rest.remove_prefix(2);
    }
    return values;
}

LogEvent event_of(const LogRecord& record) {
    LogEvent event;
    event.began_at_seconds = record.at_seconds;
    if (is_failure(record.severity)) {
        event.kind = LogEventKind::kFailure;
        return event;
    }
    if (record.severity != "LOG") return event;
    if (record.message.starts_with("disconnection: ")) {
        event.kind = LogEventKind::kDisconnection;
        return event;
    }
    double duration_seconds = 0;
    const std::string_view message = without_duration(record.message, duration_seconds);
    // The log has the end of what it knows the duration of.
    event.began_at_seconds -= duration_seconds;
    take_statement(event, message, record);
    return event;
}

}  // namespace hone::prove
