#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "tune/toml_reader.hpp"
#include "tune/tune.hpp"

namespace hone::tune {

namespace {

using Kind = TomlNode::Kind;

constexpr double kSmallestMemoryShare = 0.1;
constexpr double kMostConnections = 200000;

class Reader {
  public:
    explicit Reader(std::string_view what) : what_(what) {}

    Status read(const TomlNode& root);
    Customization take() { return std::move(customization_); }

  private:
    Error wrong(const TomlNode& node, std::string_view key, std::string why,
                std::string advice = {}) const {
        return {ErrorCode::kInvalidArgument,
                fmt::format("reading '{}' at {}", key, place_of(node, what_)), std::move(why),
                std::move(advice)};
    }
    Status read_settings(const TomlNode& table);
    Status read_leave_alone(const TomlNode& list);
    Status read_workload(const TomlNode& node);
    Status read_connections(const TomlNode& node);
    Status read_memory_share(const TomlNode& node);
    Status read_tenants(const TomlNode& table);

    std::string_view what_;
    Customization customization_;
};

struct Key {
    std::string_view name;
    Status (Reader::*read)(const TomlNode&);
};

Status Reader::read_settings(const TomlNode& table) {
    if (table.kind != Kind::kTable)
        return wrong(table, "settings", "it is not a table", "write [settings] above its lines");
    for (const auto& [name, node] : table.entries) {
        if (node.kind != Kind::kText && node.kind != Kind::kNumber && node.kind != Kind::kBool)
            return wrong(node, name, "a setting's value is text, a number, true or false",
                         "write it as in shared_buffers = \"4GB\"");
        customization_.settings.emplace_back(to_lower(name), node.text);
    }
    return {};
}

Status Reader::read_leave_alone(const TomlNode& list) {
    const bool is_texts = list.kind == Kind::kList &&
                          std::all_of(list.items.begin(), list.items.end(),
                                      [](const auto& i) { return i.kind == Kind::kText; });
    if (!is_texts)
        return wrong(list, "leave_alone", "it is not a list of settings",
                     "write it as in leave_alone = [\"jit\", \"work_mem\"]");
    for (const TomlNode& item : list.items)
        customization_.leave_alone.push_back(to_lower(item.text));
    return {};
}

Status Reader::read_workload(const TomlNode& node) {
    customization_.workload = workload_named(node.text);
    if (node.kind == Kind::kText && customization_.workload) return {};
    return wrong(node, "workload", "it is not a workload",
                 "use one of \"ingest\", \"oltp\", \"read-mostly\", \"analytics\", \"mixed\"");
}

Status Reader::read_connections(const TomlNode& node) {
    if (node.kind != Kind::kNumber || !node.is_whole || node.number < 1 ||
        node.number > kMostConnections)
        return wrong(node, "connections", "it is not a whole number from 1 to 200000",
                     "write it as in connections = 200");
    customization_.connections = static_cast<int>(node.number);
    return {};
}

Status Reader::read_memory_share(const TomlNode& node) {
    if (node.kind != Kind::kNumber || node.number < kSmallestMemoryShare || node.number > 1)
        return wrong(node, "memory_share", "it is not a number from 0.1 to 1",
                     "write it as in memory_share = 0.8");
    customization_.memory_share = node.number;
    return {};
}

Status Reader::read_tenants(const TomlNode& table) {
    if (table.kind != Kind::kTable)
        return wrong(table, "tenants", "it is not a table", "write [tenants] above its lines");
    for (const auto& [name, node] : table.entries) {
        const auto size = parse_bytes(node.text);
        if (node.kind != Kind::kText || !size.ok())
            return wrong(node, name, "it is not a size with a unit",
                         "write it as in kaspad = \"8GB\"");
        customization_.tenants.push_back({name, *size});
    }
    return {};
}

Status Reader::read(const TomlNode& root) {
    static constexpr Key kKeys[] = {
        {"settings", &Reader::read_settings},         {"leave_alone", &Reader::read_leave_alone},
        {"workload", &Reader::read_workload},         {"connections", &Reader::read_connections},
        {"memory_share", &Reader::read_memory_share}, {"tenants", &Reader::read_tenants}};
    for (const auto& [name, node] : root.entries) {
        const auto* key = std::find_if(std::begin(kKeys), std::end(kKeys),
                                       [&](const Key& known) { return known.name == name; });
        if (key != std::end(kKeys)) {
            HONE_TRY((this->*key->read)(node));
            continue;
        }
        std::vector<std::string> names;
        for (const Key& known : kKeys) names.emplace_back(known.name);
        const auto near = closest(name, names);
        return wrong(
            node, name, "unknown key",
            near ? fmt::format("did you mean {}?", *near) : "the keys are " + join(names, ", "));
    }
    return {};
}

}  // namespace

Result<Customization> customization_from_toml(std::string_view text, std::string_view what) {
    HONE_TRY_ASSIGN(const TomlNode root, parse_toml(text, what));
    Reader reader(what);
    HONE_TRY(reader.read(root));
    return reader.take();
}

}  // namespace hone::tune
