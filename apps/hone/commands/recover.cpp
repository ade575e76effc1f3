#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_recover(Context& context, const RecoverArguments&) {
    return context.fail({ErrorCode::kUnsupported, "recover", "not built yet"});
}

}  // namespace hone::app
