#include "change/recover.hpp"

#include <fmt/format.h>

#include "change_support.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "plan_input.hpp"

namespace hone::app {

namespace {

struct Ended {
    std::string id;
    change::Recovery recovery;
    change::UndoReport report;
};

std::string_view past_tense(change::Recovery recovery) {
    switch (recovery) {
        case change::Recovery::kFinish:
            return "finished: its values had been verified and hold";
        case change::Recovery::kUndo:
            return "taken back: every file is byte for byte what it was";
        case change::Recovery::kAbandon:
            return "closed: nothing had been written";
    }
    return "";
}

Result<Ended> end_one(Context& context, const RecoverArguments& arguments, change::Apply apply) {
    const Deadline deadline = context.deadline(kChangeSeconds);
    HONE_TRY_ASSIGN(const auto job, change::prepare_recovery(std::move(apply), deadline));
    HONE_TRY(permit_restart(context, arguments.allow_restart, job.restart_settings, ""));
    HONE_TRY(
        context.confirm(fmt::format("The apply {} to {} was interrupted. {} it{}?", job.apply.id,
                                    job.server.data_directory.string(),
                                    job.recovery == change::Recovery::kUndo ? "Take back" : "Close",
                                    job.must_start ? ", and start the server again" : "")));
    HONE_TRY_ASSIGN(auto report,
                    change::recover(job, context.progress(), context.deadline(kChangeSeconds)));
    return Ended{job.apply.id, job.recovery, std::move(report)};
}

void print_ended(Context& context, const std::vector<Ended>& ended) {
    if (context.machine_readable()) {
        json::array list;
        for (const Ended& one : ended)
            list.push_back(
                json::object{{"id", one.id},
                             {"recovery", to_string(one.recovery)},
                             {"server_running", one.report.was_running},
                             {"differences", differences_document(one.report.differences)},
                             {"kept_edits", kept_edits_document(one.report.kept_edits)}});
        context.print_json(json::object{{"schema_version", 1}, {"recovered", std::move(list)}});
        return;
    }
    if (ended.empty()) context.print("Nothing to do: no apply was interrupted.");
    for (const Ended& one : ended) {
        context.print(fmt::format("{} was {}.", one.id, past_tense(one.recovery)));
        if (!one.report.differences.empty())
            context.print("  Values that differ all the same:\n" +
                          difference_lines(one.report.differences));
        for (const auto& edit : one.report.kept_edits) context.print("  " + describe(edit) + ".");
    }
}

void print_dry_run(Context& context, const std::vector<change::Apply>& open) {
    json::array list;
    for (const auto& apply : open) {
        const auto recovery = to_string(change::recovery_of(apply.records));
        list.push_back(json::object{{"id", apply.id}, {"recovery", recovery}});
        if (!context.machine_readable())
            context.print(fmt::format("{}: would {}.", apply.id, recovery));
    }
    if (context.machine_readable())
        context.print_json(json::object{
            {"schema_version", 1}, {"state", "dry run"}, {"would_recover", std::move(list)}});
    else if (open.empty())
        context.print("Nothing to do: no apply was interrupted.");
}

}  // namespace

int run_recover(Context& context, const RecoverArguments& arguments) {
    const auto named = server_named(context, context.deadline(kChangeSeconds));
    if (!named.ok()) return context.fail(named.error());
    auto open = change::open_applies(context.state_directory,
                                     *named ? (*named)->data_directory : std::filesystem::path{});
    if (!open.ok()) return context.fail(open.error());
    if (context.dry_run) {
        print_dry_run(context, *open);
        return kOk;
    }
    std::vector<Ended> ended;
    bool differs = false;
    // The newest first: an older one's files lie below it.
    for (auto apply = open->rbegin(); apply != open->rend(); ++apply) {
        auto one = end_one(context, arguments, std::move(*apply));
        if (!one.ok()) {
            if (!ended.empty()) print_ended(context, ended);
            return context.fail(one.error());
        }
        differs = differs || !one->report.differences.empty();
        ended.push_back(std::move(one).value());
    }
    if (const Status readable = change::refuse_damaged_journals(context.state_directory);
        !readable.ok()) {
        if (!ended.empty()) print_ended(context, ended);
        return context.fail(readable.error());
    }
    print_ended(context, ended);
    return differs ? kPartial : kOk;
}

}  // namespace hone::app
