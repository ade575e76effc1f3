#include <fmt/format.h>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr int kDelayMilliseconds = 50;
constexpr int kPagesPerRound = 400;
constexpr const char* kReason =
    "50 ms and 400 pages let the background writer clean 64 MB/s, so that sessions need not write "
    "pages themselves.";

}  // namespace

void plan_background_writer(const Situation& situation, Draft& draft) {
    if (!situation.workload_traits.writes_heavily || !situation.is_fast) return;
    const std::vector<std::pair<std::string, std::string>> inputs{
        {"workload", std::string(to_string(situation.workload))},
        {"storage", std::string(to_string(situation.input.machine.storage))}};
    if (draft.current_number("bgwriter_delay", 200) > kDelayMilliseconds)
        draft.propose({"background_writer.bgwriter_delay", "bgwriter_delay",
                       fmt::format("{}ms", kDelayMilliseconds), kReason, inputs});
    if (draft.current_number("bgwriter_lru_maxpages", 100) < kPagesPerRound)
        draft.propose({"background_writer.bgwriter_lru_maxpages", "bgwriter_lru_maxpages",
                       fmt::format("{}", kPagesPerRound), kReason, inputs});
}

}  // namespace hone::tune
