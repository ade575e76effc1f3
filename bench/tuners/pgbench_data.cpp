// PostgreSQL's own bench, on more data than the memory holds.
#include <fmt/format.h>

#include "bench/tuners/bench_load.hpp"
#include "prove/pgbench.hpp"

namespace hone::bench {

namespace {

prove::SliceOptions slice_options(const Sizes& sizes, const BenchServer& server) {
    prove::SliceOptions options;
    options.conninfo = server.server().conninfo();
    options.owner = server.server().owner();
    options.clients = sizes.clients;
    options.threads = sizes.threads;
    options.scale = sizes.pgbench_scale;
    return options;
}

class PgbenchLoad final : public BenchLoad {
  public:
    PgbenchLoad(prove::Load load, std::string_view name, LoadKind kind,
                const DataSetOptions& options)
        : load_(load), name_(name), kind_(kind), options_(options) {}
    std::string_view name() const override { return name_; }
    std::string_view meaning() const override { return load_.meaning; }
    std::string_view operation() const override { return "transaction"; }
    LoadKind kind() const override { return kind_; }
    bool writes() const override { return load_.writes; }
    Result<prove::Slice> run(BenchServer& server, double seconds, std::uint64_t seed,
                             Deadline deadline) override {
        HONE_TRY_ASSIGN(const auto pgbench, prove::find_pgbench(options_.bin_directory));
        prove::SliceOptions options = slice_options(options_.sizes, server);
        options.seconds = std::max(1, static_cast<int>(seconds));
        options.seed = seed;
        HONE_TRY_ASSIGN(const auto result, prove::run_slice(pgbench, load_, options, deadline));
        return prove::Slice{.operations = result.transactions, .rate = result.rate};
    }

  private:
    prove::Load load_;
    std::string_view name_;
    LoadKind kind_;
    DataSetOptions options_;
};

class PgbenchData final : public DataSet {
  public:
    explicit PgbenchData(DataSetOptions options) : options_(std::move(options)) {}
    std::string_view name() const override { return "pgbench"; }
    Status fill(BenchServer& server, Deadline deadline) override {
        HONE_TRY_ASSIGN(const auto pgbench, prove::find_pgbench(options_.bin_directory));
        return prove::fill(pgbench, slice_options(options_.sizes, server), deadline);
    }
    std::vector<std::unique_ptr<BenchLoad>> loads() const override {
        std::vector<std::unique_ptr<BenchLoad>> loads;
        loads.push_back(std::make_unique<PgbenchLoad>(
            prove::Load{.name = "select-only",
                        .meaning = "one row by its key, on more data than the memory holds",
                        .builtin = "select-only"},
            "pgbench select-only", LoadKind::kReadMostly, options_));
        loads.push_back(std::make_unique<PgbenchLoad>(
            prove::Load{.name = "tpcb-like",
                        .meaning = "five short statements, on more data than the memory holds",
                        .builtin = "tpcb-like",
                        .writes = true},
            "pgbench TPC-B", LoadKind::kOltp, options_));
        return loads;
    }

  private:
    DataSetOptions options_;
};

}  // namespace

std::unique_ptr<DataSet> make_pgbench_data(const DataSetOptions& options) {
    return std::make_unique<PgbenchData>(options);
}

}  // namespace hone::bench
