// base/interrupt.hpp - Ctrl-C stops the work at its next wait for a child program, so that
// everything is cleaned up on the way out.
//
// Shape    the first SIGINT or SIGTERM is remembered; run() of base/process.hpp then kills its
//          child and returns cancelled. A second one ends the process at once.
// Threads  for a program whose main thread does the work.
#pragma once

namespace hone {

// Call once, at the start of main.
void stop_at_next_wait_on_interrupt();

// A signal is remembered, and nobody has taken it.
bool interrupt_came();

// Forgets the signal: true once for each. Never true while interrupts are held.
bool take_interrupt();

// Between the steps of an apply, and while something is undone, no child is killed: whoever holds
// interrupts looks at interrupt_came() where it is safe to stop.
class InterruptsHeld {
  public:
    InterruptsHeld();
    ~InterruptsHeld();
    InterruptsHeld(const InterruptsHeld&) = delete;
    InterruptsHeld& operator=(const InterruptsHeld&) = delete;
};

}  // namespace hone
