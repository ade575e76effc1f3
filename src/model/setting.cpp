#include "model/setting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"

namespace hone {

namespace {

struct UnitFactor {
    std::string_view name;
    double factor;  // in bytes, or in milliseconds
};

// The units that the server itself reads; case matters to it (manual, 20.1.1).
constexpr std::array<UnitFactor, 5> kSizeUnits{
    {{"TB", 1099511627776.0}, {"GB", 1073741824.0}, {"MB", 1048576.0}, {"kB", 1024.0}, {"B", 1.0}}};
constexpr std::array<UnitFactor, 6> kTimeUnits{{{"d", 86400000.0},
                                                {"h", 3600000.0},
                                                {"min", 60000.0},
                                                {"s", 1000.0},
                                                {"ms", 1.0},
                                                {"us", 0.001}}};

// The base unit of a setting: "8kB" is 8192 bytes, "16MB" 16 MB, "min" 60000 ms. Zero: no unit.
double size_factor(std::string_view unit) {
    std::size_t digits = 0;
    while (digits < unit.size() && unit[digits] >= '0' && unit[digits] <= '9') ++digits;
    const double count =
        digits == 0 ? 1.0 : static_cast<double>(parse_integer(unit.substr(0, digits)).value_or(1));
    for (const auto& known : kSizeUnits)
        if (known.name == unit.substr(digits)) return count * known.factor;
    return 0;
}

double time_factor(std::string_view unit) {
    for (const auto& known : kTimeUnits)
        if (known.name == unit) return known.factor;
    return 0;
}

double unit_factor(std::string_view unit) {
    const double size = size_factor(unit);
    return size > 0 ? size : time_factor(unit);
}

Error bad_value(const SettingDefinition& definition, std::string_view text, std::string wrong,
                std::string advice = {}) {
    return {ErrorCode::kInvalidArgument,
            fmt::format("reading '{}' as a value of {}", printable(text, 64), definition.name),
            std::move(wrong), std::move(advice)};
}

// Shortest text that the server reads back as the same number.
std::string number_text(double number) {
    if (number == std::floor(number) && std::abs(number) < 9e15)
        return fmt::format("{:.0f}", number);
    return fmt::format("{}", number);
}

Result<double> number_in_unit(const SettingDefinition& definition, std::string_view text) {
    std::size_t end = text.find_first_not_of("+-.0123456789");
    if (end == std::string_view::npos) end = text.size();
    const auto number = parse_number(text.substr(0, end));
    if (!number) return bad_value(definition, text, "not a number");
    const std::string_view unit = trim(text.substr(end));
    if (unit.empty()) return *number;
    const double base = unit_factor(definition.unit);
    const bool is_size = size_factor(definition.unit) > 0;
    const double given = is_size ? size_factor(unit) : time_factor(unit);
    if (base == 0) return bad_value(definition, text, "it has no unit", "write the bare number");
    if (given == 0)
        return bad_value(definition, text, fmt::format("'{}' is not a unit of it", unit),
                         is_size ? "use B, kB, MB, GB or TB" : "use us, ms, s, min, h or d");
    return *number * given / base;
}

Result<std::string> canonical_number(const SettingDefinition& definition, std::string_view text) {
    HONE_TRY_ASSIGN(double number, number_in_unit(definition, text));
    // Integers are rounded to the nearest, as the server does (guc.c, parse_int).
    if (definition.type == SettingType::kInteger) number = std::rint(number);
    const auto shown = [&](double limit) { return display_value(definition, number_text(limit)); };
    if (definition.minimum && number < *definition.minimum)
        return bad_value(definition, text,
                         fmt::format("below its minimum {}", shown(*definition.minimum)));
    if (definition.maximum && number > *definition.maximum)
        return bad_value(definition, text,
                         fmt::format("above its maximum {}", shown(*definition.maximum)));
    return number_text(number);
}

// Unambiguous prefixes of true, false, yes, no, and on, off, 1, 0 (bool.c, parse_bool).
Result<std::string> canonical_bool(const SettingDefinition& definition, std::string_view text) {
    const std::string lower = to_lower(text);
    const auto prefix_of = [&](std::string_view word) {
        return !lower.empty() && word.starts_with(lower);
    };
    if (lower == "1" || lower == "on" || prefix_of("true") || prefix_of("yes"))
        return std::string("on");
    if (lower == "0" || lower == "of" || lower == "off" || prefix_of("false") || prefix_of("no"))
        return std::string("off");
    return bad_value(definition, text, "not a boolean", "use on or off");
}

Result<std::string> canonical_enum(const SettingDefinition& definition, std::string_view text) {
    for (const auto& value : definition.enum_values)
        if (equal_ignoring_case(value, text)) return value;
    return bad_value(definition, text, "this build of PostgreSQL does not have that value",
                     "use one of " + join(definition.enum_values, ", "));
}

std::string display_number(double number, bool is_size, double base) {
    if (number == 0) return "0";
    const double scaled = number * base;
    const auto in_unit = [&](const UnitFactor& unit) -> std::optional<std::string> {
        const double quotient = scaled / unit.factor;
        if (std::abs(quotient) < 1 || quotient != std::floor(quotient)) return std::nullopt;
        return fmt::format("{:.0f}{}", quotient, unit.name);
    };
    if (is_size) {
        for (const auto& unit : kSizeUnits)
            if (auto text = in_unit(unit)) return *text;
    } else {
        for (const auto& unit : kTimeUnits)
            if (auto text = in_unit(unit)) return *text;
    }
    return number_text(number);
}

}  // namespace

std::string_view to_string(SettingType type) {
    switch (type) {
        case SettingType::kBool:
            return "bool";
        case SettingType::kInteger:
            return "integer";
        case SettingType::kReal:
            return "real";
        case SettingType::kText:
            return "string";
        case SettingType::kEnum:
            return "enum";
    }
    return "string";
}

SettingType setting_type_named(std::string_view vartype) {
    for (const auto type :
         {SettingType::kBool, SettingType::kInteger, SettingType::kReal, SettingType::kEnum})
        if (to_string(type) == vartype) return type;
    return SettingType::kText;
}

std::string_view to_string(SettingContext context) {
    switch (context) {
        case SettingContext::kInternal:
            return "internal";
        case SettingContext::kRestart:
            return "restart";
        case SettingContext::kReload:
            return "reload";
        case SettingContext::kNewConnection:
            return "new connection";
        case SettingContext::kSession:
            return "session";
    }
    return "session";
}

SettingContext setting_context_named(std::string_view context) {
    if (context == "internal") return SettingContext::kInternal;
    if (context == "postmaster" || context == "restart") return SettingContext::kRestart;
    if (context == "sighup" || context == "reload") return SettingContext::kReload;
    if (context == "backend" || context == "superuser-backend" || context == "new connection")
        return SettingContext::kNewConnection;
    return SettingContext::kSession;
}

const SettingDefinition* find_setting(const Catalogue& catalogue, std::string_view name) {
    if (const auto found = catalogue.find(name); found != catalogue.end()) return &found->second;
    // TimeZone, DateStyle and IntervalStyle may be written any way.
    for (const auto& [known, definition] : catalogue)
        if (equal_ignoring_case(known, name)) return &definition;
    return nullptr;
}

Result<std::string> canonical_value(const SettingDefinition& definition, std::string_view text) {
    switch (definition.type) {
        case SettingType::kBool:
            return canonical_bool(definition, text);
        case SettingType::kEnum:
            return canonical_enum(definition, text);
        case SettingType::kInteger:
        case SettingType::kReal:
            return canonical_number(definition, text);
        case SettingType::kText:
            return std::string(text);
    }
    return std::string(text);
}

std::string display_value(const SettingDefinition& definition, std::string_view canonical) {
    if (definition.type != SettingType::kInteger && definition.type != SettingType::kReal)
        return std::string(canonical);
    const auto number = parse_number(canonical);
    const double base = unit_factor(definition.unit);
    // Negative numbers mean "automatic" or "off", not a size.
    if (!number || base == 0 || *number < 0) return std::string(canonical);
    return display_number(*number, size_factor(definition.unit) > 0, base);
}

std::optional<Bytes> value_as_bytes(const SettingDefinition& definition,
                                    std::string_view canonical) {
    const double base = size_factor(definition.unit);
    const auto number = parse_number(canonical);
    if (base == 0 || !number) return std::nullopt;
    return Bytes{static_cast<std::int64_t>(*number * base)};
}

std::string quoted_for_config(std::string_view display) {
    const auto all = [&](auto&& accepts) {
        return !display.empty() && std::all_of(display.begin(), display.end(), accepts);
    };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool word =
        all([&](char c) {
            return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        }) &&
        !is_digit(display.front());
    // A dotted name such as pg_catalog.english is a syntax error without quotes; 0.9 is none.
    const bool number = all([&](char c) { return is_digit(c) || c == '.'; }) &&
                        is_digit(display.front()) && parse_number(display).has_value();
    const bool bare = word || number;
    if (bare) return std::string(display);
    std::string quoted = "'";
    for (const char c : display) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    return quoted + "'";
}

json::object to_json(const SettingDefinition& definition) {
    json::object object;
    object["name"] = definition.name;
    object["type"] = to_string(definition.type);
    object["context"] = to_string(definition.context);
    object["unit"] = definition.unit;
    if (definition.minimum) object["minimum"] = *definition.minimum;
    if (definition.maximum) object["maximum"] = *definition.maximum;
    if (!definition.enum_values.empty())
        object["enum_values"] =
            json::array(definition.enum_values.begin(), definition.enum_values.end());
    object["boot_value"] = definition.boot_value;
    return object;
}

Result<SettingDefinition> setting_definition_from_json(const JsonReader& reader) {
    SettingDefinition definition;
    HONE_TRY_ASSIGN(definition.name, reader.text("name"));
    HONE_TRY_ASSIGN(const std::string type, reader.text("type"));
    HONE_TRY_ASSIGN(const std::string context, reader.text("context"));
    definition.type = setting_type_named(type);
    definition.context = setting_context_named(context);
    HONE_TRY_ASSIGN(definition.unit, reader.text("unit"));
    HONE_TRY_ASSIGN(definition.minimum, reader.optional_number("minimum"));
    HONE_TRY_ASSIGN(definition.maximum, reader.optional_number("maximum"));
    if (reader.has("enum_values")) {
        HONE_TRY_ASSIGN(definition.enum_values, reader.texts("enum_values"));
    }
    HONE_TRY_ASSIGN(definition.boot_value, reader.text("boot_value"));
    return definition;
}

bool is_durability_setting(std::string_view name) {
    static constexpr std::array<std::string_view, 7> kNames{
        "autovacuum",        "data_sync_retry",         "fsync",
        "full_page_writes",  "ignore_checksum_failure", "synchronous_commit",
        "zero_damaged_pages"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace hone
