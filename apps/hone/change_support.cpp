#include "change_support.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "change/recover.hpp"

namespace hone::app {

namespace {

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

}  // namespace

Status permit_restart(Context& context, bool allow_restart,
                      const std::vector<std::string>& settings, std::string_view otherwise) {
    if (settings.empty() || allow_restart) return {};
    const std::string wrong =
        fmt::format("{} {} a restart of the server ({})", counted(settings.size(), "setting"),
                    settings.size() == 1 ? "needs" : "need", join(settings, ", "));
    if (!context.yes && !context.no_input && ::isatty(STDIN_FILENO) == 1) {
        context.say(wrong + ".");
        return context.confirm("Restart it? Every session will be ended.");
    }
    return Error{ErrorCode::kFailedPrecondition, "asking for a restart", wrong,
                 "add --allow-restart" + std::string(otherwise)};
}

std::string change_table(const std::vector<change::ChangedSetting>& changes, bool color) {
    std::size_t name_width = std::string_view("setting").size();
    std::size_t from_width = std::string_view("from").size();
    std::size_t to_width = std::string_view("to").size();
    for (const auto& change : changes) {
        name_width = std::max(name_width, change.setting.size());
        from_width = std::max(from_width, or_dash(change.from).size());
        to_width = std::max(to_width, or_dash(change.to).size());
    }
    std::string text = fmt::format("{:<{}}  {:>{}}    {:<{}}  {}\n", "setting", name_width, "from",
                                   from_width, "to", to_width, "takes effect");
    for (const auto& change : changes)
        text += fmt::format("{:<{}}  {:>{}} -> {}{:<{}}{}  {}\n", change.setting, name_width,
                            or_dash(change.from), from_width, color ? "\x1b[1m" : "",
                            or_dash(change.to), to_width, color ? "\x1b[0m" : "",
                            change.needs_restart() ? "after a restart" : "after a reload");
    return text;
}

json::array changes_document(const std::vector<change::ChangedSetting>& changes) {
    json::array document;
    for (const auto& change : changes)
        document.push_back(json::object{{"setting", change.setting},
                                        {"from", change.from},
                                        {"to", change.to},
                                        {"needs_restart", change.needs_restart()}});
    return document;
}

json::array differences_document(const std::vector<change::Difference>& differences) {
    json::array document;
    for (const auto& difference : differences)
        document.push_back(json::object{{"setting", difference.setting},
                                        {"wanted", difference.wanted},
                                        {"effective", difference.effective}});
    return document;
}

json::array kept_edits_document(const std::vector<change::KeptEdit>& edits) {
    json::array document;
    for (const auto& edit : edits)
        document.push_back(
            json::object{{"file", edit.file.string()}, {"kept_in", edit.copy.string()}});
    return document;
}

std::string difference_lines(const std::vector<change::Difference>& differences) {
    std::string text;
    for (const auto& difference : differences)
        text += fmt::format("  {} is '{}', and was '{}' before the apply\n", difference.setting,
                            difference.effective, difference.wanted);
    return text;
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void mention_open_journals(Context& context) {
    const auto open = change::open_applies(context.state_directory, context.data_directory);
    if (!open.ok()) return;
    for (const auto& apply : *open)
        context.say(
            fmt::format("The apply {} was interrupted: run hone recover to end it.", apply.id));
}

}  // namespace hone::app
