#include "prove/arm_settings.hpp"

#include <fmt/format.h>

#include "prove/shared_buffers.hpp"

namespace hone::prove {

namespace {

postgres::ConfigEntry entry(std::string_view name, std::string value) {
    return {.name = std::string(name), .value = std::move(value), .file = {}, .line = 0};
}

std::vector<postgres::ConfigEntry> old_values_of(const Plan& plan) {
    std::vector<postgres::ConfigEntry> settings;
    for (const Change& change : plan.changes)
        if (!change.from.empty()) settings.push_back(entry(change.setting, change.from));
    return settings;
}

std::string caveat_of_missing_files(const Plan& plan) {
    if (plan.offline())
        return "The plan was made without a server: its current side has PostgreSQL's defaults.";
    return "The target's configuration files were out of reach: the current side has the plan's "
           "old values, and PostgreSQL's defaults for everything else.";
}

void fit_into_memory(ArmSettings& settings, Bytes memory_limit) {
    const double factor = shared_buffers_factor(
        settings.current_buffers * 2 + settings.planned_buffers, memory_limit);
    if (factor == 1) return;
    const Bytes current = scale_shared_buffers(settings.current, factor);
    const Bytes planned = scale_shared_buffers(settings.planned, factor);
    settings.caveats.push_back(fmt::format(
        "Three servers do not fit into {} at full size: shared_buffers were measured at {:.0f} % "
        "of what the settings say ({} instead of {}, {} instead of {}).",
        format_for_people(memory_limit), factor * 100, format_for_people(current),
        format_for_people(settings.current_buffers), format_for_people(planned),
        format_for_people(settings.planned_buffers)));
    settings.current_buffers = current;
    settings.planned_buffers = planned;
}

}  // namespace

ArmSettings make_arm_settings(
    const Plan& plan, const std::optional<std::vector<postgres::ConfigEntry>>& target_settings,
    Bytes memory_limit) {
    ArmSettings settings;
    settings.current = target_settings ? *target_settings : old_values_of(plan);
    if (!target_settings) settings.caveats.push_back(caveat_of_missing_files(plan));
    if (!has_shared_buffers(settings.current))
        settings.current.push_back(entry("shared_buffers", format_for_postgres(kUsualBuffers)));
    settings.planned = settings.current;
    for (const Change& change : plan.changes)
        settings.planned.push_back(entry(change.setting, change.to));
    settings.current_buffers = shared_buffers_of(settings.current);
    settings.planned_buffers = shared_buffers_of(settings.planned);
    fit_into_memory(settings, memory_limit);
    return settings;
}

}  // namespace hone::prove
