#include <fmt/format.h>

#include "prove/autotune/trial_load.hpp"
#include "prove/bench/servers.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::prove {

namespace {

class SourceTrialLoad final : public TrialLoad {
  public:
    SourceTrialLoad(std::unique_ptr<BenchSource> source, bool writes, double cores)
        : source_(std::move(source)), writes_(writes), cores_(cores) {}

    std::string description() const override { return source_->key().for_people(); }
    bool writes() const override { return writes_; }
    std::filesystem::path template_data() const override { return source_->template_data(); }
    std::vector<postgres::ConfigEntry> forced_settings() const override {
        return source_->forced_settings();
    }
    std::vector<std::string> caveats() const override { return source_->caveats(); }

    Status fill(postgres::ScratchServer& server, Progress& progress, Deadline deadline) override {
        return source_->fill(server, progress, deadline);
    }

    Result<std::unique_ptr<Subject>> subject(std::string name,
                                             const postgres::ScratchServer& server,
                                             Deadline deadline) override {
        GeneratorLoad load;
        load.workload = &source_->workload();
        load.generator.conninfo = source_->conninfo(server);
        load.generator.as = server.owner();
        HONE_TRY_ASSIGN(load.generator.connections,
                        connections_for(std::nullopt, cores_, {&server, 1}, deadline));
        load.closed_loop = source_->full_speed(load.generator.connections);
        HONE_TRY_ASSIGN(auto subject,
                        GeneratorSubject::open(std::move(name), server, std::move(load), deadline));
        return std::unique_ptr<Subject>(std::move(subject));
    }

  private:
    std::unique_ptr<BenchSource> source_;
    bool writes_;
    double cores_;
};

}  // namespace

std::unique_ptr<TrialLoad> source_trial(std::unique_ptr<BenchSource> source, bool writes,
                                        double cores) {
    return std::make_unique<SourceTrialLoad>(std::move(source), writes, cores);
}

}  // namespace hone::prove
