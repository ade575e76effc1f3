#include "engines/postgres/settings_rows.hpp"

#include "base/text.hpp"

namespace hone::postgres {

namespace {

SettingDefinition definition_from(const Rows& rows, std::size_t row) {
    SettingDefinition definition{.name = rows.text(row, "name"),
                                 .type = setting_type_named(rows.text(row, "vartype")),
                                 .context = setting_context_named(rows.text(row, "context")),
                                 .unit = rows.text(row, "unit"),
                                 .minimum = parse_number(rows.text(row, "min_val")),
                                 .maximum = parse_number(rows.text(row, "max_val")),
                                 .enum_values = {},
                                 .boot_value = rows.text(row, "boot_value")};
    if (definition.type != SettingType::kEnum) return definition;
    const std::string values = rows.text(row, "enum_values");
    for (const std::string_view value : split(values, ','))
        definition.enum_values.emplace_back(value);
    return definition;
}

}  // namespace

Catalogue catalogue_from(const Rows& rows) {
    Catalogue catalogue;
    for (std::size_t row = 0; row < rows.size(); ++row)
        catalogue.emplace(rows.text(row, "name"), definition_from(rows, row));
    return catalogue;
}

SettingStates settings_from(const Rows& rows) {
    SettingStates states;
    for (std::size_t row = 0; row < rows.size(); ++row)
        states.emplace(rows.text(row, "name"),
                       SettingState{.value = rows.text(row, "setting"),
                                    .reset_value = rows.text(row, "reset_value"),
                                    .source = rows.text(row, "source"),
                                    .source_file = rows.text(row, "source_file"),
                                    .source_line = static_cast<int>(
                                        parse_integer(rows.text(row, "source_line")).value_or(0)),
                                    .pending_restart = rows.text(row, "pending_restart") == "t"});
    return states;
}

}  // namespace hone::postgres
