// prove/replay/recording.hpp - what a server was asked to do, as far as it can be asked again.
//
// Shape    statements are kept once each, with $1, $2, ... for their parameters. A recording from a
//          log also has every transaction with its moment and its parameters; one from
//          pg_stat_statements has rates, and for each parameter a distribution to draw from.
//          What cannot be replayed is left out and counted, never kept half.
// Units    seconds from the beginning of the recording; calls per second.
// Threads  values.
// Limits   the named bounds below: a recording that would grow beyond them ends there and says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace hone::prove {

inline constexpr std::size_t kMostStatements = 2000;
inline constexpr std::size_t kMostTransactions = 2'000'000;
inline constexpr std::size_t kMostCallsOfTransaction = 1000;
// Of texts and parameters together, as recorded.
inline constexpr Bytes kLargestRecording = Bytes::mega(256);
// Of a list that stands for one parameter, = ANY ($1).
inline constexpr std::int64_t kMostElements = 1000;
inline constexpr std::size_t kLongestStatement = 1024 * 1024;

enum class RecordedFrom { kLog, kStatements };
std::string_view to_string(RecordedFrom from);

enum class Knowledge {
    kRecorded,    // not drawn: the calls bring their own
    kStatistics,  // pg_stats of the column that it is compared with
    kRows,        // the mean number of rows per call (LIMIT)
    kUnknown,     // the statement cannot be replayed
};
std::string_view to_string(Knowledge knowledge);

// Where a parameter's values come from when none were recorded.
struct ParameterSource {
    Knowledge knowledge = Knowledge::kUnknown;
    std::string type;    // "bigint", as the server infers it
    std::string column;  // "public.orders.id"; "" where it belongs to none
    double null_fraction = 0;
    std::vector<std::string> values;  // the common ones
    std::vector<double> frequencies;  // of the common ones, as fractions of all rows
    std::vector<std::string> bounds;  // of equally full ranges of the others
    bool is_array = false;            // the value is a list: `elements` draws
    std::uint32_t elements = 1;
};

struct RecordedStatement {
    std::string sql;
    std::vector<std::uint32_t> parameter_types;  // Oids; empty: the server infers them
    std::uint64_t calls = 0;
    double rows_per_call = 0;                 // of pg_stat_statements
    std::vector<ParameterSource> parameters;  // of pg_stat_statements
};

using RecordedValue = std::optional<std::string>;  // none: NULL

struct RecordedCall {
    std::uint32_t statement = 0;
    std::vector<RecordedValue> parameters;
};

struct RecordedTransaction {
    double at_seconds = 0;
    bool atomic = false;
    std::vector<RecordedCall> calls;
};

// Why something is not in a recording or not in a replay, and how many statements that were.
using LeftOut = std::map<std::string, std::uint64_t>;

struct Recording {
    RecordedFrom from = RecordedFrom::kLog;
    std::string recorded_at;      // RFC 3339 UTC
    std::string database;         // the one whose statements these are
    std::string user;             // "" where there were several
    std::string server_version;   // "" where unknown
    double seconds = 0;           // how long was recorded
    std::uint64_t sessions = 0;   // that asked for something; 0 where unknown
    std::string anonymised_with;  // "" or the name of the method
    bool cut_off = false;         // a bound was reached: the rest was not recorded
    LeftOut left_out;
    std::vector<RecordedStatement> statements;
    std::vector<RecordedTransaction> transactions;  // by time; empty for kStatements
};

}  // namespace hone::prove
