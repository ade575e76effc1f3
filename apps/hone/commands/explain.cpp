#include "commands.hpp"
#include "context.hpp"

namespace hone::app {

int run_explain(Context& context, const std::string&) {
    return context.fail({ErrorCode::kUnsupported, "explain", "not built yet"});
}

}  // namespace hone::app
