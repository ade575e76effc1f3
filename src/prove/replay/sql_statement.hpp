// prove/replay/sql_statement.hpp - what a statement does, judged by PostgreSQL's own grammar.
//
// Shape    a text is read, never run. A SELECT counts as reading only where nothing in it, at any
//          depth, changes or locks rows, makes a table or calls a function that is known to have
//          side effects. This is the first of three guards: the second asks the server about the
//          functions (replay.hpp, fit), the third is the server's read-only transaction.
// Errors   none: what this grammar does not understand is kUnreadable.
// Limits   the grammar of PostgreSQL 15: newer syntax is unreadable. Functions are known by name,
//          whatever their schema.
// Source   libpg_query 15: pg_query_parse.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hone::prove {

enum class StatementKind {
    kRead,
    kWrite,
    kForbidden,  // reaches outside of the database: other servers, files, other sessions
    kBegin,
    kCommit,
    kRollback,
    kSavepoint,
    kUtility,
    kUnreadable,
};

struct TableMention {
    std::string schema;  // "" where the text has none
    std::string name;
    std::string alias;  // "" where the text has none
};

enum class SlotUse { kCompared, kRange, kStored, kLimit };

// A constant or a parameter that stands where values of a column stand.
struct ValueSlot {
    SlotUse use = SlotUse::kCompared;
    std::string qualifier;                   // table or alias; "" where the text has none
    std::string column;                      // "" where the other side is no plain column
    bool in_array = false;                   // = ANY (...)
    std::optional<std::size_t> constant_at;  // offset in the text; of the sign where there is one
    int parameter = 0;                       // 1 for $1; 0: a constant
};

struct SqlStatement {
    StatementKind kind = StatementKind::kUnreadable;
    std::string text;
    std::string verb;  // "SELECT"
    std::vector<TableMention> tables;
    std::vector<std::string> functions;  // lower case, without schema
    std::vector<ValueSlot> slots;
    int parameters = 0;  // the highest $n

    // "SELECT orders", for tables of reports.
    std::string short_name() const;
};

// The statements of one text, in order; a single kUnreadable one where it is not understood, none
// where it is empty.
std::vector<SqlStatement> read_sql(const std::string& text);
// Of a text with exactly one statement; kUnreadable otherwise.
SqlStatement read_statement(const std::string& text);

enum class FunctionEffect { kNone, kWrites, kOutside };
// Of the functions that come with PostgreSQL and of its contrib modules; kNone for all others.
FunctionEffect known_effect(std::string_view function);

}  // namespace hone::prove
