#include "bench/kaspa/pruning.hpp"

#include <fmt/format.h>

#include <array>

#include "bench/kaspa/sender.hpp"

namespace hone::bench {

namespace {

constexpr int kRounds = 3;
constexpr std::array<const char*, 5> kPruneOperations{"prune-block-parents", "prune-acceptances",
                                                      "prune-blocks", "prune-transactions",
                                                      "prune-script-mapping"};

// How many of an operation's transactions make a tenth of what was loaded.
struct Part {
    const char* operation;
    const char* table;
};
constexpr std::array<Part, 6> kParts{{
    {"blocks", "blocks"},
    {"block-parents", "block_parent"},
    {"accept-transactions", "transactions_acceptances"},
    {"ingest-transactions", "transactions_acceptances"},
    {"script-mapping", "scripts_transactions"},
    {"acceptances", "transactions_acceptances"},
}};

class Experiment {
  public:
    Experiment(postgres::Connection& connection, Sender& sender, const prove::PackRun& run,
               Deadline deadline)
        : connection_(connection), sender_(sender), run_(run), deadline_(deadline) {}

    // Counts what was loaded, so that a round can write a tenth of it.
    Status begin() {
        for (const Part& part : kParts) {
            HONE_TRY_ASSIGN(const double rows,
                            number_from(connection_,
                                        fmt::format("SELECT count(*) AS number FROM {}",
                                                    postgres::quoted_identifier(part.table)),
                                        deadline_));
            for (const prove::OperationInfo& info : run_.operations())
                if (info.name == part.operation)
                    batches_.push_back(static_cast<std::uint64_t>(rows / 10 / info.units));
        }
        return {};
    }

    Result<PruneRound> round(std::uint64_t number) {
        PruneRound result;
        for (std::size_t i = 0; i < kParts.size(); ++i)
            for (std::uint64_t k = 0; k < batches_[i]; ++k) {
                HONE_TRY_ASSIGN(const std::int64_t rows,
                                sender_.send(kParts[i].operation, number * batches_[i] + k));
                if (i == 2) result.written_transactions += static_cast<double>(rows);
            }
        HONE_TRY_ASSIGN(const double wal, wal_position(connection_, deadline_));
        const double begun = monotonic_seconds();
        for (const char* operation : kPruneOperations) {
            HONE_TRY_ASSIGN(const std::int64_t rows, sender_.send(operation, number));
            result.deleted_rows += static_cast<double>(rows);
        }
        result.seconds = monotonic_seconds() - begun;
        HONE_TRY_ASSIGN(const double wal_after, wal_position(connection_, deadline_));
        result.wal_bytes = wal_after - wal;
        return result;
    }

    Status stage(PruneReport& report, std::string after) {
        sender_.report_statistics();
        HONE_TRY_ASSIGN(auto sizes, sizes_of(connection_, deadline_));
        report.stages.emplace_back(std::move(after), std::move(sizes));
        return {};
    }

    Result<double> timed(const std::string& sql) {
        const double begun = monotonic_seconds();
        HONE_TRY(connection_.query(sql, deadline_));
        return monotonic_seconds() - begun;
    }

  private:
    postgres::Connection& connection_;
    Sender& sender_;
    const prove::PackRun& run_;
    Deadline deadline_;
    std::vector<std::uint64_t> batches_;
};

}  // namespace

Result<PruneReport> measure_pruning(const Laboratory& laboratory, Progress& progress,
                                    Deadline deadline) {
    progress.step("pruning: loading");
    HONE_TRY_ASSIGN(auto run, kaspa(laboratory, "catch-up", "23", "scripts"));
    HONE_TRY_ASSIGN(auto servers,
                    make_servers(laboratory, {{}}, *run, silent_progress(), deadline));
    HONE_TRY_ASSIGN(auto connection, servers[0].connect(deadline));
    HONE_TRY_ASSIGN(auto sender, Sender::open(servers[0].conninfo(), *run));
    Experiment experiment(connection, sender, *run, deadline);
    HONE_TRY(experiment.begin());
    PruneReport report;
    HONE_TRY(experiment.stage(report, "loaded"));
    for (int round = 0; round < kRounds; ++round) {
        progress.step(fmt::format("pruning: round {} of {}", round + 1, kRounds));
        HONE_TRY_ASSIGN(PruneRound result, experiment.round(static_cast<std::uint64_t>(round)));
        report.rounds.push_back(result);
    }
    HONE_TRY(experiment.stage(report, "pruned"));
    progress.step("pruning: VACUUM, then REINDEX");
    HONE_TRY_ASSIGN(report.vacuum_seconds, experiment.timed("VACUUM (ANALYZE)"));
    HONE_TRY(experiment.stage(report, "VACUUM"));
    HONE_TRY_ASSIGN(report.reindex_seconds, experiment.timed("REINDEX DATABASE postgres"));
    HONE_TRY(experiment.stage(report, "REINDEX"));
    return report;
}

std::string pruning_text(const PruneReport& report) {
    std::string text = "Pruning: a tenth written at the tip, a tenth deleted at the tail\n\n";
    text += fmt::format("  {:<6} {:>14} {:>13} {:>9} {:>12} {:>14}\n", "round", "tx written",
                        "rows deleted", "seconds", "WAL", "WAL/row");
    for (std::size_t i = 0; i < report.rounds.size(); ++i) {
        const PruneRound& round = report.rounds[i];
        text += fmt::format("  {:<6} {:>14.0f} {:>13.0f} {:>9.1f} {:>12} {:>12.0f} B\n", i + 1,
                            round.written_transactions, round.deleted_rows, round.seconds,
                            format_for_people(Bytes{static_cast<std::int64_t>(round.wal_bytes)}),
                            round.wal_bytes / std::max(1.0, round.deleted_rows));
    }
    const auto mega = [](double bytes) { return fmt::format("{:.1f}", bytes / 1048576); };
    text += fmt::format("\n  {:<10} {:<26} {:>10} {:>12} {:>10} {:>12}\n", "after", "table", "rows",
                        "dead rows", "heap MB", "indexes MB");
    for (const auto& [after, tables] : report.stages)
        for (const RelationSize& table : tables) {
            if (table.rows < 10) continue;
            text += fmt::format("  {:<10} {:<26} {:>10.0f} {:>12.0f} {:>10} {:>12}\n", after,
                                table.table, table.rows, table.dead_rows, mega(table.heap_bytes),
                                mega(table.index_bytes));
        }
    text += fmt::format("\n  VACUUM took {:.1f} s, REINDEX {:.1f} s\n", report.vacuum_seconds,
                        report.reindex_seconds);
    return text;
}

}  // namespace hone::bench
