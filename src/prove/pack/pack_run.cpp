#include "prove/pack/pack_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "prove/pack/load_tables.hpp"
#include "prove/pack/table_load.hpp"

namespace hone::prove {

namespace {

using Field = std::string_view;  // with its length in front

std::int32_t length_of(const char* field) {
    std::uint32_t length = 0;
    for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(field[i]);
    return static_cast<std::int32_t>(length);
}

// Binds the field at `at` and returns where the next one is.
std::size_t bind_field(const std::string& bytes, std::size_t at, StatementCall& call) {
    const std::int32_t length = length_of(bytes.data() + at);
    at += 4;
    if (length < 0) return call.bind_null(), at;
    call.bind_binary({bytes.data() + at, static_cast<std::size_t>(length)});
    return at + static_cast<std::size_t>(length);
}

class Run final : public PackRun {
  public:
    Run(std::shared_ptr<const Pack::Description> description, CompiledPack compiled)
        : description_(std::move(description)), pack_(std::move(compiled)) {}

    Status create(postgres::Connection& connection, Progress& progress,
                  Deadline deadline) override {
        progress.step("making the schema");
        HONE_TRY(run_schema(connection, false, deadline));
        HONE_TRY(attach_rows(connection, deadline));
        progress.step("loading");
        HONE_TRY(load_tables(connection, table_loads(pack_.rows), progress, deadline));
        progress.step("building indexes");
        HONE_TRY(run_schema(connection, true, deadline));
        progress.step("vacuuming");
        for (const std::string& table : tables())
            HONE_TRY(connection.query("VACUUM (ANALYZE) " + postgres::quoted_identifier(table),
                                      deadline));
        return attach_statements(connection, deadline);
    }

    Status attach(postgres::Connection& connection, Deadline deadline) override {
        HONE_TRY(attach_rows(connection, deadline));
        return attach_statements(connection, deadline);
    }

    Result<std::vector<PackTableCheck>> verify(postgres::Connection& connection, Progress& progress,
                                               Deadline deadline) override {
        progress.step("comparing every row with the generator's");
        HONE_TRY(attach_rows(connection, deadline));
        return check_tables(connection, table_loads(pack_.rows), progress, deadline);
    }

    std::span<const StatementText> statements() const override { return pack_.statements; }
    std::span<const OperationInfo> operations() const override { return pack_.infos; }
    void draw(std::size_t operation, std::uint64_t number, Transaction& transaction) const override;

    std::vector<double> rates() const override { return pack_.rates; }
    std::vector<double> weights() const override { return pack_.rates; }
    int clients() const override { return pack_.clients; }
    bool closed_loop() const override { return pack_.closed_loop; }
    const PackInfo& info() const override { return description_->info; }
    const PackOptions& options() const override { return pack_.options; }

    std::vector<std::string> tables() const override {
        std::vector<std::string> names;
        for (const RowSet& rows : pack_.rows)
            if (std::find(names.begin(), names.end(), rows.table) == names.end())
                names.push_back(rows.table);
        return names;
    }

  private:
    Status run_schema(postgres::Connection& connection, bool after_load, Deadline deadline) {
        for (const SchemaFile& file : pack_.schema)
            if (file.after_load == after_load)
                HONE_TRY(connection.script(file.sql, deadline)
                             .with_context(fmt::format("running the pack's '{}'", file.name)));
        return {};
    }

    Status attach_rows(postgres::Connection& connection, Deadline deadline);
    Status attach_statements(postgres::Connection& connection, Deadline deadline);
    Status attach_call(const Call& call, Call& attached, TypeCatalogue& catalogue,
                       postgres::Connection& connection, Deadline deadline);
    void draw_rows(const Call& call, const Frame& frame, Encoder& encoder,
                   StatementCall& out) const;

