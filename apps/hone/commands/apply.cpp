#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_apply(Context& context, const ApplyArguments&) {
    return context.fail({ErrorCode::kUnsupported, "apply", "not built yet"});
}

}  // namespace hone::app
