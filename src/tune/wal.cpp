#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr double kCompletionTarget = 0.9;
constexpr double kHeadroom = 1.3;              // for hours that are busier than the mean
constexpr double kLargestDiskShare = 0.25;     // of the free space
constexpr double kShortestMeasurement = 3600;  // seconds
constexpr Bytes kLargestMaxWalSize = Bytes::giga(64);
constexpr Bytes kLargestMinWalSize = Bytes::giga(4);
constexpr Bytes kSmallestMinWalSize = Bytes::mega(80);
constexpr Bytes kIngestWalBuffers = Bytes::mega(64);
constexpr Bytes kMemoryForIngestWalBuffers = Bytes::giga(8);
constexpr double kFewestCoresForPglz = 2;

using Inputs = std::vector<std::pair<std::string, std::string>>;

Bytes segment_size(const Draft& draft) {
    return draft.bytes("wal_segment_size", Bytes::mega(16));
}

// Whole gigabytes where it is large, so that a person can read it.
Bytes readable(Bytes size, Bytes segment) {
    const Bytes step = size >= Bytes::giga(4)   ? Bytes::giga(1)
                       : size >= Bytes::giga(1) ? std::max(segment, Bytes::mega(256))
                                                : std::max(segment, Bytes::mega(64));
    return std::max(round_down_to(size, step), segment * 2);
}

struct WalSize {
    Bytes size;
    std::string reason;
    Inputs inputs;
};

// One significant digit: a mean moves with every look at it, and the plan should not.
double steady(double rate) {
    const double step = std::pow(10, std::floor(std::log10(rate)));
    return std::round(rate / step) * step;
}

WalSize from_measured_rate(const Situation& situation, double measured, double timeout_seconds) {
    const double rate = steady(measured);
    // A checkpoint starts when max_wal_size / (1 + completion target) has been written.
    const double needed = rate * timeout_seconds * (1 + kCompletionTarget) * kHeadroom;
    const Bytes floor =
        share_of(situation.workload_traits.max_wal_size, situation.machine_traits.wal_factor / 2);
    const Bytes size = std::max(Bytes{static_cast<std::int64_t>(std::min(needed, 1e15))}, floor);
    const std::string pace = format_for_people(Bytes{static_cast<std::int64_t>(rate)}) + "/s";
    return {
        size,
        fmt::format("WAL is written at about {}: checkpoints come by time, every {:.0f} "
                    "min, and not by size.",
                    pace, timeout_seconds / 60),
        {{"WAL written", pace}, {"checkpoint_timeout", fmt::format("{:.0f} s", timeout_seconds)}}};
}

WalSize from_workload(const Situation& situation) {
    const Bytes size =
        share_of(situation.workload_traits.max_wal_size, situation.machine_traits.wal_factor);
    const std::string workload(to_string(situation.workload));
    return {
        size,
        fmt::format("{} between checkpoints suits {} on a {} machine; no write rate was measured.",
                    format_for_people(size), situation.workload_text(),
                    to_string(situation.base_profile)),
        {{"workload", workload}, {"profile", std::string(to_string(situation.base_profile))}}};
}

void bound_by_disk(const Situation& situation, WalSize& wal) {
    if (!situation.input.free_disk) return;
    const Bytes free = *situation.input.free_disk;
    const Bytes bound = share_of(free, kLargestDiskShare);
    if (wal.size <= bound) return;
    wal.size = bound;
    wal.inputs.emplace_back("free disk", format_for_people(free));
    wal.reason = fmt::format("A quarter of the {} that are free on the disk bounds the WAL.",
                             format_for_people(free));
}

// Zero where nobody measured, or not for long enough to say anything.
double trusted_rate(const ServerStatistics& statistics) {
    if (statistics.seconds_covered.value_or(kShortestMeasurement) < kShortestMeasurement) return 0;
    return statistics.wal_bytes_per_second.value_or(0);
}

