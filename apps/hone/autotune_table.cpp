#include "autotune_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "plan_table.hpp"
#include "prove/autotune/report.hpp"

namespace hone::app {

namespace {

constexpr std::size_t kIndent = 2;

std::string styled(std::string_view text, const char* code, bool color) {
    return color ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

std::string settings_of(const prove::AutotuneReport& report, bool color) {
    const auto settings = prove::found_settings(report);
    std::size_t name_width = 7;
    std::size_t planned_width = 4;
    for (const auto& setting : settings) {
        name_width = std::max(name_width, setting.setting.size());
        planned_width = std::max(planned_width, setting.planned.size());
    }
    const std::string_view last = report.result.better() ? "found" : "tried";
    std::string text = styled(fmt::format("  {:<{}}  {:>{}}     {}", "setting", name_width, "plan",
                                          planned_width, last),
                              "1", color) +
                       "\n";
    for (const auto& setting : settings) {
        const bool differs = setting.found != setting.planned;
        text += fmt::format(
            "  {:<{}}  {:>{}}  {}  {}\n", setting.setting, name_width, setting.planned,
            planned_width, differs ? "->" : "  ",
            differs ? styled(setting.found, report.result.better() ? "1;32" : "33", color)
                    : std::string("stays"));
    }
    return text;
}

// Settings that were left alone for one and the same reason share a line.
std::string left_alone_of(const prove::SearchSpace& space) {
    std::vector<std::pair<std::string, std::string>> reasons;  // why, settings
    for (const prove::LeftAlone& each : space.left_alone) {
        const auto known =
            std::ranges::find(reasons, each.why, [](const auto& r) { return r.first; });
        if (known == reasons.end())
            reasons.emplace_back(each.why, each.setting);
        else
            known->second += ", " + each.setting;
    }
    std::string text;
    for (const auto& [why, settings] : reasons)
        text += "  - " + wrapped(settings + ": " + why + ".", 2 * kIndent) + "\n";
    return text;
}

}  // namespace

std::string autotune_as_table(const prove::AutotuneReport& report, bool color) {
    const char* code = report.result.better() ? "1;32" : "1";
    std::string text = styled(prove::headline(report), code, color) + "\n";
    text += fmt::format("  Under {}, on {}.\n\n", report.job.load, report.job.server_build);
    text += settings_of(report, color) + "\n";
    for (const std::string& sentence : prove::explanations(report))
        text += "  " + wrapped(sentence, kIndent) + "\n";
    if (!report.space.left_alone.empty())
        text += "\n  Not searched\n" + left_alone_of(report.space);
    text += "\n  To bear in mind\n";
    for (const std::string& caveat : report.caveats)
        text += "  - " + wrapped(caveat, 2 * kIndent) + "\n";
    return text;
}

}  // namespace hone::app
