#include <algorithm>
#include <cmath>

#include "base/file.hpp"
#include "prove/scratch_subject.hpp"

namespace hone::prove {

namespace {

// pgbench of every version takes seeds of so many bits.
constexpr std::uint64_t kSeedMask = 0x7fffffff;

SliceOptions options_for(const postgres::ScratchServer& server, const PgbenchLoad& load) {
    SliceOptions options;
    options.conninfo = server.conninfo();
    options.owner = server.owner();
    options.script_file = server.socket_directory() / (std::string(load.load.name) + ".sql");
    options.clients = load.clients;
    options.threads = load.threads;
    options.scale = load.scale;
    return options;
}

class PgbenchSubject final : public ScratchSubject {
  public:
    PgbenchSubject(std::string name, const postgres::ScratchServer& server,
                   postgres::Connection connection, PgbenchLoad load)
        : ScratchSubject(std::move(name), server, std::move(connection),
                         ClientsBetweenSlices::kLeave),
          load_(std::move(load)),
          options_(options_for(server, load_)) {}

    Result<Slice> run_slice(double seconds, std::uint64_t seed, Deadline deadline) override {
        options_.seconds = std::max(1, static_cast<int>(std::lround(seconds)));
        options_.seed = seed & kSeedMask;
        HONE_TRY_ASSIGN(const SliceResult result,
                        prove::run_slice(load_.pgbench, load_.load, options_, deadline));
        return Slice{.operations = result.transactions, .rate = result.rate};
    }

  private:
    PgbenchLoad load_;
    SliceOptions options_;
};

}  // namespace

Result<std::unique_ptr<ScratchSubject>> pgbench_subject(std::string name,
                                                        const postgres::ScratchServer& server,
                                                        PgbenchLoad load, Deadline deadline) {
    HONE_TRY_ASSIGN(auto connection, server.connect(deadline));
    if (!load.load.script.empty())
        HONE_TRY(replace_file(
            options_for(server, load).script_file, load.load.script,
            FileAttributes{
                .mode = 0600, .user = server.owner().user, .group = server.owner().group}));
    return std::unique_ptr<ScratchSubject>(std::make_unique<PgbenchSubject>(
        std::move(name), server, std::move(connection), std::move(load)));
}

}  // namespace hone::prove
