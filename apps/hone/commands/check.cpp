#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_check(Context& context, const CheckArguments&) {
    return context.fail({ErrorCode::kUnsupported, "check", "not built yet"});
}

}  // namespace hone::app
