// change/foreign_edit.hpp - what somebody else did to the files of an apply since it began.
//
// Shape    a file is nobody else's work where it is as it was before the apply or as the apply wrote
//          it. postgresql.auto.conf is the server's to write, so it is compared setting by setting:
//          what stands there for the plan's settings must be the old value or the plan's, and all
//          others must be as they were.
// Errors   as base/file.hpp; data_loss: the copy to compare with is damaged.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "change/intent.hpp"

namespace hone::change {

using AlteredValues = std::map<std::string, std::string>;  // lower-case name -> value as written

// Settings that neither the apply nor the time before it explains; sorted.
std::vector<std::string> altered_by_others(const AlteredValues& before, const AlteredValues& now,
                                           const std::vector<ChangedSetting>& changes);
// The same of the plan's settings alone, where nothing is known of the others.
std::vector<std::string> plan_settings_altered_by_others(
    const AlteredValues& now, const std::vector<ChangedSetting>& changes);

struct ForeignEdit {
    std::vector<std::string> settings;  // of postgresql.auto.conf; empty: the file as a whole
};
// `allow_old`: that the file is as it was before the apply is no edit, either.
Result<std::optional<ForeignEdit>> foreign_edit_of(const Intent& intent, const WrittenFile& file,
                                                   const std::filesystem::path& backup_folder,
                                                   bool allow_old);

// Keeps the file as it is now, beside the backup; the same content is kept once.
Result<std::filesystem::path> keep_edit(const std::filesystem::path& file,
                                        const std::filesystem::path& backup_folder);

}  // namespace hone::change
