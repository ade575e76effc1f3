#include "base/assert.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::prove {

namespace {

// Before it, the statistics of a backend cannot be asked for.
constexpr int kFirstWithForcedFlush = 150000;
// Long enough for every connection to be given its own: one that sleeps takes no second.
constexpr double kReportSeconds = 0.02;
constexpr double kThinkBeyondTheRun = 60;
constexpr std::string_view kReport = "SELECT pg_stat_force_next_flush(), pg_sleep(0.002)";

// The workload with one operation more, at its end: it makes a backend report at once what it has
// counted, which it would otherwise keep for up to a second, and so into another slice.
class ReportingWorkload final : public Workload {
  public:
    ReportingWorkload(const Workload& workload, bool can_report)
        : workload_(&workload),
          statements_(workload.statements().begin(), workload.statements().end()),
          operations_(workload.operations().begin(), workload.operations().end()) {
        if (!can_report) return;
        statements_.push_back({"hone_report", std::string(kReport), {}});
        operations_.push_back({.name = "report", .writes = false, .units = 0});
    }

    std::span<const StatementText> statements() const override { return statements_; }
    std::span<const OperationInfo> operations() const override { return operations_; }
    void draw(std::size_t operation, std::uint64_t number,
              Transaction& transaction) const override {
        if (operation < workload_->operations().size())
            workload_->draw(operation, number, transaction);
        else
            transaction.add(statements_.size() - 1);
    }
    bool can_report() const { return operations_.size() > workload_->operations().size(); }

  private:
    const Workload* workload_;
    std::vector<StatementText> statements_;
    std::vector<OperationInfo> operations_;
};

// The operation that was added never comes by itself.
void pad(std::vector<double>& shares, std::size_t operations) {
    if (!shares.empty()) shares.resize(operations, 0);
}

}  // namespace

struct GeneratorSubject::State {
    State(GeneratorLoad given, bool can_report)
        : load(std::move(given)), workload(*load.workload, can_report) {
        const std::size_t operations = workload.operations().size();
        if (load.open_loop) pad(load.open_loop->rates, operations);
        if (load.closed_loop) pad(load.closed_loop->weights, operations);
        if (!load.first_numbers.empty()) load.first_numbers.resize(operations, 0);
    }

    RunOptions slice_options(double seconds, std::uint64_t seed) const {
        RunOptions options;
        options.seconds = seconds;
        options.open_loop = load.open_loop;
        options.closed_loop = load.closed_loop;
        options.timeout_seconds = load.timeout_seconds;
        options.seed = seed;
        options.first_numbers = load.first_numbers;
        return options;
    }

    // As the caller's workload has it, without the operation that was added.
    void keep(LoadReport given) {
        load.first_numbers = given.next_numbers;
        report = std::move(given);
        report.operations.resize(load.workload->operations().size());
        report.next_numbers.resize(load.workload->operations().size());
    }

    Status make_backends_report(Deadline deadline) {
        if (!workload.can_report()) return {};
        RunOptions options;
        options.seconds = kReportSeconds;
        options.closed_loop =
            ClosedLoop{.weights = {},
                       .clients = load.generator.connections * load.generator.pipeline_depth,
                       .think_seconds = kThinkBeyondTheRun};
        options.closed_loop->weights.assign(workload.operations().size(), 0);
        options.closed_loop->weights.back() = 1;
        options.first_numbers = load.first_numbers;
        HONE_TRY(generator->run(options, silent_progress(), deadline));
        return {};
    }

    GeneratorLoad load;
    ReportingWorkload workload;
    std::optional<LoadGenerator> generator;
    LoadReport report;
};

GeneratorSubject::GeneratorSubject(std::string name, const postgres::ScratchServer& server,
                                   postgres::Connection connection, std::unique_ptr<State> state)
    : ScratchSubject(std::move(name), server, std::move(connection), ClientsBetweenSlices::kStay),
      state_(std::move(state)) {}

GeneratorSubject::~GeneratorSubject() = default;

Result<std::unique_ptr<GeneratorSubject>> GeneratorSubject::open(
    std::string name, const postgres::ScratchServer& server, GeneratorLoad load,
    Deadline deadline) {
    HONE_ASSERT(load.workload != nullptr);
    if (load.generator.conninfo.empty()) load.generator.conninfo = server.conninfo();
    HONE_TRY_ASSIGN(auto connection, postgres::Connection::open(load.generator.conninfo, deadline));
    auto state = std::make_unique<State>(std::move(load),
                                         connection.server_version() >= kFirstWithForcedFlush);
    HONE_TRY_ASSIGN(auto generator,
                    LoadGenerator::open(state->load.generator, state->workload, deadline));
    state->generator.emplace(std::move(generator));
    return std::unique_ptr<GeneratorSubject>(
        new GeneratorSubject(std::move(name), server, std::move(connection), std::move(state)));
}

Result<Slice> GeneratorSubject::run_slice(double seconds, std::uint64_t seed, Deadline deadline) {
    HONE_TRY_ASSIGN(LoadReport report, state_->generator->run(state_->slice_options(seconds, seed),
                                                              silent_progress(), deadline));
    state_->keep(std::move(report));
    HONE_TRY(state_->make_backends_report(deadline));
    double completed = 0;
    for (const OperationReport& operation : state_->report.operations)
        completed += static_cast<double>(operation.completed);
    return Slice{.operations = completed,
                 .rate = state_->report.achieved,
                 .p99_seconds = state_->report.latency.quantile_seconds(0.99).value_or(0),
                 .mean_seconds = state_->report.latency.mean_seconds()};
}

const LoadReport& GeneratorSubject::report() const {
    return state_->report;
}

}  // namespace hone::prove
