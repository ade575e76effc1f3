// The Kaspa pack's catch-up: an indexer that writes as fast as the database takes it.
#include <map>

#include "bench/tuners/bench_load.hpp"
#include "prove/load/generator.hpp"
#include "prove/pack/pack.hpp"

namespace hone::bench {

namespace {

constexpr double kTransactionPatienceSeconds = 30;

Result<std::unique_ptr<prove::PackRun>> open_run() {
    HONE_TRY_ASSIGN(const prove::Pack pack, prove::open_pack("kaspa"));
    return pack.run({.preset = "catch-up", .volume = {}, .variants = {}});
}

// A server's own connections, and where its row of transactions goes on.
struct Line {
    prove::LoadGenerator generator;
    std::vector<std::uint64_t> next_numbers;
};

class KaspaLoad final : public BenchLoad {
  public:
    std::string_view name() const override { return "kaspa catch-up"; }
    std::string_view meaning() const override {
        return "packs/kaspa: an indexer's batches of upserts over 20 connections";
    }
    std::string_view operation() const override { return "batch"; }
    LoadKind kind() const override { return LoadKind::kIngest; }
    bool writes() const override { return true; }
    prove::ClientsBetweenSlices clients() const override {
        return prove::ClientsBetweenSlices::kStay;
    }
    Status prepare(BenchServer& server, Deadline deadline) override {
        HONE_TRY_ASSIGN(run_, open_run_once());
        HONE_TRY(run_->attach(server.connection(), deadline));
        prove::GeneratorOptions options;
        options.conninfo = server.server().conninfo();
        options.as = server.server().owner();
        options.connections = run_->clients();
        HONE_TRY_ASSIGN(auto generator, prove::LoadGenerator::open(options, *run_, deadline));
        lines_.emplace(&server, Line{std::move(generator), {}});
        return prewarm(server, deadline);
    }
    Result<prove::Slice> run(BenchServer& server, double seconds, std::uint64_t seed,
                             Deadline deadline) override {
        Line& line = lines_.at(&server);
        prove::RunOptions options;
        options.seconds = seconds;
        options.closed_loop =
            prove::ClosedLoop{.weights = run_->weights(), .clients = run_->clients()};
        options.timeout_seconds = kTransactionPatienceSeconds;
        options.seed = seed;
        options.first_numbers = line.next_numbers;
        HONE_TRY_ASSIGN(const auto report,
                        line.generator.run(options, silent_progress(), deadline));
        line.next_numbers = report.next_numbers;
        return slice_of(report);
    }

  private:
    Result<std::unique_ptr<prove::PackRun>> open_run_once() {
        if (run_) return std::move(run_);
        return open_run();
    }
    static Result<prove::Slice> slice_of(const prove::LoadReport& report) {
        double completed = 0;
        for (const prove::OperationReport& operation : report.operations) {
            if (operation.failed > 0)
                return Error{ErrorCode::kFailedPrecondition, "running " + operation.name,
                             operation.first_failure};
            completed += static_cast<double>(operation.completed);
        }
        return prove::Slice{.operations = completed, .rate = report.achieved};
    }
    std::unique_ptr<prove::PackRun> run_;
    std::map<const BenchServer*, Line> lines_;  // gone before the run that they send
};

class KaspaData final : public DataSet {
  public:
    std::string_view name() const override { return "kaspa"; }
    Status fill(BenchServer& server, Deadline deadline) override {
        HONE_TRY_ASSIGN(const auto run, open_run());
        return run->create(server.connection(), silent_progress(), deadline);
    }
    std::vector<std::unique_ptr<BenchLoad>> loads() const override {
        std::vector<std::unique_ptr<BenchLoad>> loads;
        loads.push_back(std::make_unique<KaspaLoad>());
        return loads;
    }
};

}  // namespace

std::unique_ptr<DataSet> make_kaspa_data() {
    return std::make_unique<KaspaData>();
}

}  // namespace hone::bench
