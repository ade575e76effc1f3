#include "prove/autotune/search_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace hone::prove {

namespace {

constexpr double kLargestBuffersShare = 0.4;  // above it, pages are held twice
constexpr std::int64_t kSmallestBuffersPart = 64;
constexpr std::int64_t kLargestMaintenancePart = 8;
constexpr std::int64_t kWalReach = 4;  // times the plan's: what the disk has room for is the plan's
constexpr std::int64_t kWorkMemReach = 16;
constexpr double kSamePlace = 0.05;  // a rung this close to the plan's value is the plan's value

// What the levels of a setting are computed from.
struct Ground {
    const Plan& plan;
    const SettingDefinition& definition;
    std::string planned;  // canonical
    Bytes size;           // planned, of a size
    Bytes min_wal_size;   // planned
    int cores;
};

using Levels = std::vector<std::string>;

// The plan's value itself is added by make_dimension.
Levels doublings(const Ground& ground, Bytes low, Bytes high) {
    Levels levels;
    for (Bytes size = ground.size / 2; size >= low && size.count() > 0; size = size / 2)
        levels.push_back(format_for_postgres(size));
    for (Bytes size = ground.size * 2; size <= high && size.count() > 0; size = size * 2)
        levels.push_back(format_for_postgres(size));
    return levels;
}

Levels shared_buffers(const Ground& ground) {
    const Bytes memory = ground.plan.machine.memory_limit;
    return doublings(ground, std::max(Bytes::mega(16), memory / kSmallestBuffersPart),
                     share_of(memory, kLargestBuffersShare));
}

Levels max_wal_size(const Ground& ground) {
    return doublings(ground, std::max(Bytes::mega(256), ground.min_wal_size),
                     ground.size * kWalReach);
}

Levels work_mem(const Ground& ground) {
    return doublings(ground, Bytes::mega(1), std::min(Bytes::giga(1), ground.size * kWorkMemReach));
}

Levels maintenance_work_mem(const Ground& ground) {
    return doublings(ground, Bytes::mega(16),
                     ground.plan.machine.memory_limit / kLargestMaintenancePart);
}

// In the order of what they cost the processor; a build may lack some.
Levels wal_compression(const Ground& ground) {
    if (ground.definition.type == SettingType::kBool) return {"off", "on"};
    const bool says_on = ground.planned == "on";
    return {"off", "lz4", says_on ? "on" : "pglz", "zstd"};
}

Levels parallel_workers(const Ground& ground) {
    Levels levels{"0", "1"};
    for (int workers = 2; workers <= std::min(ground.cores, 8); workers *= 2)
        levels.push_back(std::to_string(workers));
    return levels;
}

struct Knob {
    std::string_view setting;
    bool for_writes;
    double seen_after_seconds;  // of load on one server
    Levels (*levels)(const Ground& ground);
};

// Rank: shared_buffers and max_wal_size carried 75 to 95 % of the gain in a field study of a
// learning tuner (docs/reference/autotune.md); the rest by what hone's own rules move most.
constexpr std::array kKnobs{
    Knob{"shared_buffers", false, 0, shared_buffers},
    Knob{"max_wal_size", true, 0, max_wal_size},
    Knob{"work_mem", false, 0, work_mem},
    Knob{"wal_compression", true, 0, wal_compression},
    Knob{"random_page_cost", false, 0,
         [](const Ground&) { return Levels{"1", "1.1", "1.5", "2", "3", "4"}; }},
    Knob{"max_parallel_workers_per_gather", false, 0, parallel_workers},
    Knob{"effective_io_concurrency", false, 0,
         [](const Ground&) { return Levels{"1", "2", "8", "32", "128", "512"}; }},
    Knob{"autovacuum_vacuum_scale_factor", true, 60,
         [](const Ground&) { return Levels{"0.01", "0.02", "0.05", "0.1", "0.2"}; }},
    Knob{"autovacuum_vacuum_cost_limit", true, 60,
         [](const Ground&) { return Levels{"200", "500", "1000", "2000", "5000"}; }},
    Knob{"maintenance_work_mem", true, 60, maintenance_work_mem},
    Knob{"checkpoint_timeout", true, 300,
         [](const Ground&) { return Levels{"5min", "10min", "15min", "30min", "60min"}; }},
};

bool is_numeric(const SettingDefinition& definition) {
    return definition.type == SettingType::kInteger || definition.type == SettingType::kReal;
}

double number_of(const std::string& canonical) {
    return parse_number(canonical).value_or(0);
}

bool is_close_to(const std::string& level, const std::string& planned) {
    const double wanted = number_of(planned);
    return std::abs(number_of(level) - wanted) <= kSamePlace * std::abs(wanted);
}

// Canonical, sorted, the plan's value among them; what the build refuses is left out.
Levels canonical_levels(const Ground& ground, const Levels& texts) {
    Levels levels{ground.planned};
    for (const std::string& text : texts) {
        const auto canonical = canonical_value(ground.definition, text);
        if (!canonical.ok() || *canonical == ground.planned) continue;
        if (is_numeric(ground.definition) && is_close_to(*canonical, ground.planned)) continue;
        levels.push_back(*canonical);
    }
    if (is_numeric(ground.definition)) {
        std::ranges::sort(levels, {}, number_of);
    } else {
        // Where the plan's value is one of the texts, their order; else it stays in front.
        const auto place = [&](const std::string& level) {
            return std::ranges::find(texts, level);
        };
        std::ranges::stable_sort(levels,
                                 [&](const auto& a, const auto& b) { return place(a) < place(b); });
    }
    return levels;
}

Bytes size_of(const Catalogue& catalogue, const postgres::MergedValues& planned,
              std::string_view setting) {
    const SettingDefinition* definition = find_setting(catalogue, setting);
    const auto value = planned.find(setting);
    if (definition == nullptr || value == planned.end()) return {};
    return value_as_bytes(*definition, value->second).value_or(Bytes{});
}

Dimension make_dimension(const Ground& ground, const Knob& knob) {
    const Levels canonicals = canonical_levels(ground, knob.levels(ground));
    Dimension dimension;
    dimension.setting = knob.setting;
    const auto found = std::ranges::find(canonicals, ground.planned);
    dimension.plan_level = static_cast<int>(found - canonicals.begin());
    for (const std::string& canonical : canonicals)
        dimension.levels.push_back(display_value(ground.definition, canonical));
    return dimension;
}

std::string why_left_alone(const Knob& knob, const SettingDefinition* definition,
                           const SpaceOptions& options, std::size_t chosen) {
    if (definition == nullptr) return "this version does not have it";
    if (knob.for_writes && !options.writes) return "the workload does not write";
    if (options.reload_only && definition->context == SettingContext::kRestart)
        return "it needs a restart";
    if (options.seconds_per_server < knob.seen_after_seconds)
        return fmt::format("not to be seen while an evaluation loads each server for {:.0f} s",
                           options.seconds_per_server);
    if (chosen >= static_cast<std::size_t>(options.most_dimensions))
        return "there is time for the more important ones only";
    return {};
}

}  // namespace

