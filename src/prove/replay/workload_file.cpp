#include "prove/replay/workload_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/file.hpp"

namespace hone::prove {

namespace {

constexpr std::string_view kKind = "hone-workload";

json::array values_document(const std::vector<RecordedValue>& values) {
    json::array list;
    for (const RecordedValue& value : values)
        list.push_back(value ? json::value(*value) : json::value(nullptr));
    return list;
}

template <class Value>
json::array list_document(const std::vector<Value>& values) {
    json::array list;
    for (const Value& value : values) list.emplace_back(value);
    return list;
}

json::object source_document(const ParameterSource& source) {
    json::object document{{"from", to_string(source.knowledge)}, {"type", source.type}};
    if (!source.column.empty()) document["column"] = source.column;
    if (source.is_array) document["elements"] = source.elements;
    if (source.null_fraction > 0) document["null_fraction"] = source.null_fraction;
    if (!source.values.empty()) document["values"] = list_document(source.values);
    if (!source.frequencies.empty()) document["frequencies"] = list_document(source.frequencies);
    if (!source.bounds.empty()) document["bounds"] = list_document(source.bounds);
    return document;
}

json::object transaction_document(const RecordedTransaction& transaction) {
    json::array calls;
    for (const RecordedCall& call : transaction.calls)
        calls.push_back(json::array{call.statement, values_document(call.parameters)});
    return {{"at_seconds", std::round(transaction.at_seconds * 1e6) / 1e6},
            {"atomic", transaction.atomic},
            {"calls", std::move(calls)}};
}

// One line after the other, with their numbers.
class LineReader {
  public:
    LineReader(std::string_view text, std::string_view what) : rest_(text), what_(what) {}

    Result<json::value> next() {
        ++number_;
        if (rest_.empty())
            return Error{ErrorCode::kDataLoss, place(), "the file ends before",
                         "it was cut off: record again"};
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        auto value = parse_json(rest_.substr(0, end), fmt::format("{} line {}", what_, number_));
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return value;
    }
    bool at_end() const { return rest_.empty(); }
    std::string path() const { return fmt::format("line {}", number_); }
    std::string place() const { return fmt::format("reading '{}', line {}", what_, number_); }
    Error wrong(std::string what) const {
        return {ErrorCode::kDataLoss, place(), std::move(what),
                "the file was edited or is damaged: record again"};
    }

