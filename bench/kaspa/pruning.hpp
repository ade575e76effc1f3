// bench/kaspa/pruning.hpp - what the indexer's hourly deletes cost, and what they leave behind.
//
// Shape    rounds as in a database that has reached its retention: a tenth of the chain is written
//          at the tip, a tenth is pruned from its tail. Then VACUUM, then REINDEX.
#pragma once

#include <string>

#include "bench/kaspa/laboratory.hpp"

namespace hone::bench {

struct PruneRound {
    double written_transactions = 0;
    double deleted_rows = 0;
    double seconds = 0;    // of the deletes
    double wal_bytes = 0;  // of the deletes
};

struct PruneReport {
    std::vector<PruneRound> rounds;
    std::vector<std::pair<std::string, std::vector<RelationSize>>> stages;  // after what
    double vacuum_seconds = 0;
    double reindex_seconds = 0;
};

Result<PruneReport> measure_pruning(const Laboratory& laboratory, Progress& progress,
                                    Deadline deadline);
std::string pruning_text(const PruneReport& report);

}  // namespace hone::bench
