#include "observe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "context.hpp"
#include "host/detect.hpp"
#include "server_state.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

constexpr double kDefaultTimeoutSeconds = 30;
constexpr int kDefaultVersion = 15;

Error bad_flag(std::string_view flag, std::string_view value, std::string wrong,
               std::string advice) {
    return {ErrorCode::kInvalidArgument, fmt::format("reading {} {}", flag, printable(value, 64)),
            std::move(wrong), std::move(advice)};
}

// "did you mean X" where a word is close, else all of them.
std::string advice_for(std::string_view word, const std::vector<std::string>& words) {
    const auto near = closest(word, words);
    return near ? fmt::format("did you mean {}?", *near) : "use one of " + join(words, ", ");
}

Status read_names(const PlanArguments& arguments, tune::TuneInput& input) {
    if (!arguments.profile.empty()) {
        input.profile = tune::profile_named(arguments.profile);
        if (!input.profile)
            return bad_flag("--profile", arguments.profile, "there is no such profile",
                            advice_for(arguments.profile,
                                       {"low-memory", "standard", "high-performance", "custom"}));
    }
    if (!arguments.workload.empty()) {
        input.workload = tune::workload_named(arguments.workload);
        if (!input.workload)
            return bad_flag("--workload", arguments.workload, "there is no such workload",
                            advice_for(arguments.workload,
                                       {"ingest", "oltp", "read-mostly", "analytics", "mixed"}));
    }
    return {};
}

Status read_custom_file(const PlanArguments& arguments, tune::TuneInput& input) {
    const bool is_custom = input.profile == tune::Profile::kCustom;
    if (arguments.custom_file.empty()) {
        if (!is_custom) return {};
        return bad_flag("--profile", "custom", "no file says what it is",
                        "add --custom FILE (docs/guides/custom-profile.md)");
    }
    if (input.profile && !is_custom)
        return bad_flag("--custom", arguments.custom_file.string(),
                        fmt::format("the profile is {}", arguments.profile),
                        "leave --profile out, or make it custom");
    HONE_TRY_ASSIGN(const std::string text, read_file(arguments.custom_file));
    HONE_TRY_ASSIGN(input.customization,
                    tune::customization_from_toml(text, arguments.custom_file.string()));
    input.profile = tune::Profile::kCustom;
    return {};
}

Result<tune::Tenant> tenant_from(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        return bad_flag("--tenant", text, "it is not NAME=SIZE", "write it as in kaspad=8GB");
    HONE_TRY_ASSIGN(const Bytes memory, parse_bytes(text.substr(equals + 1)));
    return tune::Tenant{text.substr(0, equals), memory};
}

Status read_flags(const PlanArguments& arguments, tune::TuneInput& input) {
    HONE_TRY(read_names(arguments, input));
    HONE_TRY(read_custom_file(arguments, input));
    for (const std::string& text : arguments.tenants) {
        HONE_TRY_ASSIGN(tune::Tenant tenant, tenant_from(text));
        input.tenants.push_back(std::move(tenant));
    }
    const int version = arguments.pg_version.value_or(kDefaultVersion);
    if (version < postgres::kOldestVersion || version > postgres::kNewestVersion)
        return bad_flag(
            "--pg-version", fmt::format("{}", version), "hone does not know it",
            fmt::format("use {} to {}", postgres::kOldestVersion, postgres::kNewestVersion));
    input.connections = arguments.connections;
    input.reload_only = arguments.reload_only;
    return {};
}

bool describes_another_machine(const PlanArguments& arguments) {
    return !arguments.memory.empty() || arguments.cores || !arguments.storage.empty() ||
           arguments.pg_version;
}

std::string names_of(const std::vector<PostgresFacts>& clusters) {
    std::string names;
    for (const PostgresFacts& cluster : clusters)
        names += (names.empty() ? "" : ", ") + cluster.data_directory;
    return names;
}

Result<std::optional<postgres::Server>> find_server(const Context& context,
                                                    const PlanArguments& arguments,
                                                    const Host& host, Deadline deadline) {
    using Found = std::optional<postgres::Server>;
    const auto by_folder = [&](const fs::path& folder) -> Result<Found> {
        HONE_TRY_ASSIGN(postgres::Server server,
                        postgres::locate_by_data_directory(folder, context.bin_directory));
        return Found{std::move(server)};
    };
    if (!context.target.empty()) {
        HONE_TRY_ASSIGN(
            postgres::Server server,
            postgres::locate_by_conninfo(context.target, context.bin_directory, deadline));
        return Found{std::move(server)};
    }
    if (!context.data_directory.empty()) return by_folder(context.data_directory);
    if (!context.bin_directory.empty() || describes_another_machine(arguments)) return Found{};
    if (host.postgres.size() > 1)
        return Error{ErrorCode::kInvalidArgument, "choosing the server to plan for",
                     fmt::format("this machine has {} clusters: {}", host.postgres.size(),
                                 names_of(host.postgres)),
                     "say which with --data-dir or --target, or plan for none with --pg-version"};
    if (host.postgres.empty()) return Found{};
    return by_folder(host.postgres.front().data_directory);
}