    std::shared_ptr<const Pack::Description> description_;
    CompiledPack pack_;
    bool attached_ = false;
};

Status Run::attach_rows(postgres::Connection& connection, Deadline deadline) {
    TypeCatalogue catalogue(connection);
    for (RowSet& rows : pack_.rows) {
        HONE_TRY_ASSIGN(const std::vector<Column> columns,
                        catalogue.columns_of(rows.table, deadline));
        rows.types.clear();
        for (std::size_t i = 0; i < rows.columns.size(); ++i) {
            const std::string tried =
                fmt::format("matching the rows '{}' to the table '{}'", rows.name, rows.table);
            const auto found =
                std::find_if(columns.begin(), columns.end(),
                             [&](const Column& column) { return column.name == rows.columns[i]; });
            if (found == columns.end())
                return Error{ErrorCode::kInvalidArgument, tried,
                             fmt::format("the table has no column '{}'", rows.columns[i])};
            HONE_TRY(check_type(rows.values[i], *found->type)
                         .with_context(fmt::format("{}, column '{}'", tried, rows.columns[i])));
            rows.types.push_back(found->type);
        }
    }
    return {};
}

Status Run::attach_statements(postgres::Connection& connection, Deadline deadline) {
    TypeCatalogue catalogue(connection);
    for (Operation& operation : pack_.operations)
        for (Call& call : operation.calls)
            HONE_TRY(attach_call(call, call, catalogue, connection, deadline)
                         .with_context(fmt::format("preparing the statement '{}'",
                                                   pack_.statements[call.statement].name)));
    attached_ = true;
    return {};
}

// The server says what a statement's parameters are, and whether the statement makes sense to it.
Status Run::attach_call(const Call& call, Call& attached, TypeCatalogue& catalogue,
                        postgres::Connection& connection, Deadline deadline) {
    StatementText& statement = pack_.statements[call.statement];
    HONE_TRY(connection.query("PREPARE hone_pack AS " + statement.sql, deadline));
    const auto types = connection.query(
        "SELECT u::oid AS oid FROM pg_prepared_statements, unnest(parameter_types) WITH ORDINALITY"
        " AS p (u, position) WHERE name = 'hone_pack' ORDER BY position",
        deadline);
    HONE_TRY(connection.query("DEALLOCATE hone_pack", deadline));
    HONE_TRY(Status(types.ok() ? Status{} : Status(types.error())));
    statement.parameter_types.clear();
    attached.types.clear();
    for (std::size_t i = 0; i < types->size(); ++i) {
        const auto oid =
            static_cast<std::uint32_t>(parse_integer(types->text(i, "oid")).value_or(0));
        statement.parameter_types.push_back(oid);
        if (call.rows) continue;
        HONE_TRY_ASSIGN(auto type, catalogue.type_of(oid, deadline));
        attached.types.push_back(std::move(type));
    }
    const std::size_t given =
        call.rows ? pack_.rows[*call.rows].columns.size() * static_cast<std::size_t>(call.row_count)
                  : call.parameters.size();
    if (given != types->size())
        return Error{ErrorCode::kInvalidArgument, "matching parameters",
                     fmt::format("the statement has {}, the pack gives {}", types->size(), given)};
    for (std::size_t i = 0; i < call.parameters.size(); ++i)
        HONE_TRY(check_type(call.parameters[i], *attached.types[i])
                     .with_context(fmt::format("parameter ${}", i + 1)));
    return {};
}

void Run::draw(std::size_t operation, std::uint64_t number, Transaction& transaction) const {
    HONE_ASSERT(attached_ && operation < pack_.operations.size());
    thread_local Encoder encoder;
    const Operation& drawn = pack_.operations[operation];
    const Frame frame{static_cast<std::int64_t>(number)};
    transaction.atomic = drawn.atomic;
    transaction.rounds_at_most = drawn.rounds_at_most;
    for (const Call& call : drawn.calls) {
        StatementCall& out = transaction.add(call.statement);
        encoder.bytes.clear();
        if (call.rows) {
            draw_rows(call, frame, encoder, out);
            continue;
        }
        for (std::size_t i = 0; i < call.parameters.size(); ++i)
            encoder.append(call.parameters[i], *call.types[i], frame);
        for (std::size_t at = 0; at < encoder.bytes.size();)
            at = bind_field(encoder.bytes, at, out);
    }
}

// Sorted by their bytes, whose first ones are the key's: writers that go through a table in one
// order do not deadlock.
void Run::draw_rows(const Call& call, const Frame& frame, Encoder& encoder,
                    StatementCall& out) const {
    const RowSet& rows = pack_.rows[*call.rows];
    const std::int64_t first = number_of(call.first_row, frame);
    thread_local std::vector<std::pair<std::size_t, std::size_t>> spans;
    spans.clear();
    for (std::int64_t row = 0; row < call.row_count; ++row) {
        const std::size_t begin = encoder.bytes.size();
        for (std::size_t i = 0; i < rows.values.size(); ++i)
            encoder.append(rows.values[i], *rows.types[i], Frame{first + row});
        spans.emplace_back(begin, encoder.bytes.size());
    }
    const std::string_view bytes = encoder.bytes;
    std::sort(spans.begin(), spans.end(), [&](const auto& a, const auto& b) {
        return bytes.substr(a.first, a.second - a.first) <
               bytes.substr(b.first, b.second - b.first);
    });
    for (const auto& [begin, end] : spans)
        for (std::size_t at = begin; at < end;) at = bind_field(encoder.bytes, at, out);
}

}  // namespace

std::unique_ptr<PackRun> make_run(std::shared_ptr<const Pack::Description> description,
                                  CompiledPack compiled) {
    return std::make_unique<Run>(std::move(description), std::move(compiled));
}

}  // namespace hone::prove
