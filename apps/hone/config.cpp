#include "config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/file.hpp"
#include "base/text.hpp"
#include "tune/toml_reader.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;
using tune::TomlNode;

constexpr const char* kUsualFolder = "/etc/hone";
constexpr std::string_view kPrefix = "HONE_";
// No options, but hone's or its tests' own.
constexpr std::array<std::string_view, 5> kOtherVariables{
    "HONE_CONFIG", "HONE_CONFIG_DIR", "HONE_FAILPOINT", "HONE_FAILPOINT_LOG", "HONE_FULL"};

// "HONE_PLAN_WORKLOAD" of "plan.workload".
std::string variable_of(const std::string& key) {
    std::string name(kPrefix);
    for (const char letter : key)
        name += letter == '.' || letter == '-'
                    ? '_'
                    : static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return name;
}

std::string text_of(const char* variable, const char* otherwise) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

Error bad_value(const std::string& origin, const std::string& key, const std::string& wrong,
                const std::string& advice) {
    return {ErrorCode::kInvalidArgument, "reading " + origin, fmt::format("{} {}", key, wrong),
            advice};
}

class FileReader {
  public:
    FileReader(const std::vector<KnownOption>& options, std::string file, Configuration& into)
        : options_(options), file_(std::move(file)), into_(into) {}

    Status read(const TomlNode& table, const std::string& prefix) {
        for (const tune::TomlEntry& entry : table.entries) {
            const std::string key = prefix + entry.key;
            const bool is_table = entry.value.kind == TomlNode::Kind::kTable;
            if (is_table && is_command(key)) {
                HONE_TRY(read(entry.value, key + "."));
                continue;
            }
            const KnownOption* option = find(key);
            if (option == nullptr) return unknown(key, entry.value);
            HONE_TRY(take(*option, entry.value));
        }
        return {};
    }

  private:
    const KnownOption* find(const std::string& key) const {
        const auto found = std::find_if(options_.begin(), options_.end(),
                                        [&](const KnownOption& one) { return one.key == key; });
        return found == options_.end() ? nullptr : &*found;
    }

    bool is_command(const std::string& key) const {
        return std::any_of(options_.begin(), options_.end(),
                           [&](const KnownOption& one) { return one.key.starts_with(key + "."); });
    }

    Error unknown(const std::string& key, const TomlNode& node) const {
        std::vector<std::string> names;
        for (const KnownOption& option : options_) names.push_back(option.key);
        const auto near = closest(key, names);
        return {ErrorCode::kInvalidArgument, "reading " + place_of(node, file_),
                fmt::format("there is no option '{}'", printable(key, 80)),
                near ? fmt::format("did you mean {}?", *near)
                     : "hone config show lists the options that may stand there"};
    }

    Status take(const KnownOption& option, const TomlNode& node) {
        const std::string origin = place_of(node, file_);
        if (option.is_flag) {
            if (node.kind != TomlNode::Kind::kBool)
                return bad_value(origin, option.key, "is neither true nor false",
                                 fmt::format("write {} = true", option.key));
            into_[option.key] = {{node.text == "on" ? "true" : "false"}, origin};
            return {};
        }
        std::vector<std::string> values;
        if (node.kind == TomlNode::Kind::kList && option.takes_many) {
            for (const TomlNode& item : node.items) values.push_back(item.text);
        } else if (node.kind == TomlNode::Kind::kText || node.kind == TomlNode::Kind::kNumber) {
            values.push_back(node.text);
        } else {
            return bad_value(origin, option.key,
                             option.takes_many ? "is no text, number or list of them"
                                               : "is neither a text nor a number",
                             fmt::format("write {} = \"...\"", option.key));
        }
        into_[option.key] = {std::move(values), origin};
        return {};
    }

    const std::vector<KnownOption>& options_;
    std::string file_;
    Configuration& into_;
};

Status read_file_into(Configuration& into, const fs::path& file,
                      const std::vector<KnownOption>& options) {
    HONE_TRY_ASSIGN(const std::string text, read_file(file));
    HONE_TRY_ASSIGN(const TomlNode document, tune::parse_toml(text, file.string()));
    return FileReader(options, file.string(), into).read(document, "");
}

Result<std::vector<fs::path>> files_of(const fs::path& folder) {
    std::vector<fs::path> files;
    if (file_exists(folder / "hone.toml")) files.push_back(folder / "hone.toml");
    if (!file_exists(folder / "conf.d")) return files;
    HONE_TRY_ASSIGN(const auto names, list_folder(folder / "conf.d"));
    for (const std::string& name : names)
        if (name.ends_with(".toml") && !name.starts_with('.'))
            files.push_back(folder / "conf.d" / name);
    return files;
}

Status read_environment_into(Configuration& into, const ConfigSources& sources,
                             const std::vector<KnownOption>& options) {
    for (const KnownOption& option : options) {
        const std::string variable = variable_of(option.key);
        for (const auto& [name, value] : sources.environment) {
            if (name != variable || value.empty()) continue;
            if (option.is_flag && value != "true" && value != "false")
                return bad_value(name, option.key, "is neither true nor false",
                                 fmt::format("set {}=true, or unset it", name));
            into[option.key] = {{value}, name};
        }
    }
    return {};
}

}  // namespace

ConfigSources config_sources(int argc, char** argv) {
    constexpr std::string_view kOption = "--config";
    ConfigSources sources{.folder = text_of("HONE_CONFIG_DIR", kUsualFolder)};
    if (const std::string file = text_of("HONE_CONFIG", ""); !file.empty()) sources.file = file;
    for (int at = 1; at < argc; ++at) {
        const std::string_view word = argv[at];
        if (word == "--") break;
        if (word == kOption && at + 1 < argc) sources.file = argv[at + 1];
        if (word.starts_with("--config=")) sources.file = word.substr(kOption.size() + 1);
    }
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::size_t equals = text.find('=');
        if (text.starts_with(kPrefix) && equals != std::string_view::npos)
            sources.environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return sources;
}

Result<Configuration> read_configuration(const ConfigSources& sources,
                                         const std::vector<KnownOption>& options) {
    Configuration configuration;
    HONE_TRY_ASSIGN(auto files, files_of(sources.folder));
    if (sources.file) files.push_back(*sources.file);
    for (const fs::path& file : files) HONE_TRY(read_file_into(configuration, file, options));
    HONE_TRY(read_environment_into(configuration, sources, options));
    return configuration;
}

std::vector<std::string> unknown_variables(const ConfigSources& sources,
                                           const std::vector<KnownOption>& options) {
    std::vector<std::string> unknown;
    for (const auto& [name, value] : sources.environment) {
        const bool known =
            std::find(kOtherVariables.begin(), kOtherVariables.end(), name) !=
                kOtherVariables.end() ||
            name.starts_with("HONE_TEST_") ||
            std::any_of(options.begin(), options.end(),
                        [&](const KnownOption& option) { return variable_of(option.key) == name; });
        if (!known) unknown.push_back(name);
    }
    return unknown;
}

}  // namespace hone::app
