#include <fmt/format.h>

#include <algorithm>

#include "base/file_lock.hpp"
#include "change/store.hpp"
#include "change_support.hpp"
#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

namespace {

// An apply that is open while its server is locked is not interrupted: it is at work.
std::string state_text(const change::Apply& apply) {
    if (apply.state == change::ApplyState::kInterrupted && apply.intent &&
        !apply.intent->data_directory.empty() && !lock_holder(apply.intent->data_directory).empty())
        return "in progress";
    return std::string(to_string(apply.state));
}

std::string next_command(const change::Apply& apply) {
    if (apply.state == change::ApplyState::kKept) return "hone rollback " + apply.id;
    if (is_open(apply.state)) return "hone recover";
    return "";
}

std::string target_of(const change::Apply& apply) {
    if (!apply.intent) return "";
    return apply.intent->data_directory.empty() ? apply.intent->conninfo
                                                : apply.intent->data_directory.string();
}

json::object document_of(const change::Apply& apply) {
    json::object document{{"id", apply.id},
                          {"time", apply.time},
                          {"state", state_text(apply)},
                          {"target", target_of(apply)},
                          {"next_command", next_command(apply)}};
    if (!apply.problem.empty()) document["problem"] = apply.problem;
    if (apply.intent) {
        document["plan_id"] = apply.intent->plan_id;
        document["method"] = to_string(apply.intent->method);
        document["changes"] = changes_document(apply.intent->changes);
    }
    return document;
}

std::string table_of(const std::vector<change::Apply>& applies) {
    std::size_t state_width = std::string_view("state").size();
    std::size_t target_width = std::string_view("server").size();
    for (const auto& apply : applies) {
        state_width = std::max(state_width, state_text(apply).size());
        target_width = std::max(target_width, target_of(apply).size());
    }
    std::string text = fmt::format("{:<21}  {:<12}  {:>7}  {:<{}}  {:<{}}  {}\n", "id", "plan",
                                   "changes", "state", state_width, "server", target_width, "undo");
    for (const auto& apply : applies)
        text += fmt::format("{:<21}  {:<12}  {:>7}  {:<{}}  {:<{}}  {}\n", apply.id,
                            apply.intent ? apply.intent->plan_id : "-",
                            apply.intent ? apply.intent->changes.size() : 0, state_text(apply),
                            state_width, target_of(apply), target_width, next_command(apply));
    return text;
}

}  // namespace

int run_history(Context& context) {
    auto applies = change::Store(context.state_directory).list();
    if (!applies.ok()) return context.fail(applies.error());
    // What died before it wrote down what it was about changed nothing.
    std::erase_if(*applies, [](const change::Apply& apply) {
        return !apply.intent && apply.state == change::ApplyState::kAbandoned;
    });
    if (context.machine_readable()) {
        json::array list;
        for (const auto& apply : *applies) list.push_back(document_of(apply));
        context.print_json(json::object{{"schema_version", 1}, {"applies", std::move(list)}});
    } else if (applies->empty()) {
        context.print("Nothing was applied yet.");
    } else {
        context.print(table_of(*applies));
    }
    for (const auto& apply : *applies)
        if (apply.state == change::ApplyState::kUnreadable)
            context.say(fmt::format("{}: {}", apply.id, apply.problem));
    mention_open_journals(context);
    return kOk;
}

}  // namespace hone::app
