#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_history(Context& context) {
    return context.fail({ErrorCode::kUnsupported, "history", "not built yet"});
}

}  // namespace hone::app
