#include <fmt/format.h>

#include "check_table.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "engines/postgres/check.hpp"
#include "engines/postgres/server.hpp"
#include "engines/postgres/state.hpp"
#include "machine_limits.hpp"
#include "plan_input.hpp"
#include "server_state.hpp"

namespace hone::app {

namespace {

namespace fs = std::filesystem;

constexpr double kCheckPatienceSeconds = 60;

// A plan stands on one state of one server; on another it may be wrong even where it boots.
Status require_fresh(Context& context, const Plan& plan, const postgres::Server& server,
                     Deadline deadline) {
    if (plan.offline()) return {};
    const std::string tried = "checking plan " + plan.id();
    if (server.system_identifier != plan.target.system_identifier)
        return Error{ErrorCode::kFailedPrecondition, tried, "it was made for another server",
                     "make a plan for this one with hone plan"};
    HONE_TRY_ASSIGN(const postgres::ServerState state,
                    read_server_state(context, server, deadline));
    HONE_TRY_ASSIGN(const std::string hash, postgres::state_hash(server, state));
    if (hash == plan.target.state_hash) return {};
    return Error{ErrorCode::kFailedPrecondition, tried,
                 "it is stale: the server's configuration has changed since it was made",
                 "make the plan again with hone plan"};
}

Result<postgres::CheckReport> check(Context& context, const Plan& plan, Deadline deadline) {
    HONE_TRY_ASSIGN(const std::optional<postgres::Server> server,
                    server_here_for(context, plan, deadline));
    if (server) {
        mention_open_journal(context, *server);
        HONE_TRY(require_fresh(context, plan, *server, deadline));
    }
    postgres::CheckOptions options;
    HONE_TRY_ASSIGN(options.bin_directory, programs_for(context, plan, server));
    options.server = server;
    options.cache_folder = context.cache_directory();
    const PresentMachine machine = present_machine(server ? server->data_directory : fs::path{});
    options.machine_memory = machine.memory;
    options.limits = machine.limits;
    return postgres::check_plan(plan, options, context.progress(), deadline);
}

}  // namespace

int run_check(Context& context, const CheckArguments& arguments) {
    const auto plan = read_plan(arguments.plan);
    if (!plan.ok()) return context.fail(plan.error());
    const auto report = check(context, *plan, context.deadline(kCheckPatienceSeconds));
    if (!report.ok()) return context.fail(report.error());
    if (context.output == OutputFormat::kTable) {
        context.print(check_as_table(*report, *plan, context.use_color()));
    } else {
        json::object document{{"schema_version", 1}, {"plan", plan->id()}};
        for (const auto& [key, value] : postgres::to_json(*report)) document[key] = value;
        context.print_json(document);
    }
    return report->passed() ? kOk : kInvalidInput;
}

}  // namespace hone::app
