// change/backup.hpp - images of configuration files: bytes, mode and owner, and the way back to
// them.
//
// Errors   as base/file.hpp; data_loss: a stored image is not what was put there.
// Cost     two fsyncs for each file.
// Limits   16 MiB a file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace hone::change {

struct FileImage {
    std::filesystem::path path;
    bool existed = false;  // false: the way back is to remove it
    std::string sha256;    // "" where it did not exist
    FileAttributes attributes;
    std::string stored_as;  // file name in the backup folder; "" where it did not exist
};

// How the file is now; `stored_as` is left empty.
Result<FileImage> image_of(const std::filesystem::path& path);
// "" where the file is not there.
Result<std::string> sha256_of_file(const std::filesystem::path& path);

// Copies every file into `folder` (made with mode 0700) and reads the copies back.
Result<std::vector<FileImage>> back_up(const std::vector<std::filesystem::path>& files,
                                       const std::filesystem::path& folder);
// The bytes of the copy; data_loss where they are not those that were put there.
Result<std::string> stored_content(const FileImage& image, const std::filesystem::path& folder);
// Makes the file what the image says: same bytes, mode and owner, or not there. Writes nothing
// where it is so already.
Status restore(const FileImage& image, const std::filesystem::path& folder);

json::object to_json(const FileImage& image);
Result<FileImage> file_image_from_json(const JsonReader& reader);

// Removes what a killed replace_file left beside `path`.
Status remove_leftovers(const std::filesystem::path& path);

}  // namespace hone::change
