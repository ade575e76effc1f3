#include "support/program.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace hone::test {

namespace {

namespace fs = std::filesystem;

// The build folder may lie where the server's user cannot reach it (below /root, say), so that user
// gets a copy.
const fs::path& program_for_others() {
    static const TemporaryFolder folder = [] {
        auto made = TemporaryFolder::create("/tmp", "hone-program-");
        if (!made.ok() || ::chmod(made->path().c_str(), 0755) != 0) std::abort();
        fs::copy_file(HONE_PROGRAM, made->path() / "hone");
        return std::move(made).value();
    }();
    static const fs::path program = folder.path() / "hone";
    return program;
}

}  // namespace

ProcessResult run_hone(const std::vector<std::string>& arguments,
                       const std::vector<std::pair<std::string, std::string>>& environment,
                       std::optional<Identity> run_as) {
    ProcessOptions process;
    process.arguments = {run_as ? program_for_others().string() : HONE_PROGRAM};
    process.arguments.insert(process.arguments.end(), arguments.begin(), arguments.end());
    process.environment = environment;
    process.run_as = std::move(run_as);
    auto result = run(process, Deadline::after(Seconds{120}));
    if (!result.ok()) {
        std::cerr << "cannot go on: " << result.error().message() << std::endl;
        std::abort();
    }
    return std::move(result).value();
}

ProcessResult run_hone_on(const PrivateCluster& cluster, std::vector<std::string> arguments,
                          const std::vector<std::pair<std::string, std::string>>& environment) {
    arguments.insert(arguments.end(), {"--data-dir", cluster.data_directory().string(),
                                       "--state-dir", cluster.state_directory().string()});
    return run_hone(arguments, environment, cluster.owner());
}

}  // namespace hone::test
