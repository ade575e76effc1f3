#include "prove/autotune/store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/dated_folder.hpp"
#include "base/failpoint.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBegun = "begun";
constexpr std::string_view kExtended = "extended";
constexpr std::string_view kScratch = "scratch";
constexpr std::string_view kEvaluated = "evaluated";
constexpr std::string_view kChecking = "checking";
constexpr std::string_view kChecked = "checked";
constexpr const char* kSpent = "spent_seconds";

fs::path searches_in(const fs::path& state_directory) {
    return state_directory / "autotunes";
}

Error no_such_search(const fs::path& state_directory, const std::string& id) {
    const auto ids = list_folder(searches_in(state_directory)).value_or({});
    const auto near = closest(id, ids);
    std::string advice = "begin one with hone autotune";
    if (near)
        advice = fmt::format("did you mean {}?", *near);
    else if (!ids.empty())
        advice = fmt::format("the newest is {}", ids.back());
    return {ErrorCode::kNotFound, fmt::format("looking for the search '{}'", id),
            "there is none of that name", std::move(advice)};
}

}  // namespace

Result<AutotuneRecord> AutotuneRecord::create(const fs::path& state_directory,
                                              const AutotuneJob& job, const Plan& plan) {
    HONE_TRY(make_folders(searches_in(state_directory)));
    HONE_TRY_ASSIGN(const fs::path folder, create_dated_folder(searches_in(state_directory)));
    HONE_TRY_ASSIGN(FileLock lock, FileLock::acquire(folder));
    HONE_TRY(replace_file(folder / "plan.json", plan_to_text(plan)));
    HONE_TRY_ASSIGN(change::Journal journal, change::Journal::create(folder / "journal.log"));
    HONE_TRY(journal.append(kBegun, to_json(job)));
    AutotuneRecord record(folder, std::move(lock), std::move(journal));
    record.job_ = job;
    record.plan_ = plan;
    return record;
}

Result<AutotuneRecord> AutotuneRecord::open(const fs::path& state_directory,
                                            const std::string& id) {
    const fs::path folder = searches_in(state_directory) / id;
    if (id.empty() || fs::path(id).filename() != id || !file_exists(folder / "journal.log"))
        return no_such_search(state_directory, id);
    HONE_TRY_ASSIGN(FileLock lock, FileLock::acquire(folder));
    HONE_TRY_ASSIGN(change::Journal journal, change::Journal::open(folder / "journal.log"));
    AutotuneRecord record(folder, std::move(lock), std::move(journal));
    HONE_TRY(record.read_records().with_context(fmt::format("reading the search '{}'", id)));
    HONE_TRY_ASSIGN(const std::string text, read_file(folder / "plan.json"));
    HONE_TRY_ASSIGN(record.plan_, plan_from_text(text, (folder / "plan.json").string()));
    return record;
}

Status AutotuneRecord::read_records() {
    const auto& records = journal_.records();
    if (records.empty() || records.front().event != kBegun)
        return Error{ErrorCode::kDataLoss, "reading its journal", "it does not say what was begun",
                     "begin a new search"};
    for (const change::JournalRecord& record : records) HONE_TRY(take(record));
    return {};
}

Status AutotuneRecord::take(const change::JournalRecord& record) {
    const json::value detail(record.detail);
    const JsonReader reader(detail, std::string(record.event));
    if (record.event == kBegun) {
        HONE_TRY_ASSIGN(job_, job_from_json(detail));
    } else if (record.event == kExtended) {
        HONE_TRY_ASSIGN(job_.budget_seconds, reader.number("budget_seconds"));
    } else if (record.event == kScratch) {
        HONE_TRY_ASSIGN(const std::string folder, reader.text("folder"));
        scratch_folders_.emplace_back(folder);
    } else if (record.event == kEvaluated) {
        HONE_TRY_ASSIGN(Evaluation evaluation, evaluation_from_json(detail));
        spent_seconds_ = evaluation.spent_seconds;
        past_.evaluations.push_back(std::move(evaluation));
    } else if (record.event == kChecked) {
        HONE_TRY_ASSIGN(past_.check, check_from_json(detail));
        HONE_TRY_ASSIGN(spent_seconds_, reader.number(kSpent));
    }
    return {};
}

Status AutotuneRecord::extend(double budget_seconds) {
    if (past_.check)
        return Error{ErrorCode::kFailedPrecondition, fmt::format("going on with '{}'", id()),
                     "it has ended: what it found was checked", "begin a new search"};
    HONE_TRY(journal_.append(kExtended, {{"budget_seconds", journal_number(budget_seconds)}}));
    job_.budget_seconds = budget_seconds;
    return {};
}

Status AutotuneRecord::uses_folder(const fs::path& folder) {
    return journal_.append(kScratch, {{"folder", folder.string()}});
}

// The journal is ours alone (mode 0600), and still no other name is ever removed.
void AutotuneRecord::clear_left_overs() const {
    for (const fs::path& folder : scratch_folders_) {
        std::error_code ignored;
        if (folder.filename().string().starts_with(kScratchPrefix)) fs::remove_all(folder, ignored);
    }
}

Status AutotuneRecord::evaluated(const Evaluation& evaluation) {
    HONE_FAILPOINT("autotune.before_record");
    HONE_TRY(journal_.append(kEvaluated, to_json(evaluation)));
    HONE_FAILPOINT("autotune.after_record");
    return {};
}

Status AutotuneRecord::checking(const Point& found) {
    return journal_.append(kChecking, {{"point", json::array(found.begin(), found.end())}});
}

Status AutotuneRecord::checked(const Check& check, double spent_seconds) {
    json::object detail = to_json(check);
    detail[kSpent] = journal_number(spent_seconds);
    return journal_.append(kChecked, std::move(detail));
}

}  // namespace hone::prove
