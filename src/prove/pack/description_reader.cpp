#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "prove/pack/description.hpp"
#include "tune/toml_reader.hpp"

namespace hone::prove {

namespace {

using tune::TomlEntry;
using tune::TomlNode;
using Kind = TomlNode::Kind;

Error wrong_at(const TomlNode& node, std::string wrong, std::string advice = {}) {
    return {ErrorCode::kInvalidArgument, "reading " + place_of(node, kPackFile), std::move(wrong),
            std::move(advice)};
}

// A table of the file, whose keys must be among those that are known.
class Table {
  public:
    static Result<Table> of(const TomlNode& node, std::initializer_list<std::string_view> known) {
        if (node.kind != Kind::kTable) return wrong_at(node, "a table is expected here");
        for (const TomlEntry& entry : node.entries)
            if (std::find(known.begin(), known.end(), entry.key) == known.end()) {
                const auto meant =
                    closest(entry.key, std::vector<std::string>(known.begin(), known.end()));
                return wrong_at(entry.value, fmt::format("there is no key '{}'", entry.key),
                                meant ? fmt::format("did you mean '{}'?", *meant) : "");
            }
        return Table(node);
    }

    const TomlNode* find(std::string_view key) const { return node_->find(key); }

    Result<std::string> text(std::string_view key) const {
        const TomlNode* found = find(key);
        if (found == nullptr || found->kind != Kind::kText)
            return wrong_at(found == nullptr ? *node_ : *found,
                            fmt::format("'{}' must be a text", key));
        return found->text;
    }
    Result<std::string> optional_text(std::string_view key) const {
        if (find(key) == nullptr) return std::string();
        return text(key);
    }
    bool is_on(std::string_view key) const {
        const TomlNode* found = find(key);
        return found != nullptr && found->kind == Kind::kBool && found->text == "on";
    }
    Result<double> number(std::string_view key) const {
        const TomlNode* found = find(key);
        if (found == nullptr || found->kind != Kind::kNumber)
            return wrong_at(found == nullptr ? *node_ : *found,
                            fmt::format("'{}' must be a number", key));
        return found->number;
    }
    Result<SourceText> expression(std::string_view key, std::string_view otherwise) const {
        const TomlNode* found = find(key);
        if (found == nullptr)
            return SourceText{std::string(otherwise), place_of(*node_, kPackFile)};
        return expression_in(*found);
    }
    static Result<SourceText> expression_in(const TomlNode& node) {
        if (node.kind != Kind::kText && node.kind != Kind::kNumber)
            return wrong_at(node, "an expression or a number is expected");
        return SourceText{node.text, place_of(node, kPackFile)};
    }
    Result<NamedTexts> expressions(std::string_view key) const {
        NamedTexts texts;
        const TomlNode* found = find(key);
        if (found == nullptr) return texts;
        if (found->kind != Kind::kTable) return wrong_at(*found, "a table is expected here");
        for (const TomlEntry& entry : found->entries) {
            HONE_TRY_ASSIGN(SourceText text, expression_in(entry.value));
            texts.emplace_back(entry.key, std::move(text));
        }
        return texts;
    }
    // Each element of the list, empty where there is none.
    Result<std::vector<const TomlNode*>> list(std::string_view key) const {
        std::vector<const TomlNode*> items;
        const TomlNode* found = find(key);
        if (found == nullptr) return items;
        if (found->kind != Kind::kList) return wrong_at(*found, "a list is expected here");
        for (const TomlNode& item : found->items) items.push_back(&item);
        return items;
    }
    Result<std::vector<std::string>> texts(std::string_view key) const {
        std::vector<std::string> result;
        HONE_TRY_ASSIGN(const auto items, list(key));
        for (const TomlNode* item : items) {
            if (item->kind != Kind::kText) return wrong_at(*item, "a text is expected here");
            result.push_back(item->text);
        }
        return result;
    }
    Result<Only> only() const {
        Only only;
        const TomlNode* found = find("only");
        if (found == nullptr) return only;
        if (found->kind != Kind::kTable) return wrong_at(*found, "a table is expected here");
        for (const TomlEntry& entry : found->entries) only[entry.key] = entry.value.text;
        return only;
    }
    const TomlNode& node() const { return *node_; }

