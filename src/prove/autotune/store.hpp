// prove/autotune/store.hpp - the searches that were ever begun, each in a folder that survives
// kill -9.
//
// Shape    STATE/autotunes/<id>/{plan.json, journal.log, found.json}; an id as in
//          base/dated_folder.hpp, a journal as in change/journal.hpp: one record for each
//          evaluation, on the disk before the next begins. The folder is locked while a search runs.
// Errors   create, open: as the file system says; open also not_found with the closest id,
//          data_loss (the journal or the plan is damaged), conflict (it runs now).
// Threads  one writer for each search.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/file_lock.hpp"
#include "change/journal.hpp"
#include "model/plan.hpp"
#include "prove/autotune/job.hpp"

namespace hone::prove {

class AutotuneRecord : public Recorder {
  public:
    // Writes the plan and the job down.
    static Result<AutotuneRecord> create(const std::filesystem::path& state_directory,
                                         const AutotuneJob& job, const Plan& plan);
    static Result<AutotuneRecord> open(const std::filesystem::path& state_directory,
                                       const std::string& id);

    std::string id() const { return folder_.filename().string(); }
    std::filesystem::path found_file() const { return folder_ / "found.json"; }
    const AutotuneJob& job() const { return job_; }
    const Plan& plan() const { return plan_; }
    const SearchPast& past() const { return past_; }
    // Of the budget, by what was recorded.
    double spent_seconds() const { return spent_seconds_; }
    // More minutes for a search that goes on; recorded.
    Status extend(double budget_seconds);

    // Where the scratch servers of this run will be, so that a later one can clear up after a kill.
    Status uses_folder(const std::filesystem::path& folder);
    // Removes what a killed run left there.
    void clear_left_overs() const;

    Status evaluated(const Evaluation& evaluation) override;
    Status checking(const Point& found) override;
    Status checked(const Check& check, double spent_seconds) override;

  private:
    AutotuneRecord(std::filesystem::path folder, FileLock lock, change::Journal journal)
        : folder_(std::move(folder)), lock_(std::move(lock)), journal_(std::move(journal)) {}
    Status read_records();
    Status take(const change::JournalRecord& record);

    std::filesystem::path folder_;
    FileLock lock_;
    change::Journal journal_;
    AutotuneJob job_;
    Plan plan_;
    SearchPast past_;
    double spent_seconds_ = 0;
    std::vector<std::filesystem::path> scratch_folders_;
};

// A scratch folder's name begins with it.
inline constexpr std::string_view kScratchPrefix = "hone-autotune-";

}  // namespace hone::prove
