#include "prove/pack/pack.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/file.hpp"
#include "base/text.hpp"
#include "prove/pack/compile.hpp"
#include "prove/pack/description.hpp"
#include "prove/pack/pack_run.hpp"

namespace hone::embedded {

extern const std::string_view kPackKaspa;
extern const std::string_view kPackKaspaSchema10;
extern const std::string_view kPackKaspaSchema23;
extern const std::string_view kPackKaspaKeys10;
extern const std::string_view kPackKaspaKeys23;

}  // namespace hone::embedded

namespace hone::prove {

namespace {

struct BuiltInFile {
    std::string_view pack;
    std::string_view name;
    const std::string_view* content;
};

constexpr std::array<BuiltInFile, 5> kBuiltIn{{
    {"kaspa", kPackFile, &embedded::kPackKaspa},
    {"kaspa", "schema-10.sql", &embedded::kPackKaspaSchema10},
    {"kaspa", "schema-23.sql", &embedded::kPackKaspaSchema23},
    {"kaspa", "keys-10.sql", &embedded::kPackKaspaKeys10},
    {"kaspa", "keys-23.sql", &embedded::kPackKaspaKeys23},
}};

PackFiles built_in_files(const std::string& pack) {
    return [pack](const std::string& name) -> Result<std::string> {
        for (const BuiltInFile& file : kBuiltIn)
            if (file.pack == pack && file.name == name) return std::string(*file.content);
        return Error{ErrorCode::kNotFound, fmt::format("opening the pack '{}'", pack),
                     fmt::format("it has no file '{}'", name)};
    };
}

PackFiles files_of_folder(const std::filesystem::path& folder) {
    return [folder](const std::string& name) { return read_file(folder / name); };
}

}  // namespace

std::vector<std::string> pack_names() {
    std::vector<std::string> names;
    for (const BuiltInFile& file : kBuiltIn)
        if (file.name == kPackFile) names.emplace_back(file.pack);
    return names;
}

Result<Pack> open_pack(const std::string& name_or_folder) {
    const std::vector<std::string> names = pack_names();
    PackFiles files;
    if (std::find(names.begin(), names.end(), name_or_folder) != names.end())
        files = built_in_files(name_or_folder);
    else if (file_exists(std::filesystem::path(name_or_folder) / kPackFile))
        files = files_of_folder(name_or_folder);
    else
        return Error{ErrorCode::kNotFound, fmt::format("opening the pack '{}'", name_or_folder),
                     "there is neither a built-in pack of that name nor a folder with a pack.toml",
                     fmt::format("built in: {}", join(names, ", "))};
    auto description = read_description(files);
    if (!description)
        return std::move(description)
            .with_context(fmt::format("opening the pack '{}'", name_or_folder))
            .error();
    return Pack(std::make_shared<const Pack::Description>(*std::move(description)));
}

Pack::Pack(std::shared_ptr<const Description> description) : description_(std::move(description)) {}

const PackInfo& Pack::info() const {
    return description_->info;
}

Result<std::unique_ptr<PackRun>> Pack::run(const PackOptions& options) const {
    HONE_TRY_ASSIGN(CompiledPack compiled, compile_pack(*description_, options));
    return make_run(description_, std::move(compiled));
}

}  // namespace hone::prove