  private:
    std::string_view rest_;
    std::string_view what_;
    std::size_t number_ = 0;
};

struct Counts {
    std::int64_t statements = 0;
    std::int64_t transactions = 0;
};

Result<Counts> read_header(const JsonReader& header, const LineReader& lines,
                           Recording& recording) {
    HONE_TRY_ASSIGN(const std::string kind, header.text("kind"));
    if (kind != kKind) return lines.wrong("it is not a workload file");
    HONE_TRY_ASSIGN(const std::int64_t version, header.integer("schema_version"));
    if (version != kWorkloadSchemaVersion)
        return Error{ErrorCode::kUnsupported, lines.place(),
                     fmt::format("it has version {}, and this hone reads version {}", version,
                                 kWorkloadSchemaVersion),
                     "use the hone that recorded it"};
    HONE_TRY_ASSIGN(const std::string from, header.text("from"));
    if (from != "log" && from != "statements") return lines.wrong("'from' is unknown");
    recording.from = from == "log" ? RecordedFrom::kLog : RecordedFrom::kStatements;
    HONE_TRY_ASSIGN(recording.recorded_at, header.text("recorded_at"));
    HONE_TRY_ASSIGN(recording.database, header.text("database"));
    HONE_TRY_ASSIGN(recording.user, header.text("user"));
    HONE_TRY_ASSIGN(recording.server_version, header.text("server_version"));
    HONE_TRY_ASSIGN(recording.anonymised_with, header.text("anonymised_with"));
    HONE_TRY_ASSIGN(recording.seconds, header.number("seconds"));
    HONE_TRY_ASSIGN(recording.cut_off, header.boolean("cut_off"));
    HONE_TRY_ASSIGN(const std::int64_t sessions, header.integer("sessions"));
    recording.sessions = static_cast<std::uint64_t>(std::max<std::int64_t>(0, sessions));
    if (!(recording.seconds > 0) || !std::isfinite(recording.seconds))
        return lines.wrong("'seconds' is not above zero");
    HONE_TRY_ASSIGN(const JsonReader left_out, header.object("left_out"));
    for (const auto& [why, count] : left_out.value().get_object())
        if (count.is_int64() && count.get_int64() > 0)
            recording.left_out[std::string(why)] = static_cast<std::uint64_t>(count.get_int64());
    Counts counts;
    HONE_TRY_ASSIGN(counts.statements, header.integer("statements"));
    HONE_TRY_ASSIGN(counts.transactions, header.integer("transactions"));
    return counts;
}

Result<std::vector<double>> numbers_of(const JsonReader& reader, std::string_view key) {
    std::vector<double> numbers;
    if (!reader.has(key)) return numbers;
    HONE_TRY_ASSIGN(const auto elements, reader.array(key));
    for (const JsonReader& element : elements) {
        const json::value& value = element.value();
        if (!value.is_number()) return std::vector<double>{};
        numbers.push_back(value.to_number<double>());
    }
    return numbers;
}

Result<std::vector<std::string>> texts_of(const JsonReader& reader, std::string_view key) {
    if (!reader.has(key)) return std::vector<std::string>{};
    return reader.texts(key);
}

Result<ParameterSource> read_source(const JsonReader& reader, const LineReader& lines) {
    ParameterSource source;
    HONE_TRY_ASSIGN(const std::string from, reader.text("from"));
    for (const Knowledge knowledge :
         {Knowledge::kRecorded, Knowledge::kStatistics, Knowledge::kRows})
        if (from == to_string(knowledge)) source.knowledge = knowledge;
    HONE_TRY_ASSIGN(source.type, reader.text("type"));
    HONE_TRY_ASSIGN(const auto column, reader.optional_text("column"));
    source.column = column.value_or("");
    HONE_TRY_ASSIGN(const auto elements, reader.optional_integer("elements"));
    source.is_array = elements.has_value();
    source.elements = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(elements.value_or(1), 1, kMostElements));
    HONE_TRY_ASSIGN(const auto null_fraction, reader.optional_number("null_fraction"));
    source.null_fraction = null_fraction.value_or(0);
    HONE_TRY_ASSIGN(source.values, texts_of(reader, "values"));
    HONE_TRY_ASSIGN(source.bounds, texts_of(reader, "bounds"));
    HONE_TRY_ASSIGN(source.frequencies, numbers_of(reader, "frequencies"));
    if (source.frequencies.size() > source.values.size())
        return lines.wrong("a parameter has more frequencies than values");
    return source;
}

Result<RecordedStatement> read_statement_line(const JsonReader& reader, const LineReader& lines) {
    RecordedStatement statement;
    HONE_TRY_ASSIGN(statement.sql, reader.text("sql"));
    if (statement.sql.size() > kLongestStatement) return lines.wrong("the statement is too long");
    HONE_TRY_ASSIGN(const std::int64_t calls, reader.integer("calls"));
    statement.calls = static_cast<std::uint64_t>(std::max<std::int64_t>(0, calls));
    HONE_TRY_ASSIGN(const auto rows, reader.optional_number("rows_per_call"));
    statement.rows_per_call = rows.value_or(0);
    HONE_TRY_ASSIGN(const auto types, numbers_of(reader, "parameter_types"));
    for (const double type : types) {
        if (!(type >= 0 && type <= 4294967295.0)) return lines.wrong("a parameter type is no Oid");
        statement.parameter_types.push_back(static_cast<std::uint32_t>(type));
    }
    if (!reader.has("parameters")) return statement;
    HONE_TRY_ASSIGN(const auto sources, reader.array("parameters"));
    for (const JsonReader& source : sources) {
        HONE_TRY_ASSIGN(ParameterSource parameter, read_source(source, lines));
        statement.parameters.push_back(std::move(parameter));
    }
    return statement;
}

// [3, ["42", null]]
Result<RecordedCall> read_call(const json::value& value, const LineReader& lines,
                               std::size_t statements) {
    const json::array* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_array())
        return lines.wrong("a call is not [statement, [parameters]]");
    const std::int64_t statement = (*pair)[0].get_int64();
    if (statement < 0 || std::cmp_greater_equal(statement, statements))
        return lines.wrong("a call names a statement that is not there");
    RecordedCall call{static_cast<std::uint32_t>(statement), {}};
    for (const json::value& parameter : (*pair)[1].get_array()) {
        if (!parameter.is_null() && !parameter.is_string())
            return lines.wrong("a parameter is neither text nor null");
        call.parameters.push_back(parameter.is_null()
                                      ? RecordedValue{}
                                      : RecordedValue{std::string(parameter.get_string())});
    }
    return call;
}

