// prove/autotune/report.hpp - a search told as a document.
//
// Shape    pure.
#pragma once

#include "base/json.hpp"
#include "prove/autotune/autotune.hpp"

namespace hone::prove {

// {"schema_version": 1, "kind": "hone autotune", "better": ..., "settings": [...], ...}
json::object to_json(const AutotuneReport& report);

// "Better than the plan: 12 % faster (8 % to 17 % faster) on fresh servers."
std::string headline(const AutotuneReport& report);
// What the check said, where it was not better; what the search ended with; for people.
std::vector<std::string> explanations(const AutotuneReport& report);

struct FoundSetting {
    std::string setting;
    std::string planned;
    std::string found;  // equal to `planned` where the search stayed with it
};
// Of what was checked; of the plan where nothing was.
std::vector<FoundSetting> found_settings(const AutotuneReport& report);

}  // namespace hone::prove
