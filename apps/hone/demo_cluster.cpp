#include "demo_cluster.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/loopback.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engines/postgres/control.hpp"
#include "engines/postgres/server.hpp"

namespace hone::app {

namespace fs = std::filesystem;

namespace {

constexpr Seconds kStopPatience{20};

Status run_or_explain(std::vector<std::string> arguments, Deadline deadline) {
    ProcessOptions options;
    options.arguments = std::move(arguments);
    HONE_TRY_ASSIGN(const ProcessResult result, run(options, deadline));
    if (result.succeeded()) return {};
    return Error{ErrorCode::kFailedPrecondition, "running " + options.arguments[0],
                 printable(trim(result.standard_error + result.standard_output), 1000)};
}

// Its settings are initdb's own, but for where it listens.
Status configure(const fs::path& folder, int port) {
    const fs::path file = folder / "data/postgresql.conf";
    HONE_TRY_ASSIGN(std::string config, read_file(file));
    config +=
        fmt::format("\nport = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\n",
                    port, folder.string());
    return replace_file(file, config);
}

}  // namespace

Result<DemoCluster> DemoCluster::create(const fs::path& folder, const fs::path& bin_directory,
                                        Deadline deadline) {
    fs::path programs = bin_directory;
    if (programs.empty()) {
        HONE_TRY_ASSIGN(programs, postgres::newest_bin_directory());
    }
    HONE_TRY_ASSIGN(const std::string version, postgres::version_of_binary(programs));
    HONE_TRY(run_or_explain(
        {(programs / "initdb").string(), "-D", (folder / "data").string(), "-U", "postgres", "-A",
         "trust", "--locale=C.UTF-8", "-E", "UTF8", "--data-checksums"},
        deadline));
    HONE_TRY_ASSIGN(const int port, free_loopback_port());
    HONE_TRY(configure(folder, port));
    DemoCluster cluster(folder, programs, version);
    HONE_TRY(
        run_or_explain({(programs / "pg_ctl").string(), "-D", cluster.data_directory().string(),
                        "-w", "-l", (folder / "server.log").string(), "start"},
                       deadline));
    return cluster;
}

DemoCluster::DemoCluster(DemoCluster&& other) noexcept
    : folder_(std::exchange(other.folder_, {})),
      bin_directory_(std::move(other.bin_directory_)),
      version_(std::move(other.version_)) {}

DemoCluster::~DemoCluster() {
    if (!folder_.empty()) stop_leftovers(folder_);
}

std::vector<std::string> DemoCluster::config_hashes() const {
    std::vector<std::string> hashes;
    for (const std::string& name : list_folder(data_directory()).value_or({}))
        if (name.ends_with(".conf"))
            hashes.push_back(name + " " +
                             sha256_hex(read_file(data_directory() / name).value_or("")));
    return hashes;
}

Status DemoCluster::answers() const {
    HONE_TRY_ASSIGN(const postgres::Server server,
                    postgres::locate_by_data_directory(data_directory(), bin_directory_));
    return postgres::wait_until_ready(server, Deadline::after(kStopPatience));
}

void DemoCluster::stop_leftovers(const fs::path& folder) {
    const auto pid = postgres::running_pid(folder / "data");
    if (!pid) return;
    ::kill(*pid, SIGINT);  // fast shutdown
    const Deadline deadline = Deadline::after(kStopPatience);
    while (postgres::running_pid(folder / "data") && !deadline.expired()) ::usleep(20000);
    if (postgres::running_pid(folder / "data")) ::kill(*pid, SIGQUIT);
}

}  // namespace hone::app
