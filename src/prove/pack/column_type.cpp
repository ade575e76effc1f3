#include "prove/pack/column_type.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/text.hpp"

namespace hone::prove {

namespace {

struct BaseType {
    std::string_view name;
    ColumnType::Kind kind;
};

using Kind = ColumnType::Kind;
constexpr std::array<BaseType, 16> kBaseTypes{{
    {"int2", Kind::kInt2},
    {"int4", Kind::kInt4},
    {"int8", Kind::kInt8},
    {"bool", Kind::kBool},
    {"float8", Kind::kFloat8},
    {"timestamptz", Kind::kTimestamp},
    {"timestamp", Kind::kTimestamp},
    {"numeric", Kind::kNumeric},
    {"bytea", Kind::kBytes},
    {"text", Kind::kBytes},
    {"varchar", Kind::kBytes},
    {"bpchar", Kind::kBytes},
    {"json", Kind::kBytes},
    {"uuid", Kind::kBytes},
    {"jsonb", Kind::kJsonb},
    {"name", Kind::kBytes},
}};

Result<std::uint32_t> oid_of(const std::string& text) {
    const auto number = parse_integer(text);
    if (!number) return Error{ErrorCode::kInternal, "reading a type's Oid", "it is no number"};
    return static_cast<std::uint32_t>(*number);
}

bool is_text_like(Kind kind) {
    return kind == Kind::kBytes || kind == Kind::kJsonb;
}

std::string_view wanted_by(Kind kind) {
    if (kind == Kind::kArray) return "an array";
    if (kind == Kind::kComposite) return "a row with as many values as the type has fields";
    return is_text_like(kind) ? "text or bytes" : "a number";
}

Status check_parts(const Expression& expression, const ColumnType& type) {
    if (type.kind == Kind::kArray) return check_type(expression.arguments[1], *type.parts[0]);
    for (std::size_t i = 0; i < type.parts.size(); ++i)
        HONE_TRY(check_type(expression.arguments[i], *type.parts[i]));
    return {};
}

}  // namespace

Status check_type(const Expression& expression, const ColumnType& type) {
    if (expression.function == Function::kIf) {
        HONE_TRY(check_type(expression.arguments[1], type));
        return check_type(expression.arguments[2], type);
    }
    if (expression.function == Function::kCall) return check_type(*expression.body, type);
    if (expression.shape == Shape::kNull) return {};
    const bool fits =
        type.kind == Kind::kArray ? expression.shape == Shape::kArray
        : type.kind == Kind::kComposite
            ? expression.shape == Shape::kRow && expression.arguments.size() == type.parts.size()
        : is_text_like(type.kind) ? expression.shape == Shape::kBytes
                                  : expression.shape == Shape::kNumber;
    if (!fits)
        return Error{ErrorCode::kInvalidArgument, "matching an expression to its column's type",
                     fmt::format("the column wants {}", wanted_by(type.kind))};
    if (type.kind == Kind::kArray || type.kind == Kind::kComposite)
        return check_parts(expression, type);
    return {};
}

Result<std::vector<Column>> TypeCatalogue::columns_of(const std::string& table, Deadline deadline) {
    HONE_TRY_ASSIGN(const postgres::Rows rows,
                    connection_.query("SELECT attname, atttypid FROM pg_attribute"
                                      " WHERE attrelid = to_regclass($1) AND attnum > 0"
                                      " AND NOT attisdropped ORDER BY attnum",
                                      {postgres::quoted_identifier(table)}, deadline));
    if (rows.empty())
        return Error{ErrorCode::kNotFound, fmt::format("looking for the table '{}'", table),
                     "the database has none of that name"};
    std::vector<Column> columns;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        HONE_TRY_ASSIGN(const std::uint32_t oid, oid_of(rows.text(row, "atttypid")));
        HONE_TRY_ASSIGN(auto type, type_of(oid, deadline));
        columns.push_back({rows.text(row, "attname"), std::move(type)});
    }
    return columns;
}

Result<std::shared_ptr<const ColumnType>> TypeCatalogue::type_of(std::uint32_t oid,
                                                                 Deadline deadline) {
    if (const auto found = known_.find(oid); found != known_.end()) return found->second;
    HONE_TRY_ASSIGN(auto type, read_type(oid, deadline));
    known_[oid] = type;
    return type;
}

Result<std::shared_ptr<const ColumnType>> TypeCatalogue::read_type(std::uint32_t oid,
                                                                   Deadline deadline) {
    HONE_TRY_ASSIGN(
        const postgres::Rows rows,
        connection_.query("SELECT typname, typsend::text AS send, typelem, typrelid,"
                          " typcategory = 'A' AS is_array, typtype = 'c' AS is_composite,"
                          " ARRAY(SELECT atttypid::text FROM pg_attribute WHERE attrelid = typrelid"
                          "  AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS fields"
                          " FROM pg_type WHERE oid = $1::text::oid",
                          {fmt::format("{}", oid)}, deadline));
    if (rows.empty())
        return Error{ErrorCode::kNotFound, "reading a column's type", "the type is gone"};
    auto type = std::make_shared<ColumnType>();
    type->oid = oid;
    type->send = rows.text(0, "send");
    std::string parts = rows.text(0, "typelem");
    if (rows.text(0, "is_array") == "t") {
        type->kind = Kind::kArray;
    } else if (rows.text(0, "is_composite") == "t") {
        type->kind = Kind::kComposite;
        parts = rows.text(0, "fields");
        parts = parts.substr(1, parts.size() - 2);  // {20,17}
    } else {
        for (const BaseType& known : kBaseTypes)
            if (known.name == rows.text(0, "typname")) {
                type->kind = known.kind;
                return std::shared_ptr<const ColumnType>(std::move(type));
            }
        return Error{ErrorCode::kUnsupported, "reading a column's type",
                     fmt::format("no generator writes '{}'", rows.text(0, "typname"))};
    }
    for (const std::string_view part : split(parts, ',')) {
        HONE_TRY_ASSIGN(const std::uint32_t part_oid, oid_of(std::string(part)));
        HONE_TRY_ASSIGN(auto part_type, type_of(part_oid, deadline));
        type->parts.push_back(std::move(part_type));
    }
    return std::shared_ptr<const ColumnType>(std::move(type));
}

}  // namespace hone::prove
