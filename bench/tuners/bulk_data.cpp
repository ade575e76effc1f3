// A sliding window of batches: load one by COPY, delete the oldest, VACUUM. As long as it runs the table
// keeps its size, and the index on random keys is touched everywhere.
#include <fmt/format.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "bench/tuners/bench_load.hpp"

namespace hone::bench {

namespace {

namespace fs = std::filesystem;

constexpr int kFiles = 8;           // they take turns
constexpr std::uint64_t kSeed = 3;  // equal data in every run

std::string batch_text(std::uint64_t seed) {
    Random random(seed);
    std::string text;
    for (int row = 0; row < kBulkBatchRows; ++row)
        text += fmt::format("\\\\x{:016x}{:016x}{:016x}{:016x}\t{}\t{:.2f}\tpayment {}\n",
                            random.next(), random.next(), random.next(), random.next(),
                            random.below(1000000), 1000 * random.unit(), random.below(100000));
    return text;
}

constexpr std::string_view kTable =
    "CREATE TABLE payment (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, batch bigint NOT "
    "NULL "
    "DEFAULT currval('batch'), key bytea NOT NULL, account int NOT NULL, amount numeric NOT NULL, "
    "note text NOT NULL)";

std::string copy_statement(const fs::path& file) {
    return fmt::format("COPY payment (key, account, amount, note) FROM {}",
                       postgres::quoted_literal(file.string()));
}

fs::path file_of(const fs::path& folder, std::uint64_t number) {
    return folder / fmt::format("batch-{}.tsv", number % kFiles);
}

Status write_files(const DataSetOptions& options) {
    for (std::uint64_t number = 0; number < kFiles; ++number) {
        const fs::path file = file_of(options.folder, number);
        if (!file_exists(file))
            HONE_TRY(replace_file(file, batch_text(kSeed + number), FileAttributes{.mode = 0644}));
    }
    return {};
}

class BulkLoad final : public BenchLoad {
  public:
    explicit BulkLoad(const DataSetOptions& options) : options_(options) {}
    std::string_view name() const override { return "bulk load + vacuum"; }
    std::string_view meaning() const override {
        return "COPY 30 000 rows into four indexes, delete as many old ones, VACUUM";
    }
    std::string_view operation() const override { return "row"; }
    LoadKind kind() const override { return LoadKind::kIngest; }
    bool writes() const override { return true; }
    Status prepare(BenchServer& server, Deadline deadline) override {
        HONE_TRY(write_files(options_));
        return prewarm(server, deadline);
    }
    Result<prove::Slice> run(BenchServer& server, double seconds, std::uint64_t seed,
                             Deadline deadline) override {
        const double begun = monotonic_seconds();
        double rows = 0;
        do {
            HONE_TRY(load_batch(server, file_of(options_.folder, seed), deadline));
            rows += kBulkBatchRows;
        } while (monotonic_seconds() - begun < seconds);
        return prove::Slice{.operations = rows, .rate = rows / (monotonic_seconds() - begun)};
    }
    static Status load_batch(BenchServer& server, const fs::path& file, Deadline deadline) {
        for (const std::string& sql :
             {std::string("SELECT nextval('batch')"), copy_statement(file),
              std::string("DELETE FROM payment WHERE batch = (SELECT min(batch) FROM payment)"),
              std::string("VACUUM payment")})
            HONE_TRY(server.query(sql, deadline));
        return {};
    }

  private:
    DataSetOptions options_;
};

class BulkData final : public DataSet {
  public:
    explicit BulkData(DataSetOptions options) : options_(std::move(options)) {}
    std::string_view name() const override { return "bulk"; }
    Status fill(BenchServer& server, Deadline deadline) override {
        HONE_TRY(write_files(options_));
        for (const std::string& sql : {std::string("CREATE SEQUENCE batch"), std::string(kTable),
                                       std::string("CREATE INDEX ON payment (key)"),
                                       std::string("CREATE INDEX ON payment (account, id)"),
                                       std::string("CREATE INDEX ON payment (batch)")})
            HONE_TRY(server.query(sql, deadline));
        for (int batch = 0; batch < options_.sizes.bulk_batches; ++batch)
            HONE_TRY(fill_batch(server, static_cast<std::uint64_t>(batch), deadline));
        return {};
    }
    std::vector<std::unique_ptr<BenchLoad>> loads() const override {
        std::vector<std::unique_ptr<BenchLoad>> loads;
        loads.push_back(std::make_unique<BulkLoad>(options_));
        return loads;
    }

  private:
    Status fill_batch(BenchServer& server, std::uint64_t number, Deadline deadline) const {
        HONE_TRY(server.query("SELECT nextval('batch')", deadline));
        return server.query(copy_statement(file_of(options_.folder, number)), deadline);
    }
    DataSetOptions options_;
};

}  // namespace

std::unique_ptr<DataSet> make_bulk_data(const DataSetOptions& options) {
    return std::make_unique<BulkData>(options);
}

}  // namespace hone::bench
