#include "bench/tuners/bench_load.hpp"

#include <algorithm>

namespace hone::bench {

namespace {

constexpr double kPgbenchShare = 1.5;  // of the memory
constexpr double kSysbenchShare = 0.5;
constexpr double kBulkShare = 0.25;
constexpr double kStarShare = 0.08;  // a pass over it is to take seconds, not minutes
// Measured on 15: with their indexes.
constexpr Bytes kPgbenchScale = Bytes::mega(15);
constexpr Bytes kSysbenchRow = Bytes{252};
constexpr Bytes kBulkRow = Bytes{330};
constexpr Bytes kSale = Bytes{105};

int count_for(Bytes memory, double share, Bytes each) {
    return std::max(1, static_cast<int>(static_cast<double>(memory.count()) * share /
                                        static_cast<double>(each.count())));
}

}  // namespace

Sizes sizes_for(Bytes memory, double scale) {
    Sizes sizes;
    sizes.pgbench_scale = count_for(memory, kPgbenchShare * scale, kPgbenchScale);
    sizes.sysbench_rows = count_for(memory, kSysbenchShare * scale, kSysbenchRow * kSysbenchTables);
    sizes.bulk_batches = count_for(memory, kBulkShare * scale, kBulkRow * kBulkBatchRows);
    sizes.sales = count_for(memory, kStarShare * scale, kSale);
    return sizes;
}

Status BenchLoad::prepare(BenchServer& server, Deadline deadline) {
    return prewarm(server, deadline);
}

std::vector<std::unique_ptr<DataSet>> all_data_sets(const DataSetOptions& options) {
    std::vector<std::unique_ptr<DataSet>> sets;
    sets.push_back(make_pgbench_data(options));
    sets.push_back(make_sysbench_data(options));
    sets.push_back(make_bulk_data(options));
    sets.push_back(make_kaspa_data());
    sets.push_back(make_star_data(options));
    return sets;
}

Status prewarm(BenchServer& server, Deadline deadline) {
    HONE_TRY(server.query("CREATE EXTENSION IF NOT EXISTS pg_prewarm", deadline));
    return server.query(
        "SELECT sum(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i') "
        "AND relnamespace = 'public'::regnamespace",
        deadline);
}

}  // namespace hone::bench
