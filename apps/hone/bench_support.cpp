#include "bench_support.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "context.hpp"
#include "engines/postgres/scratch.hpp"
#include "host/detect.hpp"
#include "plan_input.hpp"
#include "prove/bench/pack_source.hpp"
#include "prove/bench/recording_source.hpp"
#include "prove/caveats.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

// Writes must cost what they cost: a disk rather than memory.
fs::path scratch_folder() {
    return prove::is_in_memory("/tmp") ? "/var/tmp" : "/tmp";
}

Result<fs::path> programs_of(const Context& context,
                             const std::optional<postgres::Server>& server) {
    if (!context.bin_directory.empty()) return context.bin_directory;
    if (server && !server->bin_directory.empty()) return server->bin_directory;
    return postgres::newest_bin_directory();
}

Result<std::optional<std::vector<postgres::ConfigEntry>>> current_settings(
    const std::optional<postgres::Server>& server) {
    using Settings = std::optional<std::vector<postgres::ConfigEntry>>;
    if (!server || server->config_file.empty()) return Settings{};
    HONE_TRY_ASSIGN(const auto files,
                    postgres::read_config_tree(server->config_file, server->auto_config_file));
    return Settings{postgres::detached_settings(files)};
}

prove::BenchMachine machine_of(const Host& host, const fs::path& folder) {
    prove::BenchMachine machine;
    machine.hone_version = HONE_VERSION;
    machine.kernel = host.kernel.value.value_or("");
    machine.cores = host.cpu.limit_cores.value.value_or(0);
    machine.memory_limit = host.memory.limit.value.value_or(Bytes{});
    const auto storage = std::ranges::find(host.storage, folder.string(), &StorageFacts::folder);
    if (storage == host.storage.end()) {
        machine.storage = "unknown";
        return machine;
    }
    machine.storage =
        std::string(to_string(storage->storage_class.value.value_or(StorageClass::kUnknown)));
    machine.fdatasync_seconds = storage->fdatasync_seconds.value;
    return machine;
}

Result<std::map<std::string, std::string>> variants_of(const BenchWorkArguments& work) {
    std::map<std::string, std::string> variants;
    for (const std::string& text : work.variants) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            return Error{ErrorCode::kInvalidArgument,
                         fmt::format("reading --variant {}", printable(text, 64)),
                         "it is not NAME=VALUE", "write it as in schema=10"};
        variants[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return variants;
}

Result<std::unique_ptr<prove::BenchSource>> recording_source(Context& context,
                                                             const BenchWorkArguments& work,
                                                             const BenchGround& ground,
                                                             std::uint64_t seed, int servers,
                                                             Deadline deadline) {
    if (!ground.server)
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("replaying '{}'", work.workload_file.string()),
                     "it needs the data that it was recorded on",
                     "name the server with --target or --data-dir: it is copied, and only read"};
    context.progress().step("copying the server's data");
    const prove::TargetCopyOptions options{.parent_folder = ground.place.parent_folder,
                                           .copies = servers};
    HONE_TRY_ASSIGN(auto copy,
                    prove::TargetCopy::make(*ground.server, options, context.progress(), deadline));
    return prove::open_recording_source(work.workload_file,
                                        {.with_writes = work.with_writes, .seed = seed},
                                        work.rate_factor, std::move(copy));
}

}  // namespace

Status check_work(const BenchWorkArguments& work) {
    if (work.pack.empty() == work.workload_file.empty())
        return Error{ErrorCode::kInvalidArgument, "choosing what to run",
                     work.pack.empty() ? "neither a pack nor a recording was named"
                                       : "both a pack and a recording were named",
                     "pass one of --pack NAME and --workload FILE"};
    return {};
}

Result<BenchGround> bench_ground(Context& context, Deadline deadline) {
    BenchGround ground;
    HONE_TRY_ASSIGN(ground.server, server_named(context, deadline));
    prove::BenchPlace& place = ground.place;
    HONE_TRY_ASSIGN(place.bin_directory, programs_of(context, ground.server));
    HONE_TRY_ASSIGN(place.owner, postgres::scratch_owner());
    place.parent_folder = scratch_folder();
    context.progress().step("looking at the machine");
    const Host host = host::detect({.root = "/", .folder = place.parent_folder, .probe = true},
                                   silent_progress());
    place.machine = machine_of(host, place.parent_folder);
    place.memory_limit = place.machine.memory_limit;
    place.cores = place.machine.cores;
    if (place.memory_limit == Bytes{} || place.cores <= 0)
        return Error{ErrorCode::kFailedPrecondition, "sizing the scratch servers",
                     "the memory or the cores of this machine cannot be read",
                     "see hone detect for what is missing"};
    HONE_TRY_ASSIGN(place.machine.server_build, postgres::version_of_binary(place.bin_directory));
    HONE_TRY_ASSIGN(ground.base.server_version,
                    postgres::major_version_of(place.machine.server_build));
    HONE_TRY_ASSIGN(ground.base.current, current_settings(ground.server));
    return ground;
}

Result<std::unique_ptr<prove::BenchSource>> bench_source(Context& context,
                                                         const BenchWorkArguments& work,
                                                         const BenchGround& ground,
                                                         std::uint64_t seed, int servers,
                                                         Deadline deadline) {
    if (!work.workload_file.empty())
        return recording_source(context, work, ground, seed, servers, deadline);
    HONE_TRY_ASSIGN(auto variants, variants_of(work));
    return prove::open_pack_source(work.pack,
                                   {.preset = work.preset,
                                    .volume = work.volume,
                                    .variants = std::move(variants),
                                    .seed = seed},
                                   work.rate_factor);
}

std::string work_as_options(const BenchWorkArguments& work, const prove::BenchKey& key,
                            std::uint64_t seed) {
    std::string options =
        work.pack.empty()
            ? fmt::format(" --workload {}", work.workload_file.string())
            : fmt::format(" --pack {} --preset {} --volume {}", work.pack, key.preset, key.volume);
    for (const std::string& variant : work.variants) options += " --variant " + variant;
    if (work.with_writes) options += " --with-writes";
    if (work.rate_factor != 1) options += fmt::format(" --rate-factor {:g}", work.rate_factor);
    if (work.connections) options += fmt::format(" --connections {}", *work.connections);
    return options + fmt::format(" --seed {}", seed);
}

}  // namespace hone::app
