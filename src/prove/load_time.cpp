#include "prove/load_time.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "prove/compare/comparison.hpp"

namespace hone::prove {

Status check_time(std::size_t loads, double seconds) {
    const std::string tried = fmt::format("planning {:g} s of measuring", seconds);
    if (!(seconds <= kLongestComparisonSeconds))
        return Error{ErrorCode::kInvalidArgument, tried, "that is longer than a day",
                     "pass --seconds 86400 or less"};
    const auto fewest = static_cast<double>(loads * kServers * kFewestPairs);
    if (seconds >= fewest) return {};
    return Error{ErrorCode::kInvalidArgument, tried,
                 fmt::format("too short for {} rounds of {} slices for each of {} load{}",
                             kFewestPairs, kServers, loads, loads == 1 ? "" : "s"),
                 fmt::format("pass --seconds {:g} or more, or fewer loads with --load", fewest)};
}

int slice_seconds_for(const Load& load, double seconds) {
    const int for_each_server = static_cast<int>(seconds) / static_cast<int>(kServers);
    return std::clamp(for_each_server / kComfortableRounds, 1, load.longest_slice_seconds);
}

}  // namespace hone::prove
