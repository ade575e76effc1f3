// engines/postgres/check_boot.hpp - boots a plan on a scratch server and reads its values back.
//
// Shape    the caller owns the scratch server, so that one copied data folder serves many plans.
// Errors   only where the boot could not be tried: deadline_exceeded, a full disk. A plan that does
//          not boot is a finding.
// Cost     0.1 s beside the copy of the data folder.
#pragma once

#include <string>
#include <vector>

#include "engines/postgres/check.hpp"
#include "engines/postgres/scratch.hpp"

namespace hone::postgres {

// The catalogue's defaults, `settings` (a target's own, in order) and the plan, each over the one
// before. A value that cannot be read is left out: the rules and the boot report it.
MergedValues merged_values(const Catalogue& catalogue, const std::vector<ConfigEntry>& settings,
                           const Plan& plan);

// What a scratch boot has instead of the plan's value, because this machine cannot give that much.
struct Adjustment {
    std::string setting;
    std::string value;  // display value
    bool is_size = false;
};

// Sizes that the server allocates at its
// start are held below a share of `machine_memory`; huge_pages = on becomes try, because the pages
// are for the real server, which may hold them now.
std::vector<Adjustment> adjustments_for_boot(const Catalogue& catalogue, const MergedValues& merged,
                                             Bytes machine_memory);

struct BootReport {
    bool booted = false;
    bool values_agree = false;
    int values_read = 0;
    double boot_seconds = 0;
    std::vector<Finding> findings;
};

// `server` must be stopped; it is stopped again when this returns. `settings` go below the plan's.
Result<BootReport> boot_plan(ScratchServer& server, const std::vector<ConfigEntry>& settings,
                             const Plan& plan, const Catalogue& catalogue,
                             const std::vector<Adjustment>& adjustments, Deadline deadline);

// Whether the server's value is the one that was asked for, where it may show another: enum
// aliases, numbers it computes, text it formats.
bool reads_back_as(const SettingDefinition& definition, std::string_view wanted_canonical,
                   std::string_view server_value);

}  // namespace hone::postgres