  private:
    explicit Table(const TomlNode& node) : node_(&node) {}
    const TomlNode* node_;
};

Result<SchemaFile> read_schema_file(const TomlNode& node, const PackFiles& files) {
    HONE_TRY_ASSIGN(const Table table, Table::of(node, {"file", "after_load", "only"}));
    SchemaFile file;
    HONE_TRY_ASSIGN(file.name, table.text("file"));
    if (file.name.find('/') != std::string::npos)
        return wrong_at(node, "a pack's files stand in its own folder");
    HONE_TRY_ASSIGN(file.sql, files(file.name));
    file.after_load = table.is_on("after_load");
    HONE_TRY_ASSIGN(file.only, table.only());
    return file;
}

Result<RowSetText> read_rows(const TomlNode& node) {
    HONE_TRY_ASSIGN(const Table table,
                    Table::of(node, {"name", "table", "count", "columns", "only"}));
    RowSetText rows;
    HONE_TRY_ASSIGN(rows.name, table.text("name"));
    HONE_TRY_ASSIGN(rows.table, table.text("table"));
    HONE_TRY_ASSIGN(rows.count, table.expression("count", "0"));
    HONE_TRY_ASSIGN(rows.columns, table.expressions("columns"));
    if (rows.columns.empty()) return wrong_at(node, "rows must have columns");
    HONE_TRY_ASSIGN(rows.only, table.only());
    return rows;
}

Result<CallText> read_call(const TomlNode& node) {
    HONE_TRY_ASSIGN(const Table table, Table::of(node, {"sql", "parameters", "rows", "row_count",
                                                        "first_row", "only"}));
    CallText call;
    HONE_TRY(table.text("sql"));
    HONE_TRY_ASSIGN(call.sql, table.expression("sql", ""));
    HONE_TRY_ASSIGN(const auto parameters, table.list("parameters"));
    for (const TomlNode* item : parameters) {
        HONE_TRY_ASSIGN(SourceText parameter, Table::expression_in(*item));
        call.parameters.push_back(std::move(parameter));
    }
    HONE_TRY_ASSIGN(call.rows, table.optional_text("rows"));
    HONE_TRY_ASSIGN(call.row_count, table.expression("row_count", "0"));
    HONE_TRY_ASSIGN(call.first_row, table.expression("first_row", "0"));
    HONE_TRY_ASSIGN(call.only, table.only());
    const bool has_place = call.sql.text.find("{rows}") != std::string::npos;
    if (has_place == call.rows.empty() || (has_place && !call.parameters.empty()))
        return wrong_at(node, "a call has either {rows} with 'rows', or 'parameters'");
    return call;
}

Result<OperationText> read_operation(const TomlNode& node) {
    HONE_TRY_ASSIGN(const Table table, Table::of(node, {"name", "writes", "atomic", "units",
                                                        "rounds_at_most", "call", "only"}));
    OperationText operation;
    HONE_TRY_ASSIGN(operation.name, table.text("name"));
    operation.writes = table.is_on("writes");
    operation.atomic = table.is_on("atomic");
    HONE_TRY_ASSIGN(operation.units, table.expression("units", "1"));
    HONE_TRY_ASSIGN(operation.rounds_at_most, table.expression("rounds_at_most", "1"));
    HONE_TRY_ASSIGN(const auto calls, table.list("call"));
    for (const TomlNode* item : calls) {
        HONE_TRY_ASSIGN(CallText call, read_call(*item));
        operation.calls.push_back(std::move(call));
    }
    if (operation.calls.empty()) return wrong_at(node, "an operation must have calls");
    HONE_TRY_ASSIGN(operation.only, table.only());
    return operation;
}

Status read_volume(const TomlNode& node, Pack::Description& description) {
    HONE_TRY_ASSIGN(const Table table, Table::of(node, {"name", "summary", "about", "constants"}));
    PackVolume volume;
    HONE_TRY_ASSIGN(volume.name, table.text("name"));
    HONE_TRY_ASSIGN(volume.summary, table.text("summary"));
    HONE_TRY_ASSIGN(const std::string about, table.text("about"));
    HONE_TRY_ASSIGN(volume.about, parse_bytes(about));
    Choice choice{.name = volume.name, .constants = {}, .rates = {}};
    HONE_TRY_ASSIGN(choice.constants, table.expressions("constants"));
    description.info.volumes.push_back(std::move(volume));
    description.volumes.push_back(std::move(choice));
    return {};
}

Status read_variant(const TomlNode& node, Pack::Description& description) {
    HONE_TRY_ASSIGN(const Table table, Table::of(node, {"name", "summary", "value"}));
    PackVariant variant;
    HONE_TRY_ASSIGN(variant.name, table.text("name"));
    HONE_TRY_ASSIGN(variant.summary, table.text("summary"));
    std::vector<Choice> choices;
    HONE_TRY_ASSIGN(const auto values, table.list("value"));
    for (const TomlNode* item : values) {
        HONE_TRY_ASSIGN(const Table value, Table::of(*item, {"name", "summary", "constants"}));
        HONE_TRY_ASSIGN(std::string name, value.text("name"));
        HONE_TRY_ASSIGN(std::string summary, value.text("summary"));
        Choice choice{.name = name, .constants = {}, .rates = {}};
        HONE_TRY_ASSIGN(choice.constants, value.expressions("constants"));
        choices.push_back(std::move(choice));
        variant.values.push_back({std::move(name), std::move(summary)});
    }
    if (choices.empty()) return wrong_at(node, "a variant must have values");
    description.info.variants.push_back(std::move(variant));
    description.variants.push_back(std::move(choices));
    return {};
}

Status read_preset(const TomlNode& node, Pack::Description& description) {
    HONE_TRY_ASSIGN(const Table table, Table::of(node, {"name", "summary", "closed_loop", "clients",
                                                        "constants", "rates", "weights"}));
    PackPreset preset;
    HONE_TRY_ASSIGN(preset.name, table.text("name"));
    HONE_TRY_ASSIGN(preset.summary, table.text("summary"));
    preset.closed_loop = table.is_on("closed_loop");
    Choice choice{.name = preset.name, .constants = {}, .rates = {}};
    HONE_TRY_ASSIGN(choice.constants, table.expressions("constants"));
    if (preset.closed_loop) {
        HONE_TRY_ASSIGN(const double clients, table.number("clients"));
        choice.clients = static_cast<int>(std::clamp(clients, 1.0, 10000.0));
    }
    const std::string_view key = preset.closed_loop ? "weights" : "rates";
    const TomlNode* rates = table.find(key);
    if (rates == nullptr || rates->kind != Kind::kTable)
        return wrong_at(node, fmt::format("a preset must have '{}'", key));
    for (const TomlEntry& entry : rates->entries) {
        if (entry.value.kind != Kind::kNumber || entry.value.number < 0)
            return wrong_at(entry.value, "a rate is a number from 0 on");
        const auto known = std::find_if(
            description.operations.begin(), description.operations.end(),
            [&](const OperationText& operation) { return operation.name == entry.key; });
        if (known == description.operations.end())
            return wrong_at(entry.value, fmt::format("there is no operation '{}'", entry.key));
        choice.rates[entry.key] = entry.value.number;
    }
    description.info.presets.push_back(std::move(preset));
    description.presets.push_back(std::move(choice));
    return {};
}

Status read_target(const TomlNode& node, Pack::Description& description) {
    HONE_TRY_ASSIGN(const Table table, Table::of(node, {"operation", "percentile", "seconds"}));
    PackTarget target;
    HONE_TRY_ASSIGN(target.operation, table.text("operation"));
    HONE_TRY_ASSIGN(const double percentile, table.number("percentile"));
    target.quantile = percentile / 100;
    HONE_TRY_ASSIGN(target.seconds_at_most, table.number("seconds"));
    if (percentile <= 0 || percentile >= 100 || target.seconds_at_most <= 0)
        return wrong_at(node, "a target has a percentile between 0 and 100 and seconds above 0");
    description.info.targets.push_back(std::move(target));
    return {};
}

// Reads each element of a list by `read`.
template <typename Read>
Status each(const Table& table, std::string_view key, const Read& read) {
    HONE_TRY_ASSIGN(const auto items, table.list(key));
    for (const TomlNode* item : items) HONE_TRY(read(*item));
    return {};
}

template <typename Value, typename Read>
auto into(std::vector<Value>& values, const Read& read) {
    return [&values, read](const TomlNode& node) -> Status {
        HONE_TRY_ASSIGN(Value value, read(node));
        values.push_back(std::move(value));
        return {};
    };
}

Status read_parts(const Table& table, const PackFiles& files, Pack::Description& description) {
    HONE_TRY(each(table, "schema", into(description.schema, [&](const TomlNode& node) {
                      return read_schema_file(node, files);
                  })));
    HONE_TRY(each(table, "rows", into(description.rows, read_rows)));
    HONE_TRY(each(table, "operation", into(description.operations, read_operation)));
    const auto with = [&](Status (*read)(const TomlNode&, Pack::Description&)) {
        return [&description, read](const TomlNode& node) { return read(node, description); };
    };
    HONE_TRY(each(table, "volume", with(read_volume)));
    HONE_TRY(each(table, "variant", with(read_variant)));
    HONE_TRY(each(table, "preset", with(read_preset)));
    return each(table, "target", with(read_target));
}

std::string hash_of(std::string_view pack_text, const std::vector<SchemaFile>& schema) {
    std::string all(pack_text);
    for (const SchemaFile& file : schema) all += '\0' + file.name + '\0' + file.sql;
    return sha256_hex(all);
}

}  // namespace

Result<Pack::Description> read_description(const PackFiles& files) {
    HONE_TRY_ASSIGN(const std::string text, files(std::string(kPackFile)));
    HONE_TRY_ASSIGN(const TomlNode root, tune::parse_toml(text, kPackFile));
    HONE_TRY_ASSIGN(
        const Table table,
        Table::of(root, {"name", "summary", "does_not_claim", "constants", "define", "schema",
                         "rows", "operation", "volume", "variant", "preset", "target"}));
    Pack::Description description;
    HONE_TRY_ASSIGN(description.info.name, table.text("name"));
    HONE_TRY_ASSIGN(description.info.summary, table.text("summary"));
    HONE_TRY_ASSIGN(description.info.does_not_claim, table.texts("does_not_claim"));
    HONE_TRY_ASSIGN(description.constants, table.expressions("constants"));
    HONE_TRY_ASSIGN(description.definitions, table.expressions("define"));
    HONE_TRY(read_parts(table, files, description));
    if (description.presets.empty() || description.volumes.empty())
        return wrong_at(root, "a pack must have a preset and a volume");
    description.info.content_hash = hash_of(text, description.schema);
    return description;
}

}  // namespace hone::prove
