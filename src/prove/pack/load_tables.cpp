#include "prove/pack/load_tables.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

#include "base/interrupt.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::string_view kCopyHeader{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr std::string_view kCopyTrailer{"\377\377", 2};
constexpr int kChecksumBits = 60;  // a sum of 2^3 rows still fits into a bigint's 63 bits

// Counts rows over all tables, for one bar.
struct Meter {
    Progress& progress;
    double rows_in_all = 0;
    double rows_done = 0;

    Status add(std::uint64_t rows, const std::string& table) {
        rows_done += static_cast<double>(rows);
        progress.update(rows_done / rows_in_all,
                        fmt::format("{}: {:.0f} of {:.0f} rows", table, rows_done, rows_in_all));
        if (interrupt_came())
            return Error{ErrorCode::kCancelled, "going through the pack's rows", "interrupted"};
        return {};
    }
};

Meter meter_of(const std::vector<TableLoad>& loads, Progress& progress) {
    Meter meter{.progress = progress};
    for (const TableLoad& load : loads) meter.rows_in_all += static_cast<double>(load.rows());
    return meter;
}

Status check_overflow(const Encoder& encoder, const TableLoad& load) {
    if (!encoder.overflowed) return {};
    return Error{ErrorCode::kInvalidArgument, fmt::format("making the rows of '{}'", load.table()),
                 "a number does not fit into its column's type"};
}

// Fills the encoder with rows up to the size of a piece; how many there were.
std::uint64_t next_rows(TableLoad::Reader& reader, std::size_t columns, Encoder& encoder) {
    const std::array<char, 2> count{static_cast<char>(columns >> 8),
                                    static_cast<char>(columns & 0xff)};
    std::uint64_t rows = 0;
    while (encoder.bytes.size() < kPieceBytes) {
        const std::size_t before = encoder.bytes.size();
        encoder.bytes.append(count.data(), count.size());
        if (!reader.next(encoder)) {
            encoder.bytes.resize(before);
            break;
        }
        ++rows;
    }
    return rows;
}

Status copy_table(postgres::Connection& connection, const TableLoad& load, Meter& meter,
                  Deadline deadline) {
    TableLoad::Reader reader(load);
    Encoder encoder;
    bool begun = false;
    bool ended = false;
    const auto next = [&](std::string& piece) -> Result<bool> {
        if (ended) return false;
        encoder.bytes.swap(piece);  // the buffer goes round: no allocation per piece
        if (!begun) encoder.bytes += kCopyHeader;
        begun = true;
        const std::uint64_t rows = next_rows(reader, load.columns().size(), encoder);
        HONE_TRY(check_overflow(encoder, load));
        ended = rows == 0;
        if (ended) encoder.bytes += kCopyTrailer;
        encoder.bytes.swap(piece);
        HONE_TRY(meter.add(rows, load.table()));
        return true;
    };
    const std::string table = postgres::quoted_identifier(load.table());
    // Truncated in the same transaction, which is what FREEZE asks for.
    HONE_TRY(connection.script(fmt::format("BEGIN; TRUNCATE {}", table), deadline));
    HONE_TRY(connection.copy_in(
        fmt::format("COPY {} {} FROM STDIN (FORMAT binary, FREEZE)", table, load.column_list()),
        next, deadline));
    return connection.script("COMMIT", deadline);
}

std::uint64_t checksum_of(std::string_view row) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(row.data()), row.size(), digest.data());
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < 8; ++i) first = first << 8 | digest[i];
    return first >> (64 - kChecksumBits);
}

// Sums beyond 64 bits, as SQL's numeric does: two halves that carry.
class Sum {
  public:
    void add(std::uint64_t value) {
        low_ += value & kHalf;
        high_ += value >> kHalfBits;
    }
    // "123 456": high and low half.
    std::string text() const { return fmt::format("{} {}", high_, low_); }

  private:
    static constexpr int kHalfBits = 30;
    static constexpr std::uint64_t kHalf = (std::uint64_t{1} << kHalfBits) - 1;
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
};

// The fields of a row as COPY has them, made by the server.
std::string row_in_sql(const TableLoad& load) {
    std::vector<std::string> fields;
    for (const Column& column : load.columns()) {
        const std::string name = postgres::quoted_identifier(column.name);
        const std::string sent = fmt::format("{}({})", column.type->send, name);
        fields.push_back(fmt::format(
            "coalesce(int4send(octet_length({0})) || {0}, '\\xffffffff'::bytea)", sent));
    }
    return join(fields, " || ");
}

std::string checksum_sql(const TableLoad& load) {
    // The halves are summed apart so that no sum leaves bigint for the slow numeric.
    return fmt::format(
        "SELECT count(*) AS rows, coalesce(sum((half >> 30)::int), 0) || ' ' ||"
        " coalesce(sum((half & 1073741823)::int), 0) AS checksum FROM (SELECT"
        " ('x' || left(encode(sha256({}), 'hex'), 15))::bit(60)::bigint AS half FROM {}) AS hashed",
        row_in_sql(load), postgres::quoted_identifier(load.table()));
}

Result<PackTableCheck> check_table(postgres::Connection& connection, const TableLoad& load,
                                   Meter& meter, Deadline deadline) {
    HONE_TRY_ASSIGN(const postgres::Rows found, connection.query(checksum_sql(load), deadline));
    TableLoad::Reader reader(load);
    Encoder encoder;
    Sum sum;
    while (reader.next(encoder)) {
        sum.add(checksum_of(encoder.bytes));
        encoder.bytes.clear();
    }
    HONE_TRY(meter.add(load.rows(), load.table()));
    PackTableCheck check;
    check.table = load.table();
    check.rows_wanted = load.rows();
    check.rows = static_cast<std::uint64_t>(parse_integer(found.text(0, "rows")).value_or(0));
    check.same_content = found.text(0, "checksum") == sum.text();
    return check;
}

}  // namespace

Status load_tables(postgres::Connection& connection, const std::vector<TableLoad>& loads,
                   Progress& progress, Deadline deadline) {
    Meter meter = meter_of(loads, progress);
    for (const TableLoad& load : loads) {
        Status copied = copy_table(connection, load, meter, deadline);
        if (!copied) {
            // The Error of the load says more than one of the way out.
            static_cast<void>(connection.script("ROLLBACK", Deadline::after(Seconds{5})).ok());
            return copied;
        }
    }
    return {};
}

Result<std::vector<PackTableCheck>> check_tables(postgres::Connection& connection,
                                                 const std::vector<TableLoad>& loads,
                                                 Progress& progress, Deadline deadline) {
    Meter meter = meter_of(loads, progress);
    std::vector<PackTableCheck> checks;
    for (const TableLoad& load : loads) {
        HONE_TRY_ASSIGN(PackTableCheck check, check_table(connection, load, meter, deadline));
        checks.push_back(std::move(check));
    }
    return checks;
}

}  // namespace hone::prove
