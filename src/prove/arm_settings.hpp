// prove/arm_settings.hpp - what each side of the comparison is configured with.
//
// Shape    pure. "Current" is what the target's files say, without what ties them to the target;
//          "planned" is that with the plan on top. Three servers live at once, so shared_buffers of
//          all of them are scaled by one factor where they would not fit, and a caveat says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "engines/postgres/config_file.hpp"
#include "model/plan.hpp"

namespace hone::prove {

struct ArmSettings {
    std::vector<postgres::ConfigEntry> current;
    std::vector<postgres::ConfigEntry> planned;
    Bytes current_buffers;  // shared_buffers, as scaled
    Bytes planned_buffers;
    std::vector<std::string> caveats;
};

// `target_settings`: detached_settings() of the target's files; none where they are out of reach or
// the plan has no target: then the plan's own "from" values stand for them.
ArmSettings make_arm_settings(
    const Plan& plan, const std::optional<std::vector<postgres::ConfigEntry>>& target_settings,
    Bytes memory_limit);

}  // namespace hone::prove
