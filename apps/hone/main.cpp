#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/interrupt.hpp"
#include "cli.hpp"
#include "context.hpp"

namespace {

std::string default_state_directory() {
    if (const char* named = std::getenv("HONE_STATE_DIR")) return named;
    if (::geteuid() == 0) return "/var/lib/hone";
    if (const char* xdg = std::getenv("XDG_STATE_HOME")) return std::string(xdg) + "/hone";
    const char* home = std::getenv("HOME");
    return std::string(home != nullptr ? home : "/tmp") + "/.local/state/hone";
}

}  // namespace

int main(int argc, char** argv) {
    ::signal(SIGPIPE, SIG_IGN);
    hone::stop_at_next_wait_on_interrupt();
    hone::app::Context context;
    context.state_directory = default_state_directory();
    return hone::app::run_command_line(argc, argv, context);
}
