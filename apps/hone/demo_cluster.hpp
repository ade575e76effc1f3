// apps/hone/demo_cluster.hpp - the demo's own PostgreSQL: a plain cluster as a newcomer would have
// one, in a private folder.
//
// Shape    made with initdb's defaults, on a Unix socket and a free port of 127.0.0.1, started with
//          pg_ctl, stopped by pid.
// Errors   not_found: no PostgreSQL programs; failed_precondition: initdb or the server said no,
//          with its words.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace hone::app {

class DemoCluster {
  public:
    // `bin_directory`: "" for the newest installed. Requires that the process may run PostgreSQL
    // (not root).
    static Result<DemoCluster> create(const std::filesystem::path& folder,
                                      const std::filesystem::path& bin_directory,
                                      Deadline deadline);
    DemoCluster(DemoCluster&& other) noexcept;
    DemoCluster& operator=(DemoCluster&&) = delete;
    ~DemoCluster();  // fast shutdown

    std::filesystem::path data_directory() const { return folder_ / "data"; }
    const std::filesystem::path& bin_directory() const { return bin_directory_; }
    const std::string& version() const { return version_; }
    // "name sha256" of every configuration file in the data folder, sorted.
    std::vector<std::string> config_hashes() const;
    Status answers() const;

    // Stops a server that still runs in a demo's folder, where the process that made it was killed.
    static void stop_leftovers(const std::filesystem::path& folder);

  private:
    DemoCluster(std::filesystem::path folder, std::filesystem::path bin_directory,
                std::string version)
        : folder_(std::move(folder)),
          bin_directory_(std::move(bin_directory)),
          version_(std::move(version)) {}
    std::filesystem::path folder_;
    std::filesystem::path bin_directory_;
    std::string version_;
};

}  // namespace hone::app
