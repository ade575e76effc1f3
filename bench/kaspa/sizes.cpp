#include "bench/kaspa/sizes.hpp"

#include <fmt/format.h>

namespace hone::bench {

namespace {

Result<VariantSize> measure_variant(const Laboratory& laboratory, const std::string& schema,
                                    const std::string& mapping, Progress& progress,
                                    Deadline deadline) {
    progress.step(fmt::format("sizes: schema {}, {}", schema, mapping));
    HONE_TRY_ASSIGN(auto run, kaspa(laboratory, "busy", schema, mapping));
    postgres::ScratchOptions options;
    options.bin_directory = laboratory.bin_directory;
    options.owner = laboratory.owner;
    options.parent_folder = laboratory.scratch_folder;
    HONE_TRY_ASSIGN(auto server, postgres::ScratchServer::prepare(options, deadline));
    HONE_TRY(server.start(deadline));
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    VariantSize size{schema, mapping, 0, 0, {}};
    const double begun = monotonic_seconds();
    HONE_TRY(run->create(connection, silent_progress(), deadline));
    size.load_seconds = monotonic_seconds() - begun;
    HONE_TRY_ASSIGN(size.tables, sizes_of(connection, deadline));
    // Coinbases have no mass.
    HONE_TRY_ASSIGN(
        size.transactions,
        number_from(connection, "SELECT count(mass) AS number FROM transactions", deadline));
    return size;
}

double bytes_in_all(const VariantSize& size) {
    double sum = 0;
    for (const RelationSize& table : size.tables) sum += table.heap_bytes + table.index_bytes;
    return sum;
}

}  // namespace

Result<std::vector<VariantSize>> measure_sizes(const Laboratory& laboratory, Progress& progress,
                                               Deadline deadline) {
    std::vector<VariantSize> sizes;
    for (const char* schema : {"10", "23"})
        for (const char* mapping : {"addresses", "scripts"}) {
            HONE_TRY_ASSIGN(auto size,
                            measure_variant(laboratory, schema, mapping, progress, deadline));
            sizes.push_back(std::move(size));
        }
    return sizes;
}

std::string sizes_text(const std::vector<VariantSize>& sizes) {
    std::string text = "Bytes by schema and mapping, freshly loaded\n\n";
    const auto line = [&](const auto&... cells) {
        text += fmt::format("  {:<8} {:<10} {:<26} {:>12} {:>10} {:>12}\n", cells...);
    };
    line("schema", "mapping", "table", "rows", "heap/row", "indexes/row");
    for (const VariantSize& size : sizes)
        for (const RelationSize& table : size.tables) {
            if (table.rows < 10) continue;
            line(size.schema, size.mapping, table.table, fmt::format("{:.0f}", table.rows),
                 fmt::format("{:.0f}", table.heap_bytes / table.rows),
                 fmt::format("{:.0f}", table.index_bytes / table.rows));
        }
    text += fmt::format("\n  {:<8} {:<10} {:>14} {:>22} {:>10}\n", "schema", "mapping", "database",
                        "bytes/transaction", "loaded in");
    for (const VariantSize& size : sizes)
        text +=
            fmt::format("  {:<8} {:<10} {:>14} {:>22.0f} {:>8.1f} s\n", size.schema, size.mapping,
                        format_for_people(Bytes{static_cast<std::int64_t>(bytes_in_all(size))}),
                        bytes_in_all(size) / size.transactions, size.load_seconds);
    return text;
}

}  // namespace hone::bench
