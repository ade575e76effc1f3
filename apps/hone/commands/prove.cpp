#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_prove(Context& context, const ProveArguments&) {
    return context.fail({ErrorCode::kUnsupported, "prove", "not built yet"});
}

}  // namespace hone::app
