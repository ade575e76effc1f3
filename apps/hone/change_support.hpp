// apps/hone/change_support.hpp - what apply, rollback, recover and history share: the question
// about a restart, the tables, the documents.
#pragma once

#include <string>
#include <vector>

#include "change/intent.hpp"
#include "change/store.hpp"
#include "change/undo.hpp"
#include "context.hpp"

namespace hone::app {

// For a whole command, with a boot check and a restart in it.
inline constexpr double kChangeSeconds = 180;

// Success where nothing needs a restart, or --allow-restart was given, or a person says yes now;
// failed_precondition otherwise. --yes alone does not allow a restart.
Status permit_restart(Context& context, bool allow_restart,
                      const std::vector<std::string>& settings, std::string_view otherwise);

// setting, from, to, takes effect: aligned, one line each.
std::string change_table(const std::vector<change::ChangedSetting>& changes, bool color);
json::array changes_document(const std::vector<change::ChangedSetting>& changes);
json::array differences_document(const std::vector<change::Difference>& differences);
json::array kept_edits_document(const std::vector<change::KeptEdit>& edits);
// "work_mem is 8MB, was 4MB before"; empty where there are none.
std::string difference_lines(const std::vector<change::Difference>& differences);

// "1 setting", "3 settings".
std::string counted(std::size_t count, std::string_view noun);

// Tells of applies that were interrupted, on stderr, for commands that work all the same.
void mention_open_journals(Context& context);

}  // namespace hone::app
