#include "prove/bench/recording_source.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "base/hash.hpp"

namespace hone::prove {

namespace {

class RecordingSource final : public BenchSource {
  public:
    RecordingSource(ReplayRun run, BenchKey key, TargetCopy copy)
        : run_(std::move(run)), key_(std::move(key)), copy_(std::move(copy)) {}

    const BenchKey& key() const override { return key_; }
    std::filesystem::path template_data() const override { return copy_.data_directory(); }
    std::vector<postgres::ConfigEntry> forced_settings() const override { return quiet_settings(); }

    // The data is there; the server says what of the recording it can prepare.
    Status fill(postgres::ScratchServer& server, Progress& progress, Deadline deadline) override {
        progress.step("seeing what of the recording this server can run");
        HONE_TRY_ASSIGN(auto connection, postgres::Connection::open(conninfo(server), deadline));
        return fit(run_, connection, deadline);
    }

    const Workload& workload() const override { return *run_.workload; }
    std::string conninfo(const postgres::ScratchServer& server) const override {
        return run_.conninfo(server.conninfo());
    }
    LoadShape shape(double seconds) const override {
        return {.open_loop = run_.open_loop({.speed = key_.rate_factor, .seconds = seconds}),
                .closed_loop = {}};
    }
    ClosedLoop full_speed(int clients) const override {
        return {.weights = run_.rates, .clients = clients, .think_seconds = 0};
    }

    std::vector<std::string> caveats() const override {
        std::vector<std::string> caveats = copy_.caveats();
        if (!run_.options.with_writes)
            caveats.emplace_back("Only what reads was replayed: --with-writes replays all of it.");
        caveats.emplace_back(
            "Sessions and the pauses within a transaction are not replayed: a transaction's "
            "statements go out together.");
        return caveats;
    }

  private:
    ReplayRun run_;
    BenchKey key_;
    TargetCopy copy_;
};

}  // namespace

Result<std::unique_ptr<BenchSource>> open_recording_source(const std::filesystem::path& file,
                                                           const ReplayOptions& options,
                                                           double speed, TargetCopy copy) {
    HONE_TRY_ASSIGN(ReplayRun run, open_workload_file(file, options));
    HONE_TRY_ASSIGN(const std::string content, read_file(file, kLargestRecording * 2));
    BenchKey key{.name = file.filename().string(),
                 .preset = {},
                 .volume = {},
                 .variants = {},
                 .content_hash = sha256_hex(content),
                 .rate_factor = speed};
    if (options.with_writes) key.variants["writes"] = "yes";
    return std::unique_ptr<BenchSource>(
        std::make_unique<RecordingSource>(std::move(run), std::move(key), std::move(copy)));
}

}  // namespace hone::prove
