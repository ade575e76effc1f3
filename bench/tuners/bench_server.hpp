// bench/tuners/bench_server.hpp - one tool's server: a scratch server in a control group of its own,
// which stands still while it is not measured.
//
// Errors   as postgres::ScratchServer and ResourceGroup.
// Threads  one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/tuners/resource_group.hpp"
#include "bench/tuners/tuner.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::bench {

struct ServerPlace {
    std::filesystem::path bin_directory;
    std::filesystem::path parent_folder;
    std::filesystem::path cache_folder;
    std::filesystem::path template_data;  // "" for an empty cluster
};

class BenchServer {
  public:
    // Copies the data and forgets what of it the kernel keeps in memory, or the copy would be a cache
    // that no limit counts.
    static Result<BenchServer> make(const ServerPlace& place, Deadline deadline);
    BenchServer(BenchServer&&) noexcept = default;
    BenchServer& operator=(BenchServer&&) = delete;
    // Thawed first: the kernel delivers no signal to what stands still.
    ~BenchServer();

    // In a group of its own where `limits` has a limit. Whoever holds the server must keep it thawed
    // while somebody talks to it.
    Status start(const std::string& name, const Settings& settings,
                 const std::optional<ResourceLimits>& limits, Deadline deadline);
    Status stop(Deadline deadline);
    Status freeze(bool still) { return group_ ? group_->freeze(still) : Status{}; }

    const postgres::ScratchServer& server() const { return server_; }
    postgres::Connection& connection() { return *connection_; }
    Status query(const std::string& sql, Deadline deadline);

  private:
    explicit BenchServer(postgres::ScratchServer server) : server_(std::move(server)) {}
    Status start_in_group(Deadline deadline);
    // Declared so that a server has ended before its group goes.
    std::optional<ResourceGroup> group_;
    postgres::ScratchServer server_;
    std::optional<postgres::Connection> connection_;
};

// Thaws a server for as long as it lives.
class Awake {
  public:
    static Result<Awake> make(BenchServer& server);
    Awake(Awake&& other) noexcept : server_(std::exchange(other.server_, nullptr)) {}
    Awake& operator=(Awake&&) = delete;
    ~Awake();

  private:
    explicit Awake(BenchServer& server) : server_(&server) {}
    BenchServer* server_;
};

}  // namespace hone::bench
