#include "change/interruption.hpp"

namespace hone::change {

namespace {

volatile sig_atomic_t signal_that_came = 0;

void remember(int number) {
    signal_that_came = number;
}

}  // namespace

InterruptionGuard::InterruptionGuard() {
    signal_that_came = 0;
    struct sigaction action{};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, &old_interrupt_);
    ::sigaction(SIGTERM, &action, &old_terminate_);
}

InterruptionGuard::~InterruptionGuard() {
    ::sigaction(SIGINT, &old_interrupt_, nullptr);
    ::sigaction(SIGTERM, &old_terminate_, nullptr);
}

Status InterruptionGuard::check() {
    if (signal_that_came == 0) return {};
    return Error{ErrorCode::kCancelled, "applying the plan",
                 signal_that_came == SIGINT ? "it was interrupted" : "it was asked to end"};
}

}  // namespace hone::change
