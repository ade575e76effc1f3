#include "base/interrupt.hpp"

#include <signal.h>

namespace hone {

namespace {

volatile sig_atomic_t remembered = 0;
int held = 0;

void remember(int) {
    remembered = 1;
}

}  // namespace

void stop_at_next_wait_on_interrupt() {
    struct sigaction action{};
    action.sa_handler = remember;
    sigemptyset(&action.sa_mask);
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: a wait must notice
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupt_came() {
    return remembered != 0;
}

bool take_interrupt() {
    if (held > 0 || remembered == 0) return false;
    remembered = 0;
    return true;
}

InterruptsHeld::InterruptsHeld() {
    ++held;
}

InterruptsHeld::~InterruptsHeld() {
    --held;
}

}  // namespace hone
