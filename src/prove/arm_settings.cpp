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

const postgres::ConfigEntry* buffers_line(const std::vector<postgres::ConfigEntry>& settings) {
    const auto last = std::find_if(settings.rbegin(), settings.rend(),
                                   [](const auto& setting) { return setting.name == kBuffers; });
    return last == settings.rend() ? nullptr : &*last;
}

// A bare number counts blocks, as in postgresql.conf. What is no size takes nothing: the server
// will refuse it.
Bytes buffers_of(const std::vector<postgres::ConfigEntry>& settings) {
    const auto* line = buffers_line(settings);
    if (line == nullptr) return kUsualBuffers;
    if (const auto blocks = parse_integer(line->value)) return kBlock * *blocks;
    return parse_bytes(line->value).value_or(Bytes{});
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

void set_buffers(std::vector<postgres::ConfigEntry>& settings, Bytes& buffers, Bytes to) {
    if (buffers == Bytes{}) return;
    buffers = to;
    settings.push_back(entry(kBuffers, format_for_postgres(to)));
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
    set_buffers(settings.current, settings.current_buffers, current);
    set_buffers(settings.planned, settings.planned_buffers, planned);
}

}  // namespace

ArmSettings make_arm_settings(
    const Plan& plan, const std::optional<std::vector<postgres::ConfigEntry>>& target_settings,
    Bytes memory_limit) {
    ArmSettings settings;
    settings.current = target_settings ? *target_settings : old_values_of(plan);
    if (!target_settings) settings.caveats.push_back(caveat_of_missing_files(plan));
    if (buffers_line(settings.current) == nullptr)
        settings.current.push_back(entry(kBuffers, format_for_postgres(kUsualBuffers)));
    settings.planned = settings.current;
    for (const Change& change : plan.changes)
        settings.planned.push_back(entry(change.setting, change.to));
    settings.current_buffers = buffers_of(settings.current);
    settings.planned_buffers = buffers_of(settings.planned);
    fit_into_memory(settings, memory_limit);
    return settings;
}

}  // namespace hone::prove