bool is_elsewhere(const postgres::Server& server) {
    return server.data_directory.empty() && server.socket_directory.empty();
}

Status take_server(Context& context, Observation& observation, Deadline deadline) {
    const postgres::Server& server = *observation.server;
    mention_open_journal(context, server);
    HONE_TRY_ASSIGN(observation.state, read_server_state(context, server, deadline));
    const postgres::ServerState& state = *observation.state;
    tune::TuneInput& input = observation.input;
    input.server_version = server.version;
    input.server_build = server.version_text;
    input.catalogue = state.catalogue;
    input.current = state.settings;
    input.statistics = state.statistics;
    input.available_libraries = state.available_libraries;
    input.target.system_identifier = server.system_identifier;
    input.target.data_directory = server.data_directory.string();
    HONE_TRY_ASSIGN(input.target.state_hash, postgres::state_hash(server, state));
    return {};
}

Status take_binaries(const Context& context, tune::TuneInput& input, Deadline deadline) {
    HONE_TRY_ASSIGN(input.server_build, postgres::version_of_binary(context.bin_directory));
    HONE_TRY_ASSIGN(input.server_version, postgres::major_version_of(input.server_build));
    HONE_TRY_ASSIGN(
        input.catalogue,
        postgres::catalogue_of_binary(context.bin_directory, context.cache_directory(), deadline));
    input.available_libraries = postgres::available_libraries(context.bin_directory);
    return {};
}

int newest_installed_version(const Host& host) {
    int newest = 0;
    for (const PostgresInstallation& installation : host.postgres_installations)
        newest = std::max(newest, postgres::major_version_of(installation.version).value_or(0));
    return newest < postgres::kOldestVersion ? kDefaultVersion
                                             : std::min(newest, postgres::kNewestVersion);
}

void take_builtin(const PlanArguments& arguments, const Host& host, tune::TuneInput& input) {
    input.server_version = arguments.pg_version.value_or(newest_installed_version(host));
    input.catalogue = tune::builtin_catalogue(input.server_version);
}

template <class T>
std::string source_of(const Fact<T>& fact) {
    return fmt::format("{}: {}", to_string(fact.confidence), fact.source);
}

Error missing_fact(std::string_view what, std::string_view flag, std::string why) {
    return {ErrorCode::kInvalidArgument, fmt::format("reading the machine's {}", what),
            std::move(why), fmt::format("state it with {}", flag)};
}

Status take_memory(const PlanArguments& arguments, const MemoryFacts& facts,
                   tune::TuneInput& input) {
    PlanMachine& machine = input.machine;
    if (!arguments.memory.empty()) {
        HONE_TRY_ASSIGN(machine.memory_limit, parse_bytes(arguments.memory));
        machine.memory_source = "stated: --memory";
        return {};
    }
    if (!facts.limit.known()) return missing_fact("memory", "--memory 16GB", facts.limit.source);
    machine.memory_limit = *facts.limit.value;
    machine.memory_source = source_of(facts.limit);
    input.overcommit_is_strict = facts.overcommit_mode.value == "2";
    if (input.overcommit_is_strict && facts.commit_limit.known() &&
        *facts.commit_limit.value < machine.memory_limit) {
        machine.memory_limit = *facts.commit_limit.value;
        machine.memory_source = source_of(facts.commit_limit) + ", vm.overcommit_memory is 2";
    }
    return {};
}

Status take_cores(const PlanArguments& arguments, const ProcessorFacts& facts,
                  PlanMachine& machine) {
    if (arguments.cores) {
        machine.cores = *arguments.cores;
        machine.cores_source = "stated: --cores";
        return {};
    }
    if (!facts.limit_cores.known())
        return missing_fact("cores", "--cores 8", facts.limit_cores.source);
    machine.cores = *facts.limit_cores.value;
    machine.cores_source = source_of(facts.limit_cores);
    return {};
}

