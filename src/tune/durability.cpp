#include <fmt/format.h>

#include <array>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

struct Danger {
    const char* setting;
    const char* unsafe;
    const char* safe;
    const char* consequence;
};

constexpr std::array<Danger, 7> kDangers{{
    {"fsync", "off", "on", "a crash of the machine can destroy the whole cluster"},
    {"full_page_writes", "off", "on",
     "a page that is torn by a crash of the machine cannot be repaired"},
    {"synchronous_commit", "off", "on",
     "a crash loses the transactions of the last moments although they were confirmed"},
    {"data_sync_retry", "on", "off",
     "after a failed fsync the server goes on with data that never reached the disk"},
    {"ignore_checksum_failure", "on", "off", "damaged pages are read as if they were good"},
    {"zero_damaged_pages", "on", "off", "damaged pages are emptied, and their rows are lost"},
    {"autovacuum", "off", "on",
     "tables bloat, statistics go stale, and the server stops before transaction ids wrap around"},
}};

}  // namespace

void report_durability(const Situation&, Draft& draft) {
    for (const Danger& danger : kDangers)
        if (draft.current(danger.setting) == danger.unsafe)
            draft.notice(
                Severity::kCritical, fmt::format("durability.{}", danger.setting),
                fmt::format("{} is {}: {}.", danger.setting, danger.unsafe, danger.consequence),
                fmt::format("Set {} = {}. hone never changes it by itself.", danger.setting,
                            danger.safe));
}

}  // namespace hone::tune
