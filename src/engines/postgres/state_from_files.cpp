#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "engines/postgres/data_folder.hpp"
#include "engines/postgres/scratch.hpp"
#include "engines/postgres/settings_rows.hpp"
#include "engines/postgres/skeleton.hpp"
#include "engines/postgres/state.hpp"
#include "engines/postgres/state_queries.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

constexpr int kCatalogueSchemaVersion = 1;

// Another build at the same path has another size or modification time.
Result<std::string> build_name(const fs::path& bin_directory) {
    const fs::path program = bin_directory / "postgres";
    struct stat facts{};
    if (::stat(program.c_str(), &facts) != 0)
        return error_from_errno(errno, "looking at '" + program.string() + "'",
                                "name the folder of PostgreSQL's programs with --bin-dir");
    return sha256_hex(fmt::format("{} {} {}.{}", program.string(), facts.st_size,
                                  facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec));
}

Result<Catalogue> catalogue_from_text(std::string_view text, const fs::path& file) {
    HONE_TRY_ASSIGN(const json::value document, parse_json(text, file.string()));
    const JsonReader reader(document, "");
    HONE_TRY_ASSIGN(const auto version, reader.integer("schema_version"));
    if (version != kCatalogueSchemaVersion)
        return Error{ErrorCode::kUnsupported, "reading '" + file.string() + "'",
                     "it is of another version of hone"};
    HONE_TRY_ASSIGN(const auto settings, reader.array("settings"));
    Catalogue catalogue;
    for (const JsonReader& setting : settings) {
        HONE_TRY_ASSIGN(SettingDefinition definition, setting_definition_from_json(setting));
        std::string name = definition.name;
        catalogue.emplace(std::move(name), std::move(definition));
    }
    return catalogue;
}

std::string catalogue_to_text(const Catalogue& catalogue) {
    json::array settings;
    for (const auto& [name, definition] : catalogue) settings.push_back(to_json(definition));
    json::object document;
    document["schema_version"] = kCatalogueSchemaVersion;
    document["settings"] = std::move(settings);
    return to_json_line(document) + "\n";
}

Result<Catalogue> catalogue_of_skeleton(const fs::path& bin_directory, const fs::path& cache_folder,
                                        Deadline deadline) {
    ScratchOptions options;
    options.bin_directory = bin_directory;
    options.cache_folder = cache_folder;
    HONE_TRY_ASSIGN(options.owner, scratch_owner());
    HONE_TRY_ASSIGN(ScratchServer server, ScratchServer::prepare(options, deadline));
    HONE_TRY(server.start(deadline));
    HONE_TRY_ASSIGN(Connection connection, server.connect(deadline));
    HONE_TRY_ASSIGN(const Rows rows, connection.query(queries::kSettings, deadline));
    return catalogue_from(rows);
}

void note(ServerState& state, Severity severity, std::string rule, std::string message,
          std::string advice) {
    state.notices.push_back({.severity = severity,
                             .rule = std::move(rule),
                             .message = std::move(message),
                             .advice = std::move(advice)});
}

void set(ServerState& state, std::string_view name, std::string_view value, SettingState origin) {
    const SettingDefinition* definition = find_setting(state.catalogue, name);
    if (definition == nullptr) return;  // an extension's own: its library is not loaded here
    auto canonical = canonical_value(*definition, value);
    if (!canonical.ok())
        return note(
            state, Severity::kWarning, "state.invalid_value", canonical.error().message(),
            origin.source_file.empty()
                ? "correct the server's start options"
                : fmt::format("correct line {} of {}", origin.source_line, origin.source_file));
    origin.value = *canonical;
    origin.reset_value = std::move(canonical).value();
    state.settings.insert_or_assign(std::string(name), std::move(origin));
}

}  // namespace

Result<Catalogue> catalogue_of_binary(const fs::path& bin_directory, const fs::path& cache_folder,
                                      Deadline deadline) {
    HONE_TRY_ASSIGN(const std::string name, build_name(bin_directory));
    const fs::path cache = cache_folder.empty() ? default_cache_folder() : cache_folder;
    const fs::path file = cache / "catalogues" / (name.substr(0, 16) + ".json");
    if (const auto text = read_file(file); text.ok())
        if (auto catalogue = catalogue_from_text(*text, file); catalogue.ok()) return catalogue;
    HONE_TRY_ASSIGN(Catalogue catalogue,
                    catalogue_of_skeleton(bin_directory, cache_folder, deadline));
    // A cache that cannot be written costs time, not truth.
    if (make_folders(file.parent_path()).ok())
        static_cast<void>(replace_file(file, catalogue_to_text(catalogue)).ok());
    return catalogue;
}

Result<ServerState> read_state_from_files(const Server& server, const fs::path& cache_folder,
                                          Deadline deadline) {
    ServerState state;
    HONE_TRY_ASSIGN(state.catalogue,
                    catalogue_of_binary(server.bin_directory, cache_folder, deadline));
    HONE_TRY_ASSIGN(const ConfigTree tree,
                    read_config_tree(server.config_file, server.auto_config_file));
    for (const auto& [name, definition] : state.catalogue)
        state.settings.emplace(name, SettingState{.value = definition.boot_value,
                                                  .reset_value = definition.boot_value,
                                                  .source = "default"});
    for (const ConfigEntry& entry : tree.entries)
        set(state, entry.name, entry.value,
            {.source = "configuration file",
             .source_file = entry.file.string(),
             .source_line = entry.line});
    for (const auto& [name, value] : start_option_settings(server.start_options))
        set(state, name, value, {.source = "command line"});
    for (const ConfigProblem& problem : tree.problems)
        note(state, Severity::kCritical, "state.configuration_file",
             fmt::format("{} line {}: {}", problem.file.string(), problem.line, problem.message),
             "correct it: the server does not start with it");
    note(state, Severity::kNote, "state.stopped",
         "the server does not run, so its statistics and what ALTER ROLE and ALTER DATABASE set "
         "were not read",
         "start it for a plan that knows its workload");
    state.statistics.is_standby = file_exists(server.data_directory / "standby.signal");
    state.available_libraries = available_libraries(server.bin_directory);
    return state;
}

}  // namespace hone::postgres
