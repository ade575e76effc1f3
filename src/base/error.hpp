// base/error.hpp - what went wrong, how far it got, and what to do about it.
//
// Shape    message grammar: what was tried: what went wrong: what to do. No trailing dot, no
//          secrets, values quoted.
// Threads  a value; copy it freely.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hone {

// Canonical codes; the command line maps each to one exit code (docs/reference/exit-codes.md).
enum class ErrorCode {
    kInvalidArgument,     // the input is wrong, and stays wrong when tried again
    kNotFound,            // what was named does not exist
    kFailedPrecondition,  // the world is not in the state that the call needs (stale plan, open
                          // journal)
    kConflict,            // somebody else holds it
    kPermissionDenied,    // the operating system or the server says no
    kUnavailable,         // no connection
    kDeadlineExceeded,    // a named bound on waiting ran out
    kExhausted,           // disk full, too many connections, a limit reached
    kDataLoss,            // a file is torn, truncated or edited
    kUnsupported,         // this build, version or platform cannot
    kRolledBack,          // applied, found wanting, taken back
    kRollbackFailed,      // could not be taken back: a person must act
    kCancelled,           // a person said no, or interrupted
    kInternal,            // a mistake in hone
};

// What a mutating call leaves behind when it fails.
enum class Outcome {
    kNotApplied,  // nothing changed
    kApplied,     // the change is there, although a later step failed
    kUnknown,     // it may be there: read back before going on
};

std::string_view to_string(ErrorCode code);
std::string_view to_string(Outcome outcome);

class [[nodiscard]] Error {
  public:
    // `tried`: what was attempted ("reading '/etc/x'"); `wrong`: what happened; `advice`: what a
    // person can do (may be empty).
    Error(ErrorCode code, std::string tried, std::string wrong, std::string advice = {});

    ErrorCode code() const { return code_; }
    Outcome outcome() const { return outcome_; }
    const std::string& tried() const { return tried_; }
    const std::string& wrong() const { return wrong_; }
    const std::string& advice() const { return advice_; }
    // Five characters, or empty where the server did not speak.
    const std::string& sqlstate() const { return sqlstate_; }
    // Outermost context last: what the callers were doing.
    const std::vector<std::string>& context() const { return context_; }

    Error&& with_outcome(Outcome outcome) &&;
    Error&& with_sqlstate(std::string sqlstate) &&;
    Error&& with_advice(std::string advice) &&;
    Error&& with_context(std::string doing) &&;

    // One line: "applying the plan: reading '/x': No such file or directory: check the path".
    std::string message() const;

  private:
    ErrorCode code_;
    Outcome outcome_ = Outcome::kNotApplied;
    std::string tried_;
    std::string wrong_;
    std::string advice_;
    std::string sqlstate_;
    std::vector<std::string> context_;
};

// The one place where errno becomes an Error. EACCES, EPERM, EROFS: permission; ENOENT: not found;
// ENOSPC, EDQUOT, EMFILE: exhausted.
Error error_from_errno(int error_number, std::string tried, std::string advice = {});

}  // namespace hone
