#include "prove/replay/server_judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "prove/replay/server_syntax.hpp"
#include "prove/replay/sql_statement.hpp"

namespace hone::prove {

namespace {

constexpr Seconds kStatementPatience{30};

// The Oids that recordings use (statement_catalogue.cpp), as PREPARE wants them.
std::string type_name(std::uint32_t oid) {
    switch (oid) {
        case 20:
            return "int8";
        case 23:
            return "int4";
        case 1700:
            return "numeric";
        default:
            return "unknown";
    }
}

std::string preparing(const RecordedStatement& statement) {
    std::vector<std::string> types;
    for (const std::uint32_t oid : statement.parameter_types) types.push_back(type_name(oid));
    return fmt::format("PREPARE hone_statement{} AS {}",
                       types.empty() ? "" : " (" + join(types, ", ") + ")", statement.sql);
}

// The connection itself is at fault, not the statement.
bool is_about_the_link(const Error& error) {
    return error.code() == ErrorCode::kUnavailable ||
           error.code() == ErrorCode::kDeadlineExceeded || error.code() == ErrorCode::kCancelled;
}

Deadline patience(Deadline deadline) {
    return deadline.earlier_of(Deadline::after(kStatementPatience));
}

Result<std::set<std::string>> volatile_functions(const std::set<std::string>& names,
                                                 postgres::Connection& connection,
                                                 Deadline deadline) {
    std::set<std::string> found;
    if (names.empty()) return found;
    HONE_TRY_ASSIGN(
        const auto rows,
        connection.query("SELECT DISTINCT lower(proname) AS name FROM pg_proc "
                         "WHERE lower(proname) = ANY ($1::text[]) AND provolatile = 'v' "
                         "AND pronamespace <> 'pg_catalog'::regnamespace",
                         {array_literal({names.begin(), names.end()})}, patience(deadline)));
    for (std::size_t row = 0; row < rows.size(); ++row) found.insert(rows.text(row, "name"));
    return found;
}

}  // namespace

Result<std::vector<std::string>> prepared_types(postgres::Connection& connection,
                                                const RecordedStatement& statement,
                                                Deadline deadline) {
    HONE_TRY(connection.query(preparing(statement), patience(deadline)));
    auto rows = connection.query(
        "SELECT t.type::text AS type FROM pg_prepared_statements p, "
        "unnest(p.parameter_types) WITH ORDINALITY AS t(type, place) "
        "WHERE p.name = 'hone_statement' ORDER BY t.place",
        patience(deadline));
    HONE_TRY(connection.query("DEALLOCATE hone_statement", patience(deadline)));
    if (!rows.ok()) return std::move(rows).error();
    std::vector<std::string> types;
    for (std::size_t row = 0; row < rows->size(); ++row) types.push_back(rows->text(row, "type"));
    return types;
}

Status refuse_what_fails(const Recording& recording, std::vector<std::string>& refused,
                         postgres::Connection& connection, Deadline deadline) {
    for (std::size_t i = 0; i < recording.statements.size(); ++i) {
        if (!refused[i].empty()) continue;
        const SqlStatement facts = read_statement(recording.statements[i].sql);
        // Nothing else is sent, even to be prepared: the file may have been edited.
        if (facts.kind != StatementKind::kRead && facts.kind != StatementKind::kWrite) continue;
        const auto types = prepared_types(connection, recording.statements[i], deadline);
        if (types.ok()) continue;
        if (is_about_the_link(types.error())) return types.error();
        refused[i] = fmt::format("this server cannot prepare it ({})", types.error().sqlstate());
    }
    return {};
}

Status refuse_side_effects(const Recording& recording, std::vector<std::string>& refused,
                           postgres::Connection& connection, Deadline deadline) {
    std::vector<std::vector<std::string>> functions;
    std::set<std::string> names;
    for (const RecordedStatement& statement : recording.statements) {
        functions.push_back(read_statement(statement.sql).functions);
        names.insert(functions.back().begin(), functions.back().end());
    }
    HONE_TRY_ASSIGN(const auto found, volatile_functions(names, connection, deadline));
    for (std::size_t i = 0; i < functions.size(); ++i) {
        const bool may = std::ranges::any_of(
            functions[i], [&](const std::string& name) { return found.contains(name); });
        if (may && refused[i].empty()) refused[i] = "calls a function that may have side effects";
    }
    return {};
}

}  // namespace hone::prove
