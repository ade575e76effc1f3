#include <fmt/format.h>

#include "base/file.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "observe.hpp"
#include "plan_table.hpp"

namespace hone::app {

namespace {

std::string format_of(const Context& context, const PlanArguments& arguments) {
    if (arguments.format != "table") return arguments.format;
    return arguments.out.empty() && !context.machine_readable() ? "table" : "json";
}

std::string rendered(const Context& context, const Plan& plan, const std::string& format) {
    if (format == "conf") return tune::plan_as_config(plan);
    if (format == "alter-system") return tune::plan_as_alter_system(plan);
    if (format == "json") return plan_to_text(plan);
    return plan_as_table(plan, context.use_color());
}

bool may_hold_a_secret(const std::string& target) {
    return target.find("password") != std::string::npos || target.find("://") != std::string::npos;
}

// How this command's own options name the same server again.
std::string repeated_options(const Context& context) {
    std::string options;
    if (!context.target.empty())
        options += may_hold_a_secret(context.target)
                       ? " --target CONNINFO"
                       : fmt::format(" --target '{}'", context.target);
    if (!context.data_directory.empty())
        options += fmt::format(" --data-dir {}", context.data_directory.string());
    if (!context.bin_directory.empty())
        options += fmt::format(" --bin-dir {}", context.bin_directory.string());
    return options;
}

std::string next_step(const Context& context, const PlanArguments& arguments,
                      const std::string& format) {
    const std::string options = repeated_options(context);
    if (!arguments.out.empty() && format == "json")
        return fmt::format("Next: hone check {}{}", arguments.out.string(), options);
    return fmt::format("Next: add --out plan.json, then hone check plan.json{}", options);
}

void report_critical(Context& context, const Plan& plan) {
    for (const Notice& notice : plan.notices)
        if (notice.severity == Severity::kCritical)
            context.say(fmt::format("critical: {} {}", notice.message, notice.advice));
}

Status deliver(Context& context, const PlanArguments& arguments, const Plan& plan) {
    const std::string format = format_of(context, arguments);
    const std::string text = rendered(context, plan, format);
    if (arguments.out.empty()) {
        if (context.output == OutputFormat::kYaml && format == "json") {
            HONE_TRY_ASSIGN(const json::value document, parse_json(text, "the plan"));
            context.print_json(document);
        } else {
            context.print(text);
        }
    } else {
        HONE_TRY(replace_file(arguments.out, text));
        context.say(fmt::format("Wrote {}: {} changes, plan {}.", arguments.out.string(),
                                plan.changes.size(), plan.id()));
    }
    if (format != "table") report_critical(context, plan);
    if (format == "table" || !arguments.out.empty())
        if (!plan.changes.empty()) context.say(next_step(context, arguments, format));
    return {};
}

}  // namespace

int run_plan(Context& context, const PlanArguments& arguments) {
    const auto observation = observe(context, arguments);
    if (!observation.ok()) return context.fail(observation.error());
    const auto plan = plan_from(*observation);
    if (!plan.ok()) return context.fail(plan.error());
    if (const Status status = deliver(context, arguments, *plan); !status.ok())
        return context.fail(status.error());
    return arguments.exit_code_on_changes && !plan->changes.empty() ? kDifferences : kOk;
}

}  // namespace hone::app
