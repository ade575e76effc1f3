#include <fmt/format.h>

#include "change/undo.hpp"
#include "change_support.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "plan_input.hpp"

namespace hone::app {

namespace {

// The same table the other way round: what is, and what will be again.
std::vector<change::ChangedSetting> reversed(std::vector<change::ChangedSetting> changes) {
    for (auto& change : changes) std::swap(change.from, change.to);
    return changes;
}

void print_report(Context& context, const change::Rollback& rollback,
                  const change::UndoReport& report) {
    const auto& intent = *rollback.apply.intent;
    if (context.machine_readable()) {
        context.print_json(json::object{{"schema_version", 1},
                                        {"id", rollback.apply.id},
                                        {"state", "rolled back"},
                                        {"server_running", report.was_running},
                                        {"changes", changes_document(reversed(intent.changes))},
                                        {"differences", differences_document(report.differences)},
                                        {"kept_edits", kept_edits_document(report.kept_edits)}});
        return;
    }
    context.print(fmt::format(
        "Took {} of {} back: every file is byte for byte what it was. {}",
        counted(intent.changes.size(), "setting"), rollback.apply.id,
        report.was_running ? (report.differences.empty() ? "Every value was read back."
                                                         : "These values differ all the same:")
                           : "The server is stopped: it takes effect at the next start."));
    if (!report.differences.empty()) context.print(difference_lines(report.differences));
    for (const auto& edit : report.kept_edits) context.print(describe(edit) + ".");
}

void print_dry_run(Context& context, const change::Rollback& rollback) {
    const auto changes = reversed(rollback.apply.intent->changes);
    if (context.machine_readable())
        context.print_json(json::object{{"schema_version", 1},
                                        {"id", rollback.apply.id},
                                        {"state", "dry run"},
                                        {"changes", changes_document(changes)}});
    else
        context.print(change_table(changes, context.use_color()));
}

Result<change::UndoReport> roll_back_with_consent(Context& context,
                                                  const RollbackArguments& arguments,
                                                  const change::Rollback& rollback) {
    HONE_TRY(permit_restart(context, arguments.allow_restart, rollback.restart_settings,
                            " to rollback"));
    if (!context.machine_readable())
        context.print(change_table(reversed(rollback.apply.intent->changes), context.use_color()));
    HONE_TRY(context.confirm(fmt::format("Take {} back on {}?", rollback.apply.id,
                                         rollback.server.data_directory.string())));
    return change::roll_back(rollback, context.progress(), context.deadline(kChangeSeconds));
}

}  // namespace

int run_rollback(Context& context, const RollbackArguments& arguments) {
    const Deadline deadline = context.deadline(kChangeSeconds);
    const auto named = server_named(context, deadline);
    if (!named.ok()) return context.fail(named.error());
    const auto rollback =
        change::prepare_rollback(context.state_directory, arguments.id, *named, deadline);
    if (!rollback.ok()) return context.fail(rollback.error());
    if (context.dry_run) {
        print_dry_run(context, *rollback);
        context.say("Nothing was changed.");
        return kOk;
    }
    const auto report = roll_back_with_consent(context, arguments, *rollback);
    if (!report.ok()) return context.fail(report.error());
    print_report(context, *rollback, *report);
    return report->differences.empty() ? kOk : kPartial;
}

}  // namespace hone::app
