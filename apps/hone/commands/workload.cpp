#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "plan_input.hpp"
#include "prove/replay/anonymise.hpp"
#include "prove/replay/record_log.hpp"
#include "prove/replay/record_statements.hpp"
#include "prove/replay/replay.hpp"
#include "prove/replay/sql_statement.hpp"
#include "prove/replay/workload_file.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

// Beside the watching: connecting, two looks, and asking about each statement.
constexpr double kPreparationSeconds = 300;
constexpr std::size_t kMostLines = 40;
constexpr std::size_t kTextWidth = 72;

Result<postgres::Connection> connect_to_target(const Context& context, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto server, server_named(context, deadline));
    if (server) return postgres::connect(*server, deadline);
    return Error{ErrorCode::kInvalidArgument, "recording from pg_stat_statements",
                 "no server was named", "name its database with --target 'dbname=...'"};
}

// Found out before minutes of watching, not after.
Status can_write(const fs::path& file) {
    const fs::path folder = fs::absolute(file).parent_path();
    if (::access(folder.c_str(), W_OK) == 0) return {};
    return error_from_errno(errno, "writing the workload '" + file.string() + "'",
                            "name a file in a folder that can be written with --out");
}

Result<prove::Recording> record(Context& context, const WorkloadRecordArguments& arguments) {
    if (!context.dry_run) HONE_TRY(can_write(arguments.out));
    if (arguments.from == "log") {
        if (arguments.files.empty())
            return Error{ErrorCode::kInvalidArgument, "recording from a log",
                         "no log file was named", "name the csvlog or jsonlog files to read"};
        return prove::record_from_log({.files = arguments.files, .database = arguments.database},
                                      context.progress());
    }
    if (!arguments.files.empty() || !arguments.database.empty())
        return Error{ErrorCode::kInvalidArgument, "recording from pg_stat_statements",
                     "log files and --database belong to --from log",
                     "name the database in --target"};
    const Deadline deadline = context.deadline(arguments.seconds + kPreparationSeconds);
    HONE_TRY_ASSIGN(auto connection, connect_to_target(context, deadline));
    return prove::record_from_statements(connection, arguments.seconds, context.progress(),
                                         deadline);
}

std::string forgotten_key() {
    return fmt::format("{:016x}{:016x}", Random::fresh_seed(), Random::fresh_seed());
}

// What a statement is to a replay, in one word each.
struct StatementLine {
    const prove::RecordedStatement* statement = nullptr;
    std::string does;
    std::string parameters;
    double share = 0;
};

std::string does_what(const prove::SqlStatement& facts) {
    switch (facts.kind) {
        case prove::StatementKind::kRead:
            return "reads";
        case prove::StatementKind::kWrite:
            return "writes";
        default:
            return "refused";
    }
}

std::string parameters_of(const prove::Recording& recording,
                          const prove::RecordedStatement& statement,
                          const prove::SqlStatement& facts) {
    if (facts.parameters == 0) return "none";
    if (recording.from == prove::RecordedFrom::kLog) return "recorded";
    const bool unknown = std::ranges::any_of(statement.parameters, [](const auto& source) {
        return source.knowledge == prove::Knowledge::kUnknown;
    });
    return unknown ? "unknown" : "statistics";
}

std::vector<StatementLine> lines_of(const prove::Recording& recording) {
    std::uint64_t calls = 0;
    for (const auto& statement : recording.statements) calls += statement.calls;
    std::vector<StatementLine> lines;
    for (const auto& statement : recording.statements) {
        const auto facts = prove::read_statement(statement.sql);
        lines.push_back({&statement, does_what(facts), parameters_of(recording, statement, facts),
                         static_cast<double>(statement.calls) /
                             static_cast<double>(std::max<std::uint64_t>(1, calls))});
    }
    std::ranges::stable_sort(lines, std::greater<>(), &StatementLine::share);
    return lines;
}

std::string head_of(const prove::Recording& recording) {
    std::string text =
        fmt::format("{}, recorded from {} at {}: {:.1f} s", recording.database,
                    recording.from == prove::RecordedFrom::kLog ? "a log" : "pg_stat_statements",
                    recording.recorded_at, recording.seconds);
    if (!recording.transactions.empty())
        text += fmt::format(", {} transactions ({:.1f} per second) of {} sessions",
                            recording.transactions.size(),
                            static_cast<double>(recording.transactions.size()) / recording.seconds,
                            recording.sessions);
    text += "\n";
    if (!recording.anonymised_with.empty())
        text += "Values are anonymised: a replay finds other rows than the original, or none.\n";
    if (recording.cut_off) text += "The log was longer: a workload file holds no more than this.\n";
    return text;
}

std::string left_out_lines(const prove::LeftOut& left_out) {
    if (left_out.empty()) return {};
    std::string text = "\nLeft out:\n";
    std::size_t width = 0;
    for (const auto& [why, calls] : left_out) width = std::max(width, std::to_string(calls).size());
    for (const auto& [why, calls] : left_out)
        text += fmt::format("  {:>{}}  {}\n", calls, width, why);
    return text;
}

std::string table_of(const prove::Recording& recording) {
    const auto lines = lines_of(recording);
    std::string text = head_of(recording);
    text += fmt::format("\n  {:>9}  {:>7}  {:<7}  {:<10}  {}\n", "calls/s", "share", "does",
                        "parameters", "statement");
    for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i)
        text += fmt::format("  {:>9.2f}  {:>6.1f}%  {:<7}  {:<10}  {}\n",
                            static_cast<double>(lines[i].statement->calls) / recording.seconds,
                            lines[i].share * 100, lines[i].does, lines[i].parameters,
                            printable(lines[i].statement->sql, kTextWidth));
    if (lines.size() > kMostLines)
        text += fmt::format("  and {} more (-o json has them all)\n", lines.size() - kMostLines);
    return text + left_out_lines(recording.left_out);
}

json::object document_of(const prove::Recording& recording) {
    json::object document = prove::header_document(recording);
    json::array statements;
    for (const StatementLine& line : lines_of(recording)) {
        json::object statement = prove::statement_document(*line.statement);
        statement["calls_per_second"] =
            static_cast<double>(line.statement->calls) / recording.seconds;
        statement["share"] = line.share;
        statement["does"] = line.does;
        statement["parameters_from"] = line.parameters;
        statements.push_back(std::move(statement));
    }
    document["statement_count"] = recording.statements.size();
    document["statements"] = std::move(statements);
    return document;
}

void show(Context& context, const prove::Recording& recording) {
    if (context.machine_readable())
        context.print_json(document_of(recording));
    else
        context.print(table_of(recording));
}

}  // namespace

int run_workload_record(Context& context, const WorkloadRecordArguments& arguments) {
    auto recording = record(context, arguments);
    if (!recording.ok()) return context.fail(recording.error());
    if (arguments.anonymise) prove::anonymise(*recording, forgotten_key());
    if (context.dry_run) {
        context.say("Nothing was written (--dry-run).");
    } else {
        const auto written = prove::write_workload_file(arguments.out, *recording);
        if (!written.ok()) return context.fail(written.error());
        context.say("Written to " + arguments.out.string() +
                    " (mode 0600: it holds texts and values of your users).\n");
    }
    show(context, *recording);
    return kOk;
}

int run_workload_show(Context& context, const fs::path& file) {
    const auto recording = prove::read_workload_file(file);
    if (!recording.ok()) return context.fail(recording.error());
    show(context, *recording);
    return kOk;
}

}  // namespace hone::app
