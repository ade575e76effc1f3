#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_demo(Context& context, const DemoArguments&) {
    return context.fail({ErrorCode::kUnsupported, "demo", "not built yet"});
}

}  // namespace hone::app
