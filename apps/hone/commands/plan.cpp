#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_plan(Context& context, const PlanArguments&) {
    return context.fail({ErrorCode::kUnsupported, "plan", "not built yet"});
}

}  // namespace hone::app
