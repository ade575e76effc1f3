#include "change/backup.hpp"

#include <fmt/format.h>

#include "base/failpoint.hpp"
#include "base/hash.hpp"

namespace hone::change {

namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateFile = 0600;

bool same_attributes(const FileAttributes& now, const FileAttributes& wanted) {
    return now.mode == wanted.mode && now.user == wanted.user && now.group == wanted.group;
}

// The file that a symbolic link leads to is the one that replace_file replaces.
fs::path real_path(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::canonical(path, error);
    return error ? path : real;
}

}  // namespace

Result<FileImage> image_of(const fs::path& path) {
    FileImage image{.path = path};
    auto attributes = read_attributes(path);
    if (!attributes.ok() && attributes.error().code() == ErrorCode::kNotFound) return image;
    if (!attributes.ok()) return std::move(attributes).error();
    HONE_TRY_ASSIGN(const std::string content, read_file(path));
    image.existed = true;
    image.attributes = *attributes;
    image.sha256 = sha256_hex(content);
    return image;
}

Result<std::string> sha256_of_file(const fs::path& path) {
    HONE_TRY_ASSIGN(FileImage image, image_of(path));
    return image.sha256;
}

Result<std::vector<FileImage>> back_up(const std::vector<fs::path>& files, const fs::path& folder) {
    HONE_TRY(make_folders(folder, 0700));
    std::vector<FileImage> images;
    for (const fs::path& file : files) {
        HONE_FAILPOINT("backup.before_file");
        HONE_TRY_ASSIGN(FileImage image, image_of(file));
        if (image.existed) {
            image.stored_as = fmt::format("{:03}-{}", images.size(), file.filename().string());
            HONE_TRY_ASSIGN(const std::string content, read_file(file));
            HONE_TRY(replace_file(folder / image.stored_as, content,
                                  FileAttributes{.mode = kPrivateFile}));
            HONE_TRY(stored_content(image, folder));
        }
        images.push_back(std::move(image));
    }
    return images;
}

Result<std::string> stored_content(const FileImage& image, const fs::path& folder) {
    const fs::path copy = folder / image.stored_as;
    HONE_TRY_ASSIGN(std::string content, read_file(copy));
    if (sha256_hex(content) != image.sha256)
        return Error{ErrorCode::kDataLoss, fmt::format("reading the backup '{}'", copy.string()),
                     "its checksum does not match: it was changed or damaged",
                     fmt::format("find another copy of '{}'", image.path.string())};
    return content;
}

Status restore(const FileImage& image, const fs::path& folder) {
    HONE_TRY_ASSIGN(const FileImage now, image_of(image.path));
    if (!image.existed) return now.existed ? remove_file(image.path) : Status{};
    if (now.existed && now.sha256 == image.sha256 &&
        same_attributes(now.attributes, image.attributes))
        return {};
    HONE_TRY_ASSIGN(const std::string content, stored_content(image, folder));
    return replace_file(image.path, content, image.attributes);
}

json::object to_json(const FileImage& image) {
    json::object document{{"path", image.path.string()}, {"existed", image.existed}};
    if (!image.existed) return document;
    document["sha256"] = image.sha256;
    document["mode"] = fmt::format("{:04o}", image.attributes.mode);
    document["user_id"] = static_cast<std::int64_t>(image.attributes.user.value_or(0));
    document["group_id"] = static_cast<std::int64_t>(image.attributes.group.value_or(0));
    document["stored_as"] = image.stored_as;
    return document;
}

Result<FileImage> file_image_from_json(const JsonReader& reader) {
    FileImage image;
    HONE_TRY_ASSIGN(const std::string path, reader.text("path"));
    image.path = path;
    HONE_TRY_ASSIGN(image.existed, reader.boolean("existed"));
    if (!image.existed) return image;
    HONE_TRY_ASSIGN(image.sha256, reader.text("sha256"));
    HONE_TRY_ASSIGN(const std::string mode, reader.text("mode"));
    image.attributes.mode = static_cast<mode_t>(std::strtoul(mode.c_str(), nullptr, 8));
    HONE_TRY_ASSIGN(const std::int64_t user, reader.integer("user_id"));
    HONE_TRY_ASSIGN(const std::int64_t group, reader.integer("group_id"));
    image.attributes.user = static_cast<uid_t>(user);
    image.attributes.group = static_cast<gid_t>(group);
    HONE_TRY_ASSIGN(image.stored_as, reader.text("stored_as"));
    return image;
}

Status remove_leftovers(const fs::path& path) {
    const fs::path real = real_path(path);
    const std::string prefix = ".hone-" + real.filename().string() + "-";
    auto names = list_folder(real.parent_path());
    if (!names.ok()) return {};  // a folder that cannot be listed could not be written either
    for (const std::string& name : *names)
        if (name.starts_with(prefix) && name.ends_with(".tmp"))
            HONE_TRY(remove_file(real.parent_path() / name));
    return {};
}

}  // namespace hone::change
