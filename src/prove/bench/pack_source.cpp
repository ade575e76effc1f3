#include "prove/bench/pack_source.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hone::prove {

namespace {

class PackSource final : public BenchSource {
  public:
    PackSource(std::unique_ptr<PackRun> run, double rate_factor) : run_(std::move(run)) {
        const PackOptions& options = run_->options();
        key_ = {.name = run_->info().name,
                .preset = options.preset,
                .volume = options.volume,
                .variants = options.variants,
                .content_hash = run_->info().content_hash,
                .rate_factor = rate_factor};
    }

    const BenchKey& key() const override { return key_; }

    Status fill(postgres::ScratchServer& server, Progress& progress, Deadline deadline) override {
        HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
        return run_->create(connection, progress, deadline)
            .with_context(fmt::format("making the data of {}", key_.name));
    }

    const Workload& workload() const override { return *run_; }
    std::string conninfo(const postgres::ScratchServer& server) const override {
        return server.conninfo();
    }

    LoadShape shape(double) const override {
        if (run_->closed_loop()) return {.open_loop = {}, .closed_loop = full_speed(0)};
        OpenLoop open_loop;
        open_loop.rates = run_->rates();
        for (double& rate : open_loop.rates) rate *= key_.rate_factor;
        return {.open_loop = std::move(open_loop), .closed_loop = {}};
    }

    ClosedLoop full_speed(int clients) const override {
        return {.weights = run_->closed_loop() ? run_->weights() : run_->rates(),
                .clients = run_->closed_loop() ? run_->clients() : clients,
                .think_seconds = 0};
    }

    std::vector<BenchTarget> targets() const override {
        std::vector<BenchTarget> targets;
        for (const PackTarget& target : run_->info().targets)
            targets.push_back({target.operation, target.quantile, target.seconds_at_most});
        return targets;
    }

    std::vector<std::string> caveats() const override {
        std::vector<std::string> caveats;
        for (const std::string& sentence : run_->info().does_not_claim)
            caveats.push_back("Not claimed: " + sentence);
        return caveats;
    }

  private:
    std::unique_ptr<PackRun> run_;
    BenchKey key_;
};

}  // namespace

Result<std::unique_ptr<BenchSource>> open_pack_source(const std::string& pack_name,
                                                      const PackOptions& options,
                                                      double rate_factor) {
    HONE_TRY_ASSIGN(const Pack pack, open_pack(pack_name));
    HONE_TRY_ASSIGN(auto run, pack.run(options));
    return std::unique_ptr<BenchSource>(std::make_unique<PackSource>(std::move(run), rate_factor));
}

}  // namespace hone::prove
