// prove/pack/compile.hpp - a pack with its choices made: every expression read, every constant a
// number.
//
// Errors   invalid_argument: a choice that the pack does not offer, an expression with its place in
//          the file, a statement with more parameters than PostgreSQL takes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "prove/load/workload.hpp"
#include "prove/pack/column_type.hpp"
#include "prove/pack/description.hpp"
#include "prove/pack/expression.hpp"

namespace hone::prove {

using TypePointer = std::shared_ptr<const ColumnType>;

struct RowSet {
    std::string name;
    std::string table;
    std::int64_t count = 0;
    std::vector<std::string> columns;
    std::vector<Expression> values;  // of row n
    std::vector<TypePointer> types;  // known once attached
};

struct Call {
    std::size_t statement = 0;
    std::vector<Expression> parameters;  // of transaction k
    std::vector<TypePointer> types;      // known once attached
    std::optional<std::size_t> rows;     // which row set
    std::int64_t row_count = 0;
    Expression first_row;  // of transaction k
};

struct Operation {
    bool atomic = false;
    int rounds_at_most = 1;
    std::vector<Call> calls;
};

struct CompiledPack {
    PackOptions options;
    std::vector<SchemaFile> schema;
    std::vector<RowSet> rows;
    std::vector<Operation> operations;
    std::vector<OperationInfo> infos;
    std::vector<StatementText> statements;
    std::vector<double> rates;  // or weights, where the loop is closed
    bool closed_loop = false;
    int clients = 0;
};

Result<CompiledPack> compile_pack(const Pack::Description& description, const PackOptions& options);

}  // namespace hone::prove
