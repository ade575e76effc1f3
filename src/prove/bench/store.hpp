// prove/bench/store.hpp - results that are kept, and baselines that later ones are held against.
//
// Shape    STATE/benches/<id>/{result.json, report.html}, an id as in base/dated_folder.hpp; and
//          STATE/baselines/NAME.json, which is a result under a name. result.json is written last
//          and at once: a folder without it is no result, and is not listed.
// Errors   as the file system says; not_found with the closest name; a result that cannot be read
//          is listed with the reason and never an error of the list.
// Limits   10000 results.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "prove/bench/result.hpp"

namespace hone::prove {

struct StoredResult {
    std::string id;
    std::optional<BenchResult> result;
    std::string problem;  // why there is none
};

class BenchStore {
  public:
    explicit BenchStore(const std::filesystem::path& state_directory)
        : benches_(state_directory / "benches"), baselines_(state_directory / "baselines") {}

    // Can it be written? To be asked before minutes of measuring, not after.
    Status prepare() const;
    // Gives the result its id and keeps it, with the page that `page_of` makes of it.
    Result<std::filesystem::path> save(
        BenchResult& result, const std::function<std::string(const BenchResult&)>& page_of) const;
    // Oldest first.
    Result<std::vector<StoredResult>> list() const;
    Result<BenchResult> find(const std::string& id) const;

    // Replaces the one of that name.
    Status save_baseline(const std::string& name, const BenchResult& result) const;
    Result<BenchResult> baseline(const std::string& name) const;

  private:
    StoredResult read(const std::string& id) const;
    std::filesystem::path benches_;
    std::filesystem::path baselines_;
};

// 1 to 64 letters, digits, dots, dashes and underscores, with a letter or digit first.
Status check_baseline_name(std::string_view name);

}  // namespace hone::prove
