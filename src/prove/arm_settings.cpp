#include "prove/arm_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace hone::prove {

namespace {

constexpr std::string_view kBuffers = "shared_buffers";
// What initdb writes; a server without any line for it may take less.
constexpr Bytes kUsualBuffers = Bytes::mega(128);
constexpr Bytes kSmallestBuffers = Bytes::kilo(128);
constexpr Bytes kBlock = Bytes::kilo(8);

postgres::ConfigEntry entry(std::string_view name, std::string value) {
    return {.name = std::string(name), .value = std::move(value), .file = {}, .line = 0};
}

// A bare number counts blocks, as in postgresql.conf.
Bytes buffers_of(const std::vector<postgres::ConfigEntry>& settings) {
    const auto last = std::find_if(settings.rbegin(), settings.rend(),
                                   [](const auto& setting) { return setting.name == kBuffers; });
    if (last == settings.rend()) return kUsualBuffers;
    if (const auto blocks = parse_integer(last->value)) return kBlock * *blocks;
    return parse_bytes(last->value).value_or(kUsualBuffers);
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

Bytes scaled(Bytes size, double factor) {
    return std::max(kSmallestBuffers, round_down_to(share_of(size, factor), kBlock));
}

void fit_into_memory(ArmSettings& settings, Bytes memory_limit) {
    const Bytes wanted = settings.current_buffers * 2 + settings.planned_buffers;
    const Bytes room = share_of(memory_limit, kBuffersShare);
    if (wanted <= room) return;
    const double factor = static_cast<double>(room.count()) / static_cast<double>(wanted.count());
    const Bytes current = scaled(settings.current_buffers, factor);
    const Bytes planned = scaled(settings.planned_buffers, factor);
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
    settings.planned = settings.current;
    for (const Change& change : plan.changes)
        settings.planned.push_back(entry(change.setting, change.to));
    settings.current_buffers = buffers_of(settings.current);
    settings.planned_buffers = buffers_of(settings.planned);
    fit_into_memory(settings, memory_limit);
    settings.current.push_back(entry(kBuffers, format_for_postgres(settings.current_buffers)));
    settings.planned.push_back(entry(kBuffers, format_for_postgres(settings.planned_buffers)));
    return settings;
}

}  // namespace hone::prove
