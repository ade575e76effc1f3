#include <fmt/format.h>

#include "tune/rules.hpp"

namespace hone::tune {

namespace {

constexpr const char* kRule = "memory.huge_pages";
// Below this the page tables are small, and a person need not be told.
constexpr Bytes kWorthHugePages = Bytes::giga(8);
constexpr double kSharedMemoryPerBuffer = 1.03;

std::int64_t pages_needed(const Draft& draft, Bytes page) {
    const Bytes needed = share_of(draft.bytes("shared_buffers"), kSharedMemoryPerBuffer);
    return needed.count() / page.count() + 8;
}

}  // namespace

void plan_huge_pages(const Situation& situation, Draft& draft) {
    const TuneInput& input = situation.input;
    if (!input.huge_page_size || !input.huge_pages_free) return;
    const std::int64_t needed = pages_needed(draft, *input.huge_page_size);
    const std::string page = format_for_people(*input.huge_page_size);
    const std::string present = draft.current("huge_pages");
    const std::vector<std::pair<std::string, std::string>> inputs{
        {"free huge pages", fmt::format("{}", *input.huge_pages_free)},
        {"needed huge pages", fmt::format("{}", needed)}};
    // A running server's own huge pages are not free, so only growth can be judged.
    const bool grows = draft.bytes("shared_buffers") > Bytes{} &&
                       draft.effective("shared_buffers") != draft.current("shared_buffers");
    if (present == "on" && grows && *input.huge_pages_free < needed)
        draft.propose({kRule, "huge_pages", "try",
                       fmt::format("Only {} of about {} huge pages of {} are free: with \"on\" the "
                                   "server might not start.",
                                   *input.huge_pages_free, needed, page),
                       inputs});
    if (present == "off" && *input.huge_pages_free >= needed)
        draft.propose({kRule, "huge_pages", "try",
                       fmt::format("{} huge pages of {} are free, enough for shared_buffers.",
                                   *input.huge_pages_free, page),
                       inputs});
    if (present == "try" && *input.huge_pages_free == 0 &&
        draft.bytes("shared_buffers") >= kWorthHugePages)
        draft.notice(
            Severity::kNote, kRule,
            fmt::format("shared_buffers of {} would fit into {} huge pages of {}, which "
                        "this machine does not have reserved: page tables cost up to {} "
                        "for each connection.",
                        format_for_people(draft.bytes("shared_buffers")), needed, page,
                        format_for_people(draft.bytes("shared_buffers") / 512)),
            fmt::format("sysctl -w vm.nr_hugepages={}, also in /etc/sysctl.d, then restart "
                        "the server.",
                        needed));
}

}  // namespace hone::tune
