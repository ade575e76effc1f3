// tests/support/private_cluster.hpp - a real PostgreSQL of the test's own: private folder, private
// socket, free port, stopped by pid.
//
// Shape    the server runs as the user postgres (or as we, where we are not root); superuser
//          "postgres", trust on its socket.
// Cost     about 1 s: initdb and start.
// Threads  one test at a time per object.
#pragma once

#include <libpq-fe.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/identity.hpp"
#include "base/process.hpp"

namespace hone::test {

struct ClusterOptions {
    std::filesystem::path bin_directory = "/usr/lib/postgresql/15/bin";
    std::vector<std::string> config_lines;  // appended to postgresql.conf
    // As Debian lays it out: configuration in a folder of its own with conf.d, data elsewhere.
    bool separate_config = false;
    std::string start_options;  // pg_ctl -o, "-c work_mem=5MB"
    bool started = true;
    // Also on 127.0.0.1, where somebody else may take the port first: the socket is nobody else's.
    bool listen_on_loopback = false;
};

class PrivateCluster {
  public:
    // Aborts the test with the reason where no cluster can be made.
    explicit PrivateCluster(const ClusterOptions& options = {});
    ~PrivateCluster();
    PrivateCluster(const PrivateCluster&) = delete;
    PrivateCluster& operator=(const PrivateCluster&) = delete;

    const std::filesystem::path& folder() const { return folder_.path(); }
    std::filesystem::path data_directory() const { return folder_.path() / "data"; }
    std::filesystem::path config_file() const;
    std::filesystem::path config_folder() const;  // where postgresql.conf is
    std::filesystem::path state_directory() const { return folder_.path() / "state"; }
    std::filesystem::path bin_directory() const { return options_.bin_directory; }
    const Identity& owner() const { return owner_; }
    int port() const { return port_; }
    std::string conninfo(const std::string& user = "postgres",
                         const std::string& database = "postgres") const;

    void start();
    void stop();
    void kill_hard();  // SIGKILL to the postmaster
    bool running() const;
    int pid() const;  // 0 when not running

    // One statement as superuser; the first column of the first row, "" where there is none. Fails
    // the test on an error.
    std::string sql(const std::string& statement, const std::string& database = "postgres");
    // Config files with content, mode and owner, keyed by path: equal maps mean byte for byte the
    // same.
    std::map<std::string, std::string> config_fingerprint() const;

  private:
    void pg_ctl(const std::vector<std::string>& arguments);
    ClusterOptions options_;
    Identity owner_;
    TemporaryFolder folder_;
    int port_ = 0;
};

}  // namespace hone::test
