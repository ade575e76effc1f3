#include "base/error.hpp"

#include <cerrno>
#include <cstring>

namespace hone {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidArgument:
            return "invalid_argument";
        case ErrorCode::kNotFound:
            return "not_found";
        case ErrorCode::kFailedPrecondition:
            return "failed_precondition";
        case ErrorCode::kConflict:
            return "conflict";
        case ErrorCode::kPermissionDenied:
            return "permission_denied";
        case ErrorCode::kUnavailable:
            return "unavailable";
        case ErrorCode::kDeadlineExceeded:
            return "deadline_exceeded";
        case ErrorCode::kExhausted:
            return "exhausted";
        case ErrorCode::kDataLoss:
            return "data_loss";
        case ErrorCode::kUnsupported:
            return "unsupported";
        case ErrorCode::kRolledBack:
            return "rolled_back";
        case ErrorCode::kRollbackFailed:
            return "rollback_failed";
        case ErrorCode::kCancelled:
            return "cancelled";
        case ErrorCode::kInternal:
            return "internal";
    }
    return "internal";
}

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::kNotApplied:
            return "not_applied";
        case Outcome::kApplied:
            return "applied";
        case Outcome::kUnknown:
            return "unknown";
    }
    return "unknown";
}

Error::Error(ErrorCode code, std::string tried, std::string wrong, std::string advice)
    : code_(code), tried_(std::move(tried)), wrong_(std::move(wrong)), advice_(std::move(advice)) {}

Error&& Error::with_outcome(Outcome outcome) && {
    outcome_ = outcome;
    return std::move(*this);
}

Error&& Error::with_sqlstate(std::string sqlstate) && {
    sqlstate_ = std::move(sqlstate);
    return std::move(*this);
}

Error&& Error::with_advice(std::string advice) && {
    advice_ = std::move(advice);
    return std::move(*this);
}

Error&& Error::with_context(std::string doing) && {
    context_.push_back(std::move(doing));
    return std::move(*this);
}

std::string Error::message() const {
    std::string text;
    for (auto doing = context_.rbegin(); doing != context_.rend(); ++doing) text += *doing + ": ";
    text += tried_ + ": " + wrong_;
    if (!advice_.empty()) text += ": " + advice_;
    return text;
}

namespace {

ErrorCode code_for_errno(int error_number) {
    switch (error_number) {
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorCode::kPermissionDenied;
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::kNotFound;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return ErrorCode::kExhausted;
        case EINVAL:
        case EISDIR:
        case ELOOP:
        case ENAMETOOLONG:
            return ErrorCode::kInvalidArgument;
        case ECONNREFUSED:
            return ErrorCode::kUnavailable;
        case ETIMEDOUT:
            return ErrorCode::kDeadlineExceeded;
        default:
            return ErrorCode::kInternal;
    }
}

const char* advice_for_errno(int error_number) {
    switch (error_number) {
        case EACCES:
        case EPERM:
            return "run hone as the user who owns it, or as root";
        case EROFS:
            return "the file system is mounted read-only: remount it, or name another folder";
        case ENOSPC:
            return "the file system is full: free space and try again";
        case EDQUOT:
            return "the disk quota is used up: free space and try again";
        case ENOENT:
            return "check the path";
        default:
            return "";
    }
}

}  // namespace

Error error_from_errno(int error_number, std::string tried, std::string advice) {
    if (advice.empty()) advice = advice_for_errno(error_number);
    return {code_for_errno(error_number), std::move(tried), std::strerror(error_number),
            std::move(advice)};
}

}  // namespace hone
