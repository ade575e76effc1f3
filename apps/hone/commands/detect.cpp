#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_detect(Context& context, const DetectArguments&) {
    return context.fail({ErrorCode::kUnsupported, "detect", "not built yet"});
}

}  // namespace hone::app
