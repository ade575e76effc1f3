#include "bench/tuners/hone_plan.hpp"

#include "base/progress.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "host/detect.hpp"

namespace hone::bench {

namespace {

namespace fs = std::filesystem;

std::optional<Bytes> free_disk_under(const fs::path& folder) {
    std::error_code error;
    const fs::space_info space = fs::space(folder, error);
    if (error) return std::nullopt;
    return Bytes{static_cast<std::int64_t>(space.available)};
}

}  // namespace

tune::Workload workload_of(LoadKind kind) {
    switch (kind) {
        case LoadKind::kOltp:
            return tune::Workload::kOltp;
        case LoadKind::kReadMostly:
            return tune::Workload::kReadMostly;
        case LoadKind::kIngest:
            return tune::Workload::kIngest;
        case LoadKind::kAnalytics:
            return tune::Workload::kAnalytics;
    }
    return tune::Workload::kMixed;
}

Result<Machine> look_at_machine(const fs::path& folder, Bytes memory) {
    host::DetectOptions options;
    options.folder = folder;
    const Host host = host::detect(options, silent_progress());
    if (!host.memory.limit.known() || !host.cpu.limit_cores.known())
        return Error{ErrorCode::kUnsupported, "looking at the machine",
                     "its memory or its cores cannot be read"};
    Machine machine;
    machine.total_memory = *host.memory.limit.value;
    machine.facts.memory_limit = memory > Bytes{} ? memory : machine.total_memory;
    machine.facts.memory_source =
        memory > Bytes{} ? "the bench's control group" : host.memory.limit.source;
    machine.facts.cores = *host.cpu.limit_cores.value;
    machine.facts.cores_source = host.cpu.limit_cores.source;
    for (const StorageFacts& storage : host.storage) {
        if (storage.folder.empty()) continue;
        machine.facts.storage = storage.storage_class.value.value_or(StorageClass::kUnknown);
        machine.facts.storage_source = storage.storage_class.source;
    }
    return machine;
}

Result<Plan> hone_plan(const Machine& machine, const TunerInput& told, BenchServer& server,
                       const fs::path& bin_directory, Deadline deadline) {
    HONE_TRY_ASSIGN(const auto target, postgres::locate_by_conninfo(server.server().conninfo(),
                                                                    bin_directory, deadline));
    HONE_TRY_ASSIGN(const auto state, postgres::read_state(server.connection(), target, deadline));
    tune::TuneInput input;
    input.server_version = target.version;
    input.server_build = target.version_text;
    input.machine = machine.facts;
    input.free_disk = free_disk_under(server.server().data_directory());
    input.catalogue = state.catalogue;
    input.current = state.settings;
    input.statistics = state.statistics;
    input.available_libraries = postgres::available_libraries(bin_directory);
    input.workload = workload_of(told.kind);
    input.connections = told.connections;
    return tune::make_plan(input);
}

Settings settings_of(const Plan& plan) {
    Settings settings;
    for (const Change& change : plan.changes) add(settings, change.setting, change.to);
    return settings;
}

}  // namespace hone::bench