// The device under the folder that was asked about.
const StorageFacts* storage_of(const Host& host) {
    for (const StorageFacts& storage : host.storage)
        if (!storage.folder.empty()) return &storage;
    return nullptr;
}

Status take_storage(const PlanArguments& arguments, const Host& host, PlanMachine& machine) {
    if (!arguments.storage.empty()) {
        const auto named = storage_class_named(arguments.storage);
        if (!named || *named == StorageClass::kUnknown)
            return bad_flag("--storage", arguments.storage, "there is no such class",
                            advice_for(arguments.storage, {"nvme", "ssd", "hdd"}));
        machine.storage = *named;
        machine.storage_source = "stated: --storage";
        return {};
    }
    const StorageFacts* storage = storage_of(host);
    machine.storage_source = "unknown";
    if (storage == nullptr) return {};
    machine.storage = storage->storage_class.value.value_or(StorageClass::kUnknown);
    machine.storage_source = source_of(storage->storage_class);
    return {};
}

// What only the machine that was looked at can say: huge pages, and the disk under the WAL.
void take_local_facts(const Observation& observation, tune::TuneInput& input) {
    input.huge_page_size = observation.host.memory.huge_page_size.value;
    input.huge_pages_free = observation.host.memory.huge_pages_free.value;
    const fs::path& folder = observation.server->data_directory;
    if (folder.empty()) return;
    std::error_code error;
    const fs::space_info space = fs::space(folder / "pg_wal", error);
    if (!error) input.free_disk = Bytes{static_cast<std::int64_t>(space.available)};
}

Status refuse_unstated_machine(const PlanArguments& arguments) {
    std::vector<std::string> missing;
    if (arguments.memory.empty()) missing.emplace_back("--memory");
    if (!arguments.cores) missing.emplace_back("--cores");
    if (arguments.storage.empty()) missing.emplace_back("--storage");
    if (missing.empty()) return {};
    return Error{ErrorCode::kInvalidArgument, "reading the server's machine",
                 "the server is on another machine, or its data folder is out of sight",
                 fmt::format("state {}, or run hone on the server's machine", join(missing, ", "))};
}

Host look_at_machine(Context& context, const PlanArguments& arguments, const fs::path& folder) {
    host::DetectOptions options;
    options.folder = folder;
    options.probe = !arguments.no_probe && arguments.storage.empty();
    return host::detect(options, context.progress());
}

Status take_machine(const PlanArguments& arguments, Observation& observation) {
    const bool elsewhere = observation.server && is_elsewhere(*observation.server);
    if (elsewhere) HONE_TRY(refuse_unstated_machine(arguments));
    tune::TuneInput& input = observation.input;
    HONE_TRY(take_memory(arguments, observation.host.memory, input));
    HONE_TRY(take_cores(arguments, observation.host.cpu, input.machine));
    HONE_TRY(take_storage(arguments, observation.host, input.machine));
    if (observation.server && !elsewhere) take_local_facts(observation, input);
    return {};
}

}  // namespace

Result<Observation> observe(Context& context, const PlanArguments& arguments) {
    const Deadline deadline = context.deadline(kDefaultTimeoutSeconds);
    Observation observation;
    tune::TuneInput& input = observation.input;
    HONE_TRY(read_flags(arguments, input));
    // A first look without the probe says which clusters there are.
    PlanArguments glance = arguments;
    glance.no_probe = true;
    observation.host = look_at_machine(context, glance, context.data_directory);
    HONE_TRY_ASSIGN(observation.server,
                    find_server(context, arguments, observation.host, deadline));
    if (observation.server && is_elsewhere(*observation.server))
        HONE_TRY(refuse_unstated_machine(arguments));
    if (!arguments.no_probe && arguments.storage.empty())
        observation.host = look_at_machine(
            context, arguments, observation.server ? observation.server->data_directory : "");
    if (observation.server)
        HONE_TRY(take_server(context, observation, deadline));
    else if (!context.bin_directory.empty())
        HONE_TRY(take_binaries(context, input, deadline));
    else
        take_builtin(arguments, observation.host, input);
    HONE_TRY(take_machine(arguments, observation));
    return observation;
}

Result<Plan> plan_from(const Observation& observation) {
    HONE_TRY_ASSIGN(Plan plan, tune::make_plan(observation.input));
    if (observation.state)
        plan.notices.insert(plan.notices.end(), observation.state->notices.begin(),
                            observation.state->notices.end());
    std::stable_sort(plan.notices.begin(), plan.notices.end(),
                     [](const Notice& a, const Notice& b) { return a.severity > b.severity; });
    return plan;
}

}  // namespace hone::app
