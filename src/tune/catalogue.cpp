#include <algorithm>
#include <array>
#include <string_view>

#include "base/assert.hpp"
#include "base/json.hpp"
#include "tune/tune.hpp"

namespace hone::embedded {
extern const std::string_view kTuneCatalogue;
}

namespace hone::tune {

namespace {

constexpr int kOldestVersion = 14;
constexpr int kNewestVersion = 18;
using Catalogues = std::array<Catalogue, kNewestVersion - kOldestVersion + 1>;

Result<Catalogues> read_catalogues(std::string_view text) {
    HONE_TRY_ASSIGN(json::value document, parse_json(text, "catalogue.json"));
    const json::value root = json::object{{"settings", std::move(document)}};
    HONE_TRY_ASSIGN(const auto rows, JsonReader(root, "catalogue").array("settings"));
    Catalogues catalogues;
    for (const JsonReader& row : rows) {
        HONE_TRY_ASSIGN(const SettingDefinition definition, setting_definition_from_json(row));
        for (const json::value& version : row.value().at("versions").as_array())
            catalogues.at(static_cast<std::size_t>(version.as_int64() - kOldestVersion))
                .emplace(definition.name, definition);
    }
    return catalogues;
}

}  // namespace

Catalogue builtin_catalogue(int version) {
    HONE_ASSERT(version >= kOldestVersion && version <= kNewestVersion);
    static const Catalogues kCatalogues = read_catalogues(embedded::kTuneCatalogue).value();
    return kCatalogues.at(static_cast<std::size_t>(version - kOldestVersion));
}

}  // namespace hone::tune
