#include "engines/postgres/catalogue.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engines/postgres/scratch.hpp"
#include "engines/postgres/skeleton.hpp"
#include "engines/postgres/state.hpp"

namespace hone::postgres {

namespace {

namespace fs = std::filesystem;

constexpr int kCacheSchemaVersion = 1;

// enumvals as JSON, because a value may hold a comma.
constexpr const char* kSettingsQuery =
    "SELECT name, vartype, context, coalesce(unit, '') AS unit, min_val, max_val, "
    "coalesce(to_json(enumvals)::text, '[]') AS enumvals, coalesce(boot_val, '') AS boot_val "
    "FROM pg_settings ORDER BY name";

Result<std::vector<std::string>> texts_of(const std::string& json_array) {
    HONE_TRY_ASSIGN(const json::value document,
                    parse_json("{\"values\":" + json_array + "}", "pg_settings.enumvals"));
    return JsonReader(document, "").texts("values");
}

std::optional<double> number_in(const Rows& rows, std::size_t row, std::string_view column) {
    const auto& cell = rows.cell(row, column);
    return cell ? parse_number(*cell) : std::nullopt;
}

Result<SettingDefinition> definition_in(const Rows& rows, std::size_t row) {
    SettingDefinition definition;
    definition.name = rows.text(row, "name");
    definition.type = setting_type_named(rows.text(row, "vartype"));
    definition.context = setting_context_named(rows.text(row, "context"));
    definition.unit = rows.text(row, "unit");
    definition.minimum = number_in(rows, row, "min_val");
    definition.maximum = number_in(rows, row, "max_val");
    definition.boot_value = rows.text(row, "boot_val");
    HONE_TRY_ASSIGN(definition.enum_values, texts_of(rows.text(row, "enumvals")));
    return definition;
}

Result<fs::path> cached_file(const fs::path& bin_directory, const fs::path& cache_folder) {
    HONE_TRY_ASSIGN(const std::string key, build_key(bin_directory));
    return cache_folder / "catalogues" / (key + ".json");
}

Result<Catalogue> catalogue_from_text(const std::string& text, const fs::path& file) {
    HONE_TRY_ASSIGN(const json::value document, parse_json(text, file.string()));
    const JsonReader reader(document, "");
    HONE_TRY_ASSIGN(const std::int64_t schema_version, reader.integer("schema_version"));
    if (schema_version != kCacheSchemaVersion)
        return Error{ErrorCode::kUnsupported, "reading '" + file.string() + "'",
                     "another hone wrote it"};
    HONE_TRY_ASSIGN(const std::vector<JsonReader> settings, reader.array("settings"));
    Catalogue catalogue;
    for (const auto& setting : settings) {
        HONE_TRY_ASSIGN(SettingDefinition definition, setting_definition_from_json(setting));
        std::string name = definition.name;
        catalogue.emplace(std::move(name), std::move(definition));
    }
    return catalogue;
}

std::string catalogue_to_text(const Catalogue& catalogue) {
    json::array settings;
    for (const auto& [name, definition] : catalogue) settings.push_back(to_json(definition));
    return to_json_text(
        json::object{{"schema_version", kCacheSchemaVersion}, {"settings", std::move(settings)}});
}

Result<Catalogue> ask_a_scratch_server(const fs::path& bin_directory, const fs::path& cache_folder,
                                       Deadline deadline) {
    HONE_TRY_ASSIGN(const Identity owner, scratch_owner());
    ScratchOptions options;
    options.bin_directory = bin_directory;
    options.owner = owner;
    options.cache_folder = cache_folder;
    HONE_TRY_ASSIGN(ScratchServer server, ScratchServer::prepare(options, deadline));
    HONE_TRY(server.start(deadline));
    HONE_TRY_ASSIGN(Connection connection, server.connect(deadline));
    return read_catalogue(connection, deadline);
}

}  // namespace

Result<Catalogue> read_catalogue(Connection& connection, Deadline deadline) {
    HONE_TRY_ASSIGN(const Rows rows, connection.query(kSettingsQuery, deadline));
    Catalogue catalogue;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        HONE_TRY_ASSIGN(SettingDefinition definition, definition_in(rows, row));
        std::string name = definition.name;
        catalogue.emplace(std::move(name), std::move(definition));
    }
    return catalogue;
}

Result<Catalogue> catalogue_of_binary(const fs::path& bin_directory, const fs::path& cache_folder,
                                      Deadline deadline) {
    const fs::path cache = cache_folder.empty() ? default_cache_folder() : cache_folder;
    HONE_TRY_ASSIGN(const fs::path file, cached_file(bin_directory, cache));
    // A cache that cannot be read or is damaged is made again.
    if (const auto text = read_file(file); text.ok())
        if (auto cached = catalogue_from_text(*text, file); cached.ok()) return cached;
    HONE_TRY_ASSIGN(Catalogue catalogue, ask_a_scratch_server(bin_directory, cache, deadline));
    HONE_TRY(make_folders(file.parent_path(), 0700));
    HONE_TRY(replace_file(file, catalogue_to_text(catalogue)));
    return catalogue;
}

}  // namespace hone::postgres
