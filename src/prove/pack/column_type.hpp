// prove/pack/column_type.hpp - PostgreSQL's types as a generator writes them, in the binary format of
// COPY and of bound parameters.
//
// Shape    a value is encoded as COPY sends a field: its length in 4 bytes, -1 for NULL, then its
//          bytes.
// Errors   check: invalid_argument, where an expression does not make what the type holds.
// Source   the types' receive functions in PostgreSQL 15: array_recv, record_recv, numeric_recv.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "engines/postgres/connection.hpp"
#include "prove/pack/expression.hpp"

namespace hone::prove {

struct ColumnType {
    enum class Kind {
        kInt2,
        kInt4,
        kInt8,
        kBool,
        kFloat8,
        kTimestamp,  // with or without time zone: a number is milliseconds since 1970
        kNumeric,    // whole numbers
        kBytes,      // bytea, text, varchar, json, uuid: as they are
        kJsonb,
        kArray,
        kComposite,
    };
    Kind kind = Kind::kBytes;
    std::uint32_t oid = 0;
    std::string send;  // the function that gives the binary format in SQL
    std::vector<std::shared_ptr<const ColumnType>>
        parts;  // an array's element; a composite's fields
};

struct Column {
    std::string name;
    std::shared_ptr<const ColumnType> type;
};

// The types of a database, asked for once each.
class TypeCatalogue {
  public:
    explicit TypeCatalogue(postgres::Connection& connection) : connection_(connection) {}
    // not_found: no such table; unsupported: a type that no generator can write.
    Result<std::vector<Column>> columns_of(const std::string& table, Deadline deadline);
    Result<std::shared_ptr<const ColumnType>> type_of(std::uint32_t oid, Deadline deadline);

  private:
    Result<std::shared_ptr<const ColumnType>> read_type(std::uint32_t oid, Deadline deadline);
    postgres::Connection& connection_;
    std::map<std::uint32_t, std::shared_ptr<const ColumnType>> known_;
};

Status check_type(const Expression& expression, const ColumnType& type);

// Appends fields. `overflowed` says that a number did not fit into its type since it was made.
class Encoder {
  public:
    // Requires check_type to be ok.
    void append(const Expression& expression, const ColumnType& type, const Frame& frame);
    std::string bytes;
    bool overflowed = false;

  private:
    void append_number(std::int64_t value, const ColumnType& type);
    void append_numeric(std::int64_t value);
    void append_array(const Expression& array, const ColumnType& type, Frame frame);
    void append_row(const Expression& row, const ColumnType& type, const Frame& frame);
    template <typename Integer>
    void append_integer(std::int64_t value);
    void append_word(std::int32_t value);
    void append_half(std::int16_t value);
};

}  // namespace hone::prove
