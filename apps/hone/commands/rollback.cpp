#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_rollback(Context& context, const RollbackArguments&) {
    return context.fail({ErrorCode::kUnsupported, "rollback", "not built yet"});
}

}  // namespace hone::app