SearchSpace make_search_space(const Plan& plan, const Catalogue& catalogue,
                              const postgres::MergedValues& planned, const SpaceOptions& options) {
    SearchSpace space;
    for (const Knob& knob : kKnobs) {
        HONE_ASSERT(!is_durability_setting(knob.setting));
        const SettingDefinition* definition = find_setting(catalogue, knob.setting);
        std::string why = why_left_alone(knob, definition, options, space.dimensions.size());
        const auto value = planned.find(knob.setting);
        if (why.empty() && value == planned.end()) why = "its value is not known";
        if (!why.empty()) {
            space.left_alone.push_back({std::string(knob.setting), std::move(why)});
            continue;
        }
        const Ground ground{.plan = plan,
                            .definition = *definition,
                            .planned = value->second,
                            .size = size_of(catalogue, planned, knob.setting),
                            .min_wal_size = size_of(catalogue, planned, "min_wal_size"),
                            .cores = std::max(1, static_cast<int>(plan.machine.cores))};
        Dimension dimension = make_dimension(ground, knob);
        if (dimension.levels.size() > 1)
            space.dimensions.push_back(std::move(dimension));
        else
            space.left_alone.push_back({std::string(knob.setting), "it has no other value here"});
    }
    return space;
}

std::vector<std::string> searchable_settings() {
    std::vector<std::string> settings;
    for (const Knob& knob : kKnobs) settings.emplace_back(knob.setting);
    return settings;
}

Point plan_point(const SearchSpace& space) {
    Point point;
    for (const Dimension& dimension : space.dimensions) point.push_back(dimension.plan_level);
    return point;
}

SettingValues values_at(const SearchSpace& space, const Point& point) {
    HONE_ASSERT(point.size() == space.dimensions.size());
    SettingValues values;
    for (std::size_t i = 0; i < point.size(); ++i) {
        const Dimension& dimension = space.dimensions[i];
        values.emplace_back(dimension.setting,
                            dimension.levels.at(static_cast<std::size_t>(point[i])));
    }
    return values;
}

std::string describe(const SearchSpace& space, const Point& point) {
    std::vector<std::string> differences;
    const SettingValues values = values_at(space, point);
    for (std::size_t i = 0; i < point.size(); ++i)
        if (point[i] != space.dimensions[i].plan_level)
            differences.push_back(values[i].first + " " + values[i].second);
    return differences.empty() ? "the plan" : join(differences, ", ");
}

}  // namespace hone::prove
