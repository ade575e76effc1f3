#include "prove/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.hpp"
#include "prove/compare/statistics.hpp"

namespace hone::prove {

namespace {

Round shuffled_round(Random& random) {
    Round round{Arm::kCurrent, Arm::kControl, Arm::kPlanned};
    for (std::size_t i = kArms - 1; i > 0; --i) std::swap(round[i], round[random.below(i + 1)]);
    return round;
}

LoadSchedule schedule_of(const Load& load, double seconds, Random& random) {
    const int whole = static_cast<int>(seconds) / static_cast<int>(kArms);
    const int slice_seconds = std::clamp(whole / kComfortableRounds, 1, load.longest_slice_seconds);
    std::vector<Round> rounds(static_cast<std::size_t>(whole / slice_seconds));
    for (Round& round : rounds) round = shuffled_round(random);
    return {&load, slice_seconds, std::move(rounds)};
}

}  // namespace

double LoadSchedule::seconds() const {
    return static_cast<double>(slice_seconds) * static_cast<double>(rounds.size() * kArms);
}

double fewest_seconds(std::size_t loads) {
    return static_cast<double>(loads * kArms * kFewestPairs);
}

Result<std::vector<LoadSchedule>> make_schedule(std::span<const Load* const> loads, double seconds,
                                                std::uint64_t seed) {
    const std::string tried = fmt::format("planning {:g} s of measuring", seconds);
    if (loads.empty())
        return Error{ErrorCode::kInvalidArgument, tried, "there is no load to measure",
                     "name one with --load"};
    if (!(seconds <= kLongestSeconds))
        return Error{ErrorCode::kInvalidArgument, tried, "that is longer than a day",
                     "pass --seconds 86400 or less"};
    if (!(seconds >= fewest_seconds(loads.size())))
        return Error{ErrorCode::kInvalidArgument, tried,
                     fmt::format("too short for {} rounds of 3 slices for each of {} load{}",
                                 kFewestPairs, loads.size(), loads.size() == 1 ? "" : "s"),
                     fmt::format("pass --seconds {:g} or more, or fewer loads with --load",
                                 fewest_seconds(loads.size()))};
    Random random(seed);
    std::vector<LoadSchedule> schedules;
    for (const Load* load : loads)
        schedules.push_back(
            schedule_of(*load, seconds / static_cast<double>(loads.size()), random));
    return schedules;
}

}  // namespace hone::prove