Result<RecordedTransaction> read_transaction(const JsonReader& reader, const LineReader& lines,
                                             const Recording& recording) {
    RecordedTransaction transaction;
    HONE_TRY_ASSIGN(transaction.at_seconds, reader.number("at_seconds"));
    const double earliest =
        recording.transactions.empty() ? 0 : recording.transactions.back().at_seconds;
    if (!(transaction.at_seconds >= earliest) || !std::isfinite(transaction.at_seconds))
        return lines.wrong("the transactions are not in the order of time");
    HONE_TRY_ASSIGN(transaction.atomic, reader.boolean("atomic"));
    HONE_TRY_ASSIGN(const auto calls, reader.array("calls"));
    if (calls.empty() || calls.size() > kMostCallsOfTransaction)
        return lines.wrong("a transaction has no calls, or too many");
    for (const JsonReader& element : calls) {
        HONE_TRY_ASSIGN(RecordedCall call,
                        read_call(element.value(), lines, recording.statements.size()));
        transaction.calls.push_back(std::move(call));
    }
    return transaction;
}

}  // namespace

json::object header_document(const Recording& recording) {
    json::object left_out;
    for (const auto& [why, count] : recording.left_out) left_out[why] = count;
    return {{"kind", kKind},
            {"schema_version", kWorkloadSchemaVersion},
            {"from", to_string(recording.from)},
            {"recorded_at", recording.recorded_at},
            {"database", recording.database},
            {"user", recording.user},
            {"server_version", recording.server_version},
            {"seconds", std::round(recording.seconds * 1e6) / 1e6},
            {"sessions", recording.sessions},
            {"anonymised_with", recording.anonymised_with},
            {"cut_off", recording.cut_off},
            {"left_out", std::move(left_out)},
            {"statements", recording.statements.size()},
            {"transactions", recording.transactions.size()}};
}

json::object statement_document(const RecordedStatement& statement) {
    json::object document{{"sql", statement.sql}, {"calls", statement.calls}};
    if (statement.rows_per_call > 0) document["rows_per_call"] = statement.rows_per_call;
    if (!statement.parameter_types.empty())
        document["parameter_types"] = list_document(statement.parameter_types);
    if (!statement.parameters.empty()) {
        json::array sources;
        for (const ParameterSource& source : statement.parameters)
            sources.push_back(source_document(source));
        document["parameters"] = std::move(sources);
    }
    return document;
}

std::string workload_to_text(const Recording& recording) {
    std::string text = to_json_line(header_document(recording)) + "\n";
    for (const RecordedStatement& statement : recording.statements)
        text += to_json_line(statement_document(statement)) + "\n";
    for (const RecordedTransaction& transaction : recording.transactions)
        text += to_json_line(transaction_document(transaction)) + "\n";
    return text;
}

Result<Recording> workload_from_text(std::string_view text, std::string_view what) {
    LineReader lines(text, what);
    Recording recording;
    HONE_TRY_ASSIGN(const json::value first, lines.next());
    HONE_TRY_ASSIGN(const Counts counts,
                    read_header(JsonReader(first, lines.path()), lines, recording));
    if (counts.statements < 0 || std::cmp_greater(counts.statements, kMostStatements) ||
        counts.transactions < 0 || std::cmp_greater(counts.transactions, kMostTransactions))
        return lines.wrong("it says that it has more than a workload file can");
    for (std::int64_t i = 0; i < counts.statements; ++i) {
        HONE_TRY_ASSIGN(const json::value line, lines.next());
        HONE_TRY_ASSIGN(auto statement, read_statement_line(JsonReader(line, lines.path()), lines));
        recording.statements.push_back(std::move(statement));
    }
    for (std::int64_t i = 0; i < counts.transactions; ++i) {
        HONE_TRY_ASSIGN(const json::value line, lines.next());
        HONE_TRY_ASSIGN(auto transaction,
                        read_transaction(JsonReader(line, lines.path()), lines, recording));
        recording.transactions.push_back(std::move(transaction));
    }
    if (!lines.at_end()) return lines.wrong("there is more than the first line says");
    return recording;
}

Status write_workload_file(const std::filesystem::path& file, const Recording& recording) {
    const std::string text = workload_to_text(recording);
    if (text.size() > static_cast<std::size_t>(kLargestWorkloadFile.count()))
        return Error{ErrorCode::kExhausted, "writing the workload '" + file.string() + "'",
                     "it would be larger than " + format_for_people(kLargestWorkloadFile),
                     "record a shorter log"};
    return replace_file(file, text, FileAttributes{.mode = 0600, .user = {}, .group = {}})
        .with_context("writing the workload");
}

Result<Recording> read_workload_file(const std::filesystem::path& file) {
    HONE_TRY_ASSIGN(const std::string text, read_file(file, kLargestWorkloadFile));
    return workload_from_text(text, file.string());
}

}  // namespace hone::prove