void plan_sizes(const Situation& situation, Draft& draft) {
    const double rate = trusted_rate(situation.input.statistics);
    WalSize wal = rate > 0
                      ? from_measured_rate(situation, rate, draft.number("checkpoint_timeout", 300))
                      : from_workload(situation);
    wal.size = std::min(wal.size, kLargestMaxWalSize);
    bound_by_disk(situation, wal);
    const Bytes segment = segment_size(draft);
    wal.size = std::max(readable(wal.size, segment), segment * 8);
    draft.propose({"wal.max_wal_size", "max_wal_size", format_for_postgres(wal.size), wal.reason,
                   wal.inputs});
    const Bytes held = draft.bytes("max_wal_size", wal.size);
    const Bytes smallest = std::max(kSmallestMinWalSize, segment * 5);
    const Bytes kept = std::clamp(held / 4, std::min(smallest, held),
                                  std::max(kLargestMinWalSize, std::min(smallest, held)));
    draft.propose({"wal.min_wal_size",
                   "min_wal_size",
                   format_for_postgres(std::max(round_down_to(kept, segment), segment * 2)),
                   fmt::format("A quarter of max_wal_size ({}) is recycled instead of removed and "
                               "made again.",
                               format_for_people(held)),
                   {{"max_wal_size", format_for_people(held)}}});
}

void plan_checkpoints(const Situation& situation, Draft& draft) {
    const int minutes = situation.workload_traits.checkpoint_minutes;
    // A longer interval was somebody's decision about how long recovery may take.
    if (draft.current_number("checkpoint_timeout", 300) < minutes * 60)
        draft.propose({"wal.checkpoint_timeout",
                       "checkpoint_timeout",
                       fmt::format("{}min", minutes),
                       fmt::format("A checkpoint every {} min instead of every {:.0f}: each page "
                                   "is written in full less often.",
                                   minutes, draft.current_number("checkpoint_timeout", 300) / 60),
                       {{"workload", std::string(to_string(situation.workload))}}});
    draft.propose({"wal.checkpoint_completion_target",
                   "checkpoint_completion_target",
                   fmt::format("{}", kCompletionTarget),
                   "Checkpoint writes are spread over 90 % of the interval: no bursts.",
                   {}});
}

// lz4 costs the least time, zstd less than pglz; pglz and "on" are one method.
std::string best_method(const Situation& situation, const Draft& draft) {
    const SettingDefinition* definition =
        find_setting(situation.input.catalogue, "wal_compression");
    if (definition == nullptr || draft.current("wal_compression") != "off") return {};
    const auto has = [&](std::string_view method) {
        return std::find(definition->enum_values.begin(), definition->enum_values.end(), method) !=
               definition->enum_values.end();
    };
    for (const char* method : {"lz4", "zstd"})
        if (has(method)) return method;
    if (situation.input.machine.cores < kFewestCoresForPglz) return {};
    return has("pglz") ? "pglz" : "on";
}

void plan_compression(const Situation& situation, Draft& draft) {
    const std::string method = best_method(situation, draft);
    if (method.empty()) return;
    const bool is_slow = method == "pglz" || method == "on";
    const bool is_offline = situation.input.server_build.empty();
    std::string reason =
        is_slow ? "Full-page images shrink; this build has neither lz4 nor zstd, which cost less "
                  "time."
                : fmt::format("Full-page images shrink, and this build has {}.", method);
    if (is_slow && is_offline)
        reason =
            "Full-page images shrink; every build can do this, and with --bin-dir a faster method "
            "may be found.";
    draft.propose({"wal.wal_compression",
                   "wal_compression",
                   method,
                   std::move(reason),
                   {{"best method known to the build", method}}});
}

void plan_buffers(const Situation& situation, Draft& draft) {
    if (situation.workload != Workload::kIngest) return;
    if (situation.usable < kMemoryForIngestWalBuffers) return;
    if (draft.current_number("wal_buffers", -1) > 0 &&
        draft.bytes("wal_buffers") >= Bytes::mega(16))
        return;
    draft.propose({"wal.wal_buffers",
                   "wal_buffers",
                   format_for_postgres(kIngestWalBuffers),
                   "Bulk writers fill the automatic 16 MB faster than the WAL writer empties it.",
                   {{"workload", std::string(to_string(situation.workload))}}});
}

}  // namespace

void plan_wal(const Situation& situation, Draft& draft) {
    plan_checkpoints(situation, draft);
    plan_sizes(situation, draft);
    plan_compression(situation, draft);
    plan_buffers(situation, draft);
}

}  // namespace hone::tune
