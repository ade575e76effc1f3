#include "engines/postgres/server_files.hpp"

#include "base/file.hpp"
#include "engines/postgres/data_folder.hpp"

namespace hone::postgres {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDebianFolder = "/etc/postgresql";

fs::path resolved(const fs::path& path) {
    std::error_code error;
    fs::path found = fs::canonical(path, error);
    return error ? path.lexically_normal() : found;
}

// The data folder that a configuration names; the file's own folder where it names none.
fs::path data_directory_of(const fs::path& config_file) {
    const auto tree = read_config_tree(config_file, "");
    const ConfigEntry* entry = tree.ok() ? tree->winner("data_directory") : nullptr;
    const fs::path folder = config_file.parent_path();
    return resolved(entry == nullptr ? folder : folder / entry->value);
}

bool is_data_folder(const fs::path& folder) {
    return file_exists(folder / "PG_VERSION") && file_exists(folder / "global");
}

struct DebianCluster {
    std::string name;
    fs::path config_file;
};

std::optional<DebianCluster> find_debian_cluster(const fs::path& data_directory) {
    const auto versions = list_folder(kDebianFolder);
    if (!versions.ok()) return std::nullopt;
    for (const std::string& version : *versions) {
        const auto names = list_folder(fs::path(kDebianFolder) / version);
        if (!names.ok()) continue;
        for (const std::string& name : *names) {
            const fs::path file = fs::path(kDebianFolder) / version / name / "postgresql.conf";
            if (file_exists(file) && data_directory_of(file) == data_directory)
                return DebianCluster{version + "/" + name, file};
        }
    }
    return std::nullopt;
}

// A copied data folder brings its original's start options along: they count only where they lead
// back to this folder.
bool leads_here(const std::vector<std::string>& start_command, const fs::path& data_directory) {
    const std::string folder = start_option_value(start_command, "data_directory")
                                   .value_or(start_option_folder(start_command));
    if (folder.empty() || resolved(folder) == data_directory) return true;
    return data_directory_of(fs::path(folder) / "postgresql.conf") == data_directory;
}

fs::path config_file_of_start_command(const ServerFiles& files) {
    if (const auto file = start_option_value(files.start_command, "config_file"))
        return file_exists(*file) ? fs::path(*file) : fs::path();
    const std::string folder = start_option_folder(files.start_command);
    const fs::path file = fs::path(folder) / "postgresql.conf";
    return !folder.empty() && file_exists(file) ? file : fs::path();
}

fs::path find_config_file(const ServerFiles& files) {
    if (fs::path file = config_file_of_start_command(files); !file.empty()) return file;
    const fs::path beside = files.data_directory / "postgresql.conf";
    return file_exists(beside) ? beside : fs::path();
}

Error not_a_data_folder(const fs::path& folder) {
    const std::string tried = "looking for a PostgreSQL server in '" + folder.string() + "'";
    std::error_code error;
    const bool there = fs::exists(folder, error);
    if (error && error != std::errc::no_such_file_or_directory)
        return error_from_errno(error.value(), tried, "run as its owner or as root");
    if (!there)
        return {ErrorCode::kNotFound, tried, "there is no such folder",
                "name the folder that holds PG_VERSION"};
    if (const auto names = list_folder(folder);
        !names.ok() && names.error().code() == ErrorCode::kPermissionDenied)
        return {ErrorCode::kPermissionDenied, tried, "it may not be read",
                "run as its owner or as root"};
    return {ErrorCode::kNotFound, tried, "it is no data folder: it has no PG_VERSION",
            "name the folder that holds PG_VERSION, or the one that holds postgresql.conf"};
}

}  // namespace

Result<ServerFiles> find_server_files(const fs::path& folder) {
    ServerFiles files;
    const fs::path named = resolved(folder);
    const fs::path config_file = named / "postgresql.conf";
    if (is_data_folder(named)) {
        files.data_directory = named;
    } else if (file_exists(config_file) && is_data_folder(data_directory_of(config_file))) {
        files.data_directory = data_directory_of(config_file);
        files.config_file = config_file;
    } else {
        return not_a_data_folder(folder);
    }
    files.start_command = read_start_command(files.data_directory);
    if (!leads_here(files.start_command, files.data_directory)) files.start_command.resize(1);
    if (const auto debian = find_debian_cluster(files.data_directory)) {
        files.cluster = debian->name;
        files.config_file = debian->config_file;
    }
    if (files.config_file.empty()) files.config_file = find_config_file(files);
    return files;
}

std::optional<std::string> configured_value(const ServerFiles& files, const ConfigTree& tree,
                                            std::string_view setting) {
    if (auto value = start_option_value(files.start_command, setting)) return value;
    const ConfigEntry* entry = tree.winner(setting);
    return entry == nullptr ? std::nullopt : std::optional(entry->value);
}

}  // namespace hone::postgres
