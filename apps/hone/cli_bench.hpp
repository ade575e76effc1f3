// apps/hone/cli_bench.hpp - the command line of hone bench.
#pragma once

namespace CLI {
class App;
}

namespace hone::app {

struct Context;

void add_bench(CLI::App& app, Context& context, int& exit_code);

}  // namespace hone::app
