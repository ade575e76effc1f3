#include "change/apply.hpp"

#include <fmt/format.h>

#include "change/elsewhere.hpp"
#include "change_support.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "machine_limits.hpp"
#include "plan_input.hpp"

namespace hone::app {

namespace {

change::ApplyOptions options_of(const Context& context, const ApplyArguments& arguments,
                                const postgres::Server& server) {
    change::ApplyOptions options{.method = change::method_named(arguments.method),
                                 .state_directory = context.state_directory,
                                 .cache_folder = context.cache_directory()};
    const PresentMachine machine = present_machine(server.data_directory);
    options.machine_memory = machine.memory;
    options.limits = machine.limits;
    return options;
}

void print_applied(Context& context, const change::Preparation& preparation,
                   const change::Applied& applied) {
    const std::string undo = "hone rollback " + applied.id;
    if (context.machine_readable()) {
        context.print_json(json::object{{"schema_version", 1},
                                        {"id", applied.id},
                                        {"state", "kept"},
                                        {"plan_id", preparation.plan.id()},
                                        {"method", to_string(preparation.method)},
                                        {"file", preparation.hone_file.string()},
                                        {"switched_by", to_string(applied.how)},
                                        {"journal_closed", applied.journal_closed},
                                        {"changes", changes_document(preparation.changes)},
                                        {"undo", undo}});
        return;
    }
    const char* effect = applied.how == change::Switch::kNothing
                             ? "The server is stopped: they take effect at the next start."
                             : "Every value was read back in a new session.";
    context.print(fmt::format(
        "Applied {} through {}. {}\nUndo: {}\n", counted(preparation.changes.size(), "setting"),
        preparation.hone_file.empty() ? "ALTER SYSTEM" : preparation.hone_file.string(), effect,
        undo));
    if (!applied.journal_closed)
        context.say(
            "The journal could not be closed: run hone recover when the disk takes writes.");
}

void print_dry_run(Context& context, const change::Preparation& preparation) {
    if (context.machine_readable()) {
        json::array files;
        for (const auto& edit : preparation.edits)
            files.push_back(json::object{{"path", edit.path.string()}, {"content", edit.content}});
        context.print_json(json::object{{"schema_version", 1},
                                        {"state", "dry run"},
                                        {"plan_id", preparation.plan.id()},
                                        {"method", to_string(preparation.method)},
                                        {"changes", changes_document(preparation.changes)},
                                        {"files", std::move(files)}});
        return;
    }
    for (const auto& edit : preparation.edits)
        context.print(fmt::format("\n{} would become:\n\n{}", edit.path.string(), edit.content));
    context.print("\nNothing was changed.");
}

void show_changes(Context& context, const change::Preparation& preparation) {
    for (const std::string& note : preparation.notes) context.say("Note: " + note + ".");
    if (context.machine_readable()) return;
    context.print(change_table(preparation.changes, context.use_color()));
}

Status apply_plan(Context& context, const ApplyArguments& arguments, Plan plan,
                  const postgres::Server& server) {
    const Deadline deadline = context.deadline(kChangeSeconds);
    HONE_TRY_ASSIGN(const auto preparation,
                    change::prepare(std::move(plan), server, options_of(context, arguments, server),
                                    context.progress(), deadline));
    if (!context.dry_run)
        HONE_TRY(permit_restart(context, arguments.allow_restart, preparation.restart_settings(),
                                ", or make the plan with --reload-only"));
    HONE_TRY(change::require_bootable(preparation, context.progress(), deadline));
    show_changes(context, preparation);
    if (context.dry_run) {
        print_dry_run(context, preparation);
        return {};
    }
    HONE_TRY(context.confirm(fmt::format("Apply {} to {}?",
                                         counted(preparation.changes.size(), "setting"),
                                         server.data_directory.string())));
    HONE_TRY_ASSIGN(const auto applied, change::apply(preparation, context.progress()));
    print_applied(context, preparation, applied);
    return {};
}

}  // namespace

int run_apply(Context& context, const ApplyArguments& arguments) {
    auto plan = read_plan(arguments.plan);
    if (!plan.ok()) return context.fail(plan.error());
    const auto found = server_for(context, *plan, context.deadline(kChangeSeconds));
    if (!found.ok()) return context.fail(found.error());
    const auto& server = *found;
    if (!server)
        return context.fail({ErrorCode::kFailedPrecondition, "applying the plan",
                             "it was made offline, for no server in particular",
                             "make it with hone plan --data-dir or --target"});
    if (plan->changes.empty()) {
        context.say("The plan has no changes: nothing to do.");
        if (context.machine_readable())
            context.print_json(json::object{
                {"schema_version", 1}, {"state", "nothing to do"}, {"plan_id", plan->id()}});
        return kOk;
    }
    if (const auto text = change::instructions_for(server->managed_by, *plan)) {
        if (context.machine_readable())
            context.say(*text);
        else
            context.print(*text);
    }
    auto applied = apply_plan(context, arguments, std::move(plan).value(), *server);
    return applied.ok() ? kOk : context.fail(applied.error());
}

}  // namespace hone::app
