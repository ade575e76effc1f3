#include <fmt/format.h>

#include <algorithm>

#include "prove/autotune/trial_load.hpp"
#include "prove/experiment.hpp"
#include "prove/pgbench_data.hpp"
#include "prove/scratch_servers.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::prove {

namespace {

class PgbenchTrialLoad final : public TrialLoad {
  public:
    PgbenchTrialLoad(const PgbenchTrial& trial, Pgbench pgbench, const Load& load)
        : trial_(trial), pgbench_(std::move(pgbench)), load_(load) {}

    std::string description() const override {
        return fmt::format("pgbench {}, scale {}", load_.name, trial_.scale);
    }
    bool writes() const override { return load_.writes; }

    Status fill(postgres::ScratchServer& server, Progress& progress, Deadline deadline) override {
        progress.step(fmt::format("making the data (pgbench scale {})", trial_.scale));
        return pgbench_filling(pgbench_, trial_.scale)(server, deadline);
    }

    Result<std::unique_ptr<Subject>> subject(std::string name,
                                             const postgres::ScratchServer& server,
                                             Deadline deadline) override {
        HONE_TRY_ASSIGN(const int room, client_room(server, deadline));
        PgbenchLoad load;
        load.pgbench = pgbench_;
        load.load = load_;
        load.clients = std::min(room, clients_for(trial_.cores));
        load.threads = std::clamp(static_cast<int>(trial_.cores / 2), 1, load.clients);
        load.scale = trial_.scale;
        HONE_TRY_ASSIGN(auto subject, pgbench_subject(std::move(name), server, load, deadline));
        return std::unique_ptr<Subject>(std::move(subject));
    }

  private:
    PgbenchTrial trial_;
    Pgbench pgbench_;
    Load load_;
};

}  // namespace

Result<std::unique_ptr<TrialLoad>> pgbench_trial(const PgbenchTrial& trial) {
    const Load* load = load_named(trial.load);
    if (load == nullptr)
        return Error{ErrorCode::kInvalidArgument, fmt::format("choosing the load '{}'", trial.load),
                     "there is no such load", "use read-only, read-write or bulk-upsert"};
    HONE_TRY_ASSIGN(Pgbench pgbench, find_pgbench(trial.bin_directory));
    return std::unique_ptr<TrialLoad>(
        std::make_unique<PgbenchTrialLoad>(trial, std::move(pgbench), *load));
}

}  // namespace hone::prove
