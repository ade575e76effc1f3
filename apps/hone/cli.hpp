// apps/hone/cli.hpp - reads the command line and runs the command that it names.
#pragma once

namespace hone::app {

struct Context;

// Returns the exit code; 2 with a message on stderr where the command line is wrong.
int run_command_line(int argc, char** argv, Context& context);

}  // namespace hone::app
