#include "prove/bench/store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/dated_folder.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostResults = 10000;
constexpr std::size_t kLongestName = 64;
constexpr std::string_view kResultFile = "result.json";
constexpr std::string_view kReportFile = "report.html";

std::string text_of(const BenchResult& result) {
    return to_json_text(to_json(result));
}

Status write_files(const fs::path& folder, const BenchResult& result,
                   const std::function<std::string(const BenchResult&)>& page_of) {
    HONE_TRY(replace_file(folder / kReportFile, page_of(result)));
    HONE_FAILPOINT("bench.before_result");
    return replace_file(folder / kResultFile, text_of(result));
}

Error no_such(std::string_view what, const std::string& name, const std::vector<std::string>& names,
              std::string_view otherwise) {
    const auto near = closest(name, names);
    return {ErrorCode::kNotFound, fmt::format("looking for the {} '{}'", what, printable(name)),
            "there is none of that name",
            near ? fmt::format("did you mean {}?", *near) : std::string(otherwise)};
}

}  // namespace

Status BenchStore::prepare() const {
    HONE_TRY(make_folders(benches_));
    if (::access(benches_.c_str(), W_OK) != 0)
        return error_from_errno(errno, fmt::format("keeping a result in '{}'", benches_.string()),
                                "name a folder that can be written with --state-dir");
    return {};
}

Result<fs::path> BenchStore::save(
    BenchResult& result, const std::function<std::string(const BenchResult&)>& page_of) const {
    HONE_TRY(prepare());
    HONE_TRY_ASSIGN(fs::path folder, create_dated_folder(benches_));
    result.id = folder.filename().string();
    if (const Status written = write_files(folder, result, page_of); !written.ok()) {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        result.id.clear();
        return Error(written.error()).with_context("keeping the result");
    }
    return folder;
}

StoredResult BenchStore::read(const std::string& id) const {
    StoredResult stored{.id = id, .result = {}, .problem = {}};
    const fs::path file = benches_ / id / kResultFile;
    const auto text = read_file(file);
    auto result = text.ok() ? result_from_text(*text, file.string()) : text.error();
    if (result.ok()) {
        stored.result = std::move(result).value();
        stored.result->id = id;
    } else {
        stored.problem = result.error().message();
    }
    return stored;
}

Result<std::vector<StoredResult>> BenchStore::list() const {
    std::vector<StoredResult> results;
    if (!file_exists(benches_)) return results;
    HONE_TRY_ASSIGN(const auto names, list_folder(benches_));
    if (names.size() > kMostResults)
        return Error{ErrorCode::kExhausted, fmt::format("listing '{}'", benches_.string()),
                     fmt::format("more than {} results", kMostResults),
                     "move the oldest folders elsewhere"};
    for (const std::string& name : names)
        if (file_exists(benches_ / name / kResultFile)) results.push_back(read(name));
    return results;
}

Result<BenchResult> BenchStore::find(const std::string& id) const {
    HONE_TRY_ASSIGN(const auto results, list());
    std::vector<std::string> ids;
    for (const StoredResult& stored : results) {
        ids.push_back(stored.id);
        if (stored.id != id) continue;
        if (stored.result) return *stored.result;
        return Error{ErrorCode::kDataLoss, fmt::format("reading the result {}", id),
                     stored.problem};
    }
    return no_such("result", id, ids, "hone bench list has them all");
}

Status check_baseline_name(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const bool good = !name.empty() && name.size() <= kLongestName && is_letter(name.front()) &&
                      std::ranges::all_of(name, [&](char c) {
                          return is_letter(c) || c == '.' || c == '-' || c == '_';
                      });
    if (good) return {};
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("naming a baseline '{}'", printable(name, kLongestName)),
                 "that is no name for a file",
                 "use letters, digits, dots, dashes and underscores, at most 64"};
}

Status BenchStore::save_baseline(const std::string& name, const BenchResult& result) const {
    HONE_TRY(check_baseline_name(name));
    HONE_TRY(make_folders(baselines_));
    return replace_file(baselines_ / (name + ".json"), text_of(result))
        .with_context("keeping the baseline");
}

Result<BenchResult> BenchStore::baseline(const std::string& name) const {
    HONE_TRY(check_baseline_name(name));
    const fs::path file = baselines_ / (name + ".json");
    if (file_exists(file)) {
        HONE_TRY_ASSIGN(const std::string text, read_file(file));
        return result_from_text(text, file.string());
    }
    std::vector<std::string> names;
    if (file_exists(baselines_)) {
        HONE_TRY_ASSIGN(const auto files, list_folder(baselines_));
        for (const std::string& other : files) names.push_back(fs::path(other).stem().string());
    }
    return no_such("baseline", name, names,
                   "make one with hone bench run ... --save-baseline NAME");
}

}  // namespace hone::prove
