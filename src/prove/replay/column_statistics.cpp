#include "prove/replay/column_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

// A partitioned table's own figures are those with "inherited".
constexpr const char* kStatisticsQuery =
    "SELECT n.nspname || '.' || c.relname || '.' || a.attname AS column, s.null_frac, "
    "array_to_json(s.most_common_vals::text::text[])::text AS common, "
    "array_to_json(s.most_common_freqs)::text AS frequencies, "
    "array_to_json(s.histogram_bounds::text::text[])::text AS bounds "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = $2 AND NOT a.attisdropped "
    "LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname "
    "AND s.attname = a.attname WHERE c.oid = to_regclass($1) ORDER BY s.inherited DESC LIMIT 1";

std::string qualified_name(const TableMention& table) {
    const std::string name = postgres::quoted_identifier(table.name);
    return table.schema.empty() ? name : postgres::quoted_identifier(table.schema) + "." + name;
}

bool may_be_of(const ValueSlot& slot, const TableMention& table) {
    if (slot.qualifier.empty()) return true;
    return slot.qualifier == (table.alias.empty() ? table.name : table.alias);
}

// Elements of a JSON array as text; empty where there is none.
Result<std::vector<std::string>> elements_of(const std::string& text) {
    std::vector<std::string> elements;
    if (text.empty()) return elements;
    HONE_TRY_ASSIGN(const json::value list, parse_json(text, "pg_stats"));
    if (const json::array* array = list.if_array())
        for (const json::value& element : *array)
            elements.push_back(element.is_string() ? std::string(element.get_string())
                                                   : to_json_line(element));
    return elements;
}

Status fill(ParameterSource& source, const postgres::Rows& rows) {
    source.column = rows.text(0, "column");
    source.null_fraction = parse_number(rows.text(0, "null_frac")).value_or(0);
    HONE_TRY_ASSIGN(source.values, elements_of(rows.text(0, "common")));
    HONE_TRY_ASSIGN(source.bounds, elements_of(rows.text(0, "bounds")));
    HONE_TRY_ASSIGN(const auto frequencies, elements_of(rows.text(0, "frequencies")));
    for (const std::string& frequency : frequencies)
        source.frequencies.push_back(parse_number(frequency).value_or(0));
    if (source.frequencies.size() > source.values.size()) source.frequencies.clear();
    if (!source.values.empty() || !source.bounds.empty()) source.knowledge = Knowledge::kStatistics;
    return {};
}

// The table whose column it is; the first of the text's that has such a column.
Status find_column(ParameterSource& source, const ValueSlot& slot, const SqlStatement& facts,
                   postgres::Connection& connection, Deadline deadline) {
    std::set<std::string> tried;
    for (const TableMention& table : facts.tables) {
        const std::string name = qualified_name(table);
        if (!may_be_of(slot, table) || !tried.insert(name).second) continue;
        HONE_TRY_ASSIGN(const auto rows,
                        connection.query(kStatisticsQuery, {name, slot.column}, deadline));
        if (!rows.empty()) return fill(source, rows);
    }
    return {};
}

const ValueSlot* slot_of(const SqlStatement& facts, int parameter) {
    const auto found = std::ranges::find(facts.slots, parameter, &ValueSlot::parameter);
    return found == facts.slots.end() ? nullptr : &*found;
}

std::uint32_t whole_rows(double rows_per_call) {
    return static_cast<std::uint32_t>(
        std::clamp(std::round(rows_per_call), 1.0, static_cast<double>(kMostElements)));
}

}  // namespace

Result<std::vector<ParameterSource>> parameter_sources(const SqlStatement& facts,
                                                       const std::vector<std::string>& types,
                                                       double rows_per_call,
                                                       postgres::Connection& connection,
                                                       Deadline deadline) {
    std::vector<ParameterSource> sources;
    for (int number = 1; number <= facts.parameters; ++number) {
        ParameterSource& source = sources.emplace_back();
        const auto place = static_cast<std::size_t>(number - 1);
        if (place < types.size()) source.type = types[place];
        const ValueSlot* slot = slot_of(facts, number);
        // The two ends of a range belong together: drawn apart they would be far apart.
        if (slot == nullptr || slot->use == SlotUse::kRange) continue;
        if (slot->use == SlotUse::kLimit) {
            source.knowledge = Knowledge::kRows;
            source.values = {std::to_string(whole_rows(rows_per_call))};
        } else if (!slot->column.empty()) {
            source.is_array = slot->in_array;
            if (source.is_array) source.elements = whole_rows(rows_per_call);
            HONE_TRY(find_column(source, *slot, facts, connection, deadline));
        }
    }
    return sources;
}

}  // namespace hone::prove
